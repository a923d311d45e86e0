// The parts of a step-through that belong together: cards, edges, terms of formulas, and lines of the derivation.
import { all } from "../page/elements.js";
import { partsOfCards } from "../page/lighting.js";

/**
 * The parts that belong to an element.
 * @param {HTMLElement} root
 * @param {import("./sweep.js").Sweep} sweep
 * @param {import("./graph_picture.js").GraphPicture} picture
 * @param {Element} target
 */
export function partsAt(root, sweep, picture, target) {
  /** @type {(link: number) => (Element | undefined)[]} */
  const edge = (link) => {
    const { tail, tip, step } = sweep.links[link];
    const { group, label } = picture.links[link];
    return [...partsOfCards(root, [tail, tip]), group, label, ...lines([step])];
  };
  const lines = (/** @type {number[]} */ steps) => steps.flatMap((step) => all(root, `[data-step-number="${step}"]`));
  const cardAndLines = (/** @type {number} */ card) => [...partsOfCards(root, [card]), ...lines(sweep.cards[card]?.steps ?? [])];
  const group = /** @type {any} */ (target.closest("g.link, g.carried"));
  if (group) return edge(picture.links.findIndex((drawn) => drawn.group === group || drawn.label === group));
  const term = /** @type {HTMLElement | null} */ (target.closest("g.card, [data-card]"));
  if (term) return cardAndLines(Number(term.dataset.card ?? term.dataset.index));
  const line = /** @type {HTMLElement | null} */ (target.closest("[data-step-number]"));
  const step = line ? sweep.steps[+line.dataset.stepNumber] : target.closest(".formulas > div") && sweep.step;
  if (!step) return [];
  return step.link === null ? cardAndLines(step.node) : edge(step.link);
}
