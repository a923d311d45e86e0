// What the pointer or the focus is on, lit wherever it stands: in the picture, in formulas, in tables and lists.
import { all, draw } from "./elements.js";

/**
 * Calls `attend` with the element that the pointer or the focus comes to, and with null where it leaves; after the
 * pointer has left, with the one that has the focus.
 * @param {HTMLElement} root
 * @param {(target: Element | null, byFocus: boolean) => void} attend
 */
export function listenFor(root, attend) {
  const comesTo = (/** @type {Event} */ { target, type }) => attend(/** @type {Element} */ (target), type === "focusin");
  for (const name of ["pointerover", "focusin"]) root.addEventListener(name, comesTo);
  root.addEventListener("pointerleave", () => attend(root.contains(document.activeElement) ? document.activeElement : null, false));
  root.addEventListener("focusout", () => attend(null, true));
}

/**
 * Lights all parts that belong to the element that is pointed at.
 * @param {HTMLElement} root
 * @param {(target: Element) => (Element | undefined)[]} partsOf
 */
export function lightUp(root, partsOf) {
  /** @type {Element[]} */
  let lit = [];
  listenFor(root, (target) => {
    const parts = (target ? partsOf(target) : []).filter(Boolean);
    for (const part of lit) part.classList.toggle("lit", parts.includes(part));
    for (const part of parts) part.classList.add("lit");
    lit = parts;
  });
}

/**
 * Edges that are easy to point at: each has a wide line that is not seen.
 * @param {SVGSVGElement} svg
 */
export function widenLinks(svg) {
  for (const link of all(svg, "g.link")) link.append(draw("path", { class: "touch", d: link.querySelector("path").getAttribute("d") }));
}

/**
 * The cards of a picture, and all that names them: elements whose data-card has the number of a card, or of several.
 * @param {Element} root
 * @param {Iterable<string | number>} cards
 */
export const partsOfCards = (root, cards) => [...cards].flatMap((card) => all(root, `g.card[data-index="${card}"], [data-card~="${card}"]`));

/**
 * The parts that belong to a card, an edge, or an element with data-card.
 * @param {Element} root
 * @param {Element} target
 */
export function partsAt(root, target) {
  const at = /** @type {HTMLElement | null} */ (target.closest("g.card, g.link, [data-card]"));
  if (!at) return [];
  const { index, tail, head, card } = at.dataset;
  const cards = card ? card.split(" ") : tail ? [tail, head] : [index];
  const links = cards.length > 1 ? all(root, `g.link[data-tail="${cards[0]}"][data-head="${cards[1]}"]`) : [];
  return [...partsOfCards(root, cards), ...links];
}
