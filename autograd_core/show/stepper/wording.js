// The words and formulas of a step. They come from the page's data until an input is changed in the page.
import { numberText, productRelation, writtenSum } from "../page/numbers.js";
import { mathNumber } from "./typeset.js";

/**
 * @typedef {import("./sweep.js").Sweep} Sweep
 * @typedef {import("./sweep.js").Step} Step
 * @typedef {import("./typeset.js").Piece} Piece
 * @typedef {[string, number[], number[]?]} Formula label, pieces, and the pieces in symbols where these are not all
 */

const EQUALS = ["mo", "="];
const PRODUCT = "upstream · partial";

/**
 * @param {Sweep} sweep
 * @param {Step} step
 */
export function wordsOf(sweep, step) {
  const { now, base, names, data } = sweep;
  if (!sweep.changed) return step.words;
  const name = names[step.node];
  /** @type {(text: string, number: number) => string} */
  const before = (text, number) => `${text}; it was ${numberText(number)}.`;
  if (step.phase === "forward") return before(`${name} is now ${numberText(now.values[step.node])}`, base.values[step.node]);
  if (step.source === null) return step.words;
  const source = names[step.source];
  const edge = now.links[step.link];
  const { complete, total } = sweep.arrivedAt(step.source, sweep.steps.indexOf(step));
  const arrived = complete ? before(`d${data.symbol}/d${source} is now ${numberText(total)}`, base.grads[step.source]) : "More is to come.";
  const kink = now.kinks[step.node] ? ` ${now.kinks[step.node]}` : "";
  if (!edge.flows) return `From ${name} to ${source} nothing flows at these numbers. ${arrived}${kink}`;
  return `Back from ${name} to ${source}: upstream ${numberText(now.grads[step.node])} times partial ` +
    `${numberText(edge.partial)} is ${numberText(edge.contribution)}. ${arrived}${kink}`;
}

/**
 * The formulas of a step: an edge that a changed number has opened gets a product, one that it has closed loses it.
 * @param {Sweep} sweep
 * @param {Step} step
 * @returns {Formula[]}
 */
export function formulasOf(sweep, step) {
  if (!sweep.changed || step.link === null) return step.formulas;
  const others = step.formulas.filter(([label]) => label !== "chain rule" && label !== PRODUCT);
  if (!sweep.now.links[step.link].flows) return others;
  if (others.length < step.formulas.length) return step.formulas;
  return [others[0], [PRODUCT, [], []], ...others.slice(1)];
}

/**
 * @param {Sweep} sweep
 * @param {Step} step
 * @param {Formula} formula
 * @returns {Piece[]}
 */
export function piecesOf(sweep, step, formula) {
  return writtenPieces(sweep, step, formula).map((piece) => namedPiece(sweep, piece));
}

/**
 * A piece in which the name of a card carries its number, so that the page can light it.
 * @param {Sweep} sweep
 * @param {any} piece
 * @returns {any}
 */
function namedPiece(sweep, piece) {
  if (!Array.isArray(piece)) return piece;
  const card = sweep.cardOfName.get(JSON.stringify(piece));
  return card === undefined ? piece.map((part) => namedPiece(sweep, part)) : ["mrow", { "data-card": String(card) }, piece];
}

/**
 * @param {Sweep} sweep
 * @param {Step} step
 * @param {Formula} formula
 * @returns {Piece[]}
 */
function writtenPieces(sweep, step, [label, pieces, symbols = pieces]) {
  const { now, data } = sweep;
  const written = (sweep.changed ? symbols : pieces).map((number) => data.pieces[number]);
  if (!sweep.changed) return written;
  const edge = now.links[step.link];
  if (label === "value") return [...written, EQUALS, mathNumber(now.values[step.node])];
  if (label === "partial") return [...written, EQUALS, edge.flows ? mathNumber(edge.partial) : ["mi", "nothing flows"]];
  if (label === PRODUCT) {
    if (!edge.flows) return [["mtext", "nothing flows"]];
    const upstream = now.grads[step.node];
    return [mathNumber(upstream), ["mo", "·"], mathNumber(edge.partial, true),
      ["mo", productRelation([upstream, edge.partial], edge.contribution)], mathNumber(edge.contribution)];
  }
  if (label !== "arrived" && label !== "gradient") return written;
  const { terms, complete, total } = sweep.arrivedAt(step.source, sweep.steps.indexOf(step));
  const plus = ["mo", "+"];
  const { digits, relation } = writtenSum(terms, complete ? total : NaN);
  const sum = terms.flatMap((term, index) => (index ? [plus, mathNumber(term, true, digits)] : [mathNumber(term, false, digits)]));
  if (!complete) return [...written, ...sum, ...(sum.length ? [plus] : []), ["mo", "⋯"]];
  if (terms.length < 2) return [...written, EQUALS, mathNumber(total)];
  return [...written, EQUALS, ...sum, ["mo", relation], mathNumber(total)];
}
