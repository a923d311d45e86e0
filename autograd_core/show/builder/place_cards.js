// Places for the cards of a record, in layers from left to right or from top to bottom, and the ways of its edges.
import { assignLayers, cutAtLayers, orderRows, placeAcross } from "../picture/layers.js";

const GAP = { across: 96, down: 78 }; // between layers: room for a contribution on each edge
const MARGIN = 16;
const MISSING = { across: 62, down: 34 }; // more room before the first layer, for inputs that are missing
const EXIT = 14; // behind the last layer, to lead an edge from

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 * @typedef {{ width: number, height: number, inputs: (number | null)[], rank: number }} Size of a card, with the places of the
 *   cards it uses; rank: its place in the order of computation, and so above others in its layer
 * @typedef {[number, number]} Point
 * @typedef {{ boxes: Box[], ways: Point[][], width: number, height: number }} Places
 *   ways: of each edge, card by card and input by input, the points between its two ends: where it enters a layer that it
 *   passes, and where it leaves it
 */

/**
 * @param {Size[]} cards
 * @param {boolean} isDown whether layers lie below each other, as a narrow pane has room for them
 * @returns {Places}
 */
export function placeCards(cards, isDown = false) {
  const direction = isDown ? "down" : "across";
  // In layers, the width of a vertex is along the edges.
  const vertices = cards.map(({ width, height, rank }, index) => /** @type {any} */ ({ width: isDown ? height : width, height: isDown ? width : height, rank, layer: 0, before: [], after: [], unit: index }));
  const edges = cards.flatMap(({ inputs }, head) => inputs.flatMap((tail) => (tail === null ? [] : [{ id: 0, tail: vertices[tail], head: vertices[head], links: /** @type {any[]} */ ([]) }])));
  for (const edge of edges) {
    edge.tail.after.push(edge);
    edge.head.before.push(edge);
  }
  const rows = assignLayers(vertices);
  orderRows(rows, cutAtLayers(edges, rows));
  placeAcross(rows);
  let x = MARGIN + (rows[0]?.some(({ unit }) => cards[unit].inputs.includes(null)) ? MISSING[direction] : 0);
  for (const row of rows) {
    const thick = Math.max(0, ...row.map(({ width }) => width));
    for (const vertex of row) Object.assign(vertex, { x: x + thick / 2, start: x, end: x + thick });
    x += thick + GAP[direction];
  }
  const all = rows.flat();
  const top = Math.min(0, ...all.map(({ y, height }) => y - height / 2)) - MARGIN;
  const bottom = Math.max(0, ...all.map(({ y, height }) => y + height / 2)) + MARGIN;
  const turned = (/** @type {number} */ along, /** @type {number} */ aside) => /** @type {Point} */ (isDown ? [aside, along] : [along, aside]);
  const boxes = vertices.map(({ x: middle, y, width, height, unit }) => {
    const [left, above] = turned(middle - width / 2, y - height / 2 - top);
    return { x: left, y: above, width: cards[unit].width, height: cards[unit].height };
  });
  const ways = edges.map(({ tail, head }) => {
    const through = tail.ways?.get(0) ?? [];
    return through.slice(0, head.layer - tail.layer - 1).flatMap((/** @type {any} */ { to }) => [to.start, to.end].map((along) => turned(along, to.y - top)));
  });
  const [width, height] = turned(x - GAP[direction] + MARGIN + EXIT, bottom - top);
  return { boxes, ways, width, height };
}
