// The keyboard in a picture: it is one tab stop, and arrow keys go from card to card.

/** @typedef {import("./camera.js").Box} Box */
/** @typedef {"left" | "right" | "up" | "down"} Direction */

/** @type {Record<string, Direction>} */
const KEYS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const ASIDE = 6; // up and down, a card aside is as far as one this much further on

/**
 * The direction of an arrow key.
 * @param {KeyboardEvent} event
 */
export const directionOf = (event) => KEYS[event.key];

/**
 * The nearest card: to the left and right along a link, up and down anywhere; undefined where there is none.
 * @param {number} here
 * @param {Direction} direction
 * @param {Map<number, Box>} boxes
 * @param {{ from: number, to: number }[]} links
 */
export function neighbour(here, direction, boxes, links) {
  const top = boxes.get(here).y;
  const { x, y } = middle(boxes.get(here));
  const isAlong = direction === "left" || direction === "right";
  const others = isAlong
    ? links.flatMap(({ from, to }) => (direction === "right" ? (from === here ? [to] : []) : to === here ? [from] : []))
    : [...boxes.keys()].filter((other) => (direction === "down" ? boxes.get(other).y > top : boxes.get(other).y < top));
  const distance = (/** @type {number} */ other) => {
    const there = middle(boxes.get(other));
    return Math.abs(there.y - y) + (isAlong ? 1 : ASIDE) * Math.abs(there.x - x);
  };
  return others.sort((a, b) => distance(a) - distance(b))[0];
}

/** @param {Box} box */
const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

/**
 * The one card of a picture that Tab reaches.
 * @param {Iterable<Element | undefined>} cards
 * @param {Element} card
 */
export function makeTabStop(cards, card) {
  for (const other of cards) other?.setAttribute("tabindex", other === card ? "0" : "-1");
}
