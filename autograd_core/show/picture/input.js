// Pointer and keyboard on a folded graph: cards are selected, boxes open and close, arrow keys go from card to card.
import { directionOf, neighbour } from "../page/card_focus.js";

/** @typedef {import("./folded_view.js").FoldedView} FoldedView */

/** @param {FoldedView} view */
export function listen(view) {
  view.root.addEventListener("click", (event) => click(view, /** @type {Element} */ (event.target)));
  view.picture.addEventListener("dblclick", (event) => toggleAt(view, /** @type {Element} */ (event.target)));
  view.picture.addEventListener("keydown", (event) => cardKey(view, event));
}

/**
 * @param {FoldedView} view
 * @param {Element} target
 */
function click(view, target) {
  const pressed = /** @type {HTMLElement | null} */ (target.closest("[data-act], [data-go], [data-open], .sign, .card"));
  if (!pressed) return;
  if (pressed.dataset.go) view.select(+pressed.dataset.go, true);
  else if (pressed.dataset.act) view.openTo(+pressed.dataset.act.split(" ")[1]);
  else if (pressed.dataset.open) view.toggle(+pressed.dataset.open - view.graph.nodes);
  else if (pressed.classList.contains("sign")) toggleAt(view, target);
  else view.select(+pressed.dataset.unit, false);
}

/**
 * @param {FoldedView} view
 * @param {Element} target
 */
function toggleAt(view, target) {
  const card = /** @type {SVGElement | null} */ (target.closest(".card"));
  const frame = /** @type {SVGElement | null} */ (target.closest("g.frame"));
  if (card && view.graph.isGroup(+card.dataset.unit)) view.toggle(+card.dataset.unit - view.graph.nodes);
  else if (frame && target.closest(".sign")) view.toggle(+frame.dataset.group);
}

/**
 * @param {FoldedView} view
 * @param {KeyboardEvent} event
 */
function cardKey(view, event) {
  const card = /** @type {SVGElement | null} */ (/** @type {Element} */ (event.target).closest(".card"));
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  const { graph } = view;
  const unit = +card.dataset.unit;
  const direction = directionOf(event);
  if (direction) moveFocus(view, unit, direction);
  else if (event.key === "Enter") graph.isGroup(unit) ? view.toggle(unit - graph.nodes) : view.select(unit, true);
  else if (event.key === " ") view.select(unit, true);
  else if (event.key === "Backspace") {
    const group = graph.around(unit)[0];
    if (group) view.toggle(group);
  } else if (event.key === "/") view.finder.search.focus();
  else if (event.key === "n" || event.key === "b") view.walk.go(event.key === "n" ? 1 : -1);
  else return;
  event.preventDefault();
}

/**
 * @param {FoldedView} view
 * @param {number} unit
 * @param {import("../page/card_focus.js").Direction} direction
 */
function moveFocus(view, unit, direction) {
  const next = neighbour(unit, direction, view.sheet.layout.boxes, view.sheet.cut.links);
  if (next === undefined) return;
  view.focus(next);
  view.reveal([next]);
}
