// The signs that occur in the picture of a step-through, each with what it means.
import { button, make } from "../page/elements.js";

/**
 * @type {Record<string, { words: string, sign?: string, mark?: string, selector?: string }>} selector: of the parts that
 * have the sign; mark: the letter by which it is found in the texts, where that is not the sign
 */
const SIGNS = {
  now: { words: "at work" },
  receiving: { words: "receives" },
  "to-come": { words: "to come" },
  positive: { words: "+ raises the result" },
  negative: { words: "− lowers it" },
  closed: { words: "gate closed: nothing flows", selector: "g.link:is(.closed, .gated)" },
  none: { words: "no derivative", selector: "g.link.none" },
  stack: { words: "a function that opens", selector: "g.card.composition" },
  output: { words: "the result", selector: "g.card.output" },
  nonfinite: { words: "not a finite number", selector: "g.card.nonfinite" },
  rounded: { words: "only the shown digits differ", sign: "≈" },
  inside: { words: "step 3 inside v₁₂", sign: "v₁₂₍₃₎", mark: "₍" },
};

/**
 * The list, and a button that shows it where it has no room of its own.
 * @param {SVGSVGElement} svg
 * @param {any} data of the page
 * @returns {[HTMLUListElement, HTMLButtonElement]}
 */
export function legend(svg, data) {
  const text = JSON.stringify([data.cards, data.pieces, data.moments]);
  const occurring = Object.entries(SIGNS).filter(([, { selector, sign, mark = sign }]) =>
    (!selector || svg.querySelector(selector)) && (!mark || text.includes(mark)));
  const output = data.cards.find((/** @type {string | null} */ _, /** @type {number} */ card) => svg.querySelector(`g.card.output[data-index="${card}"]`));
  if (output && output !== data.symbol) occurring.push(["symbol", { words: output, sign: `${data.symbol} =` }]);
  const list = make("ul", { class: "legend", "aria-label": "What the marks mean" },
    ...occurring.map(([kind, { words, sign = "" }]) => make("li", { class: kind }, make("i", { "aria-hidden": "true" }, sign), words)));
  const opener = button("Signs", () => opener.setAttribute("aria-expanded", String(list.classList.toggle("shown"))),
    { class: "signs", "aria-expanded": "false", title: "What the marks mean" });
  return [list, opener];
}
