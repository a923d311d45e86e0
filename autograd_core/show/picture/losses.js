// The terms of a loss that is a mean, as the loss of each position: each with a bar as long as it is large.
import { make } from "../page/elements.js";
import { numberText, sumOf } from "../page/numbers.js";
import { lossTerms } from "./contributions.js";

const MOST = 24;
const NEAR = 1e-9;

/**
 * Nothing where the root adds up no terms of several operations each.
 * @param {import("./graph.js").ColumnGraph} graph
 * @returns {Element[]}
 */
export function lossesOf(graph) {
  const { nodes } = lossTerms(graph);
  const isLoss = (/** @type {number} */ node) => graph.arity[node] > 0 && graph.value[node] >= 0;
  if (nodes.length < 2 || nodes.length > MOST || !nodes.every(isLoss)) return [];
  const largest = Math.max(...nodes.map((node) => graph.value[node]));
  const lines = nodes.map((node, place) => make("li", {},
    make("button", { type: "button", "data-go": node, style: `--share:${largest ? (100 * graph.value[node]) / largest : 0}%` }, `loss ${place + 1}: `, make("b", {}, numberText(graph.value[node])))));
  const sum = sumOf(nodes.map((node) => graph.value[node]));
  const isTotal = (/** @type {number} */ total) => Math.abs(total - graph.value[graph.root]) <= NEAR * Math.abs(total);
  const is = isTotal(sum) ? "adds up" : isTotal(sum / nodes.length) ? "is the mean of" : "is computed from";
  return [make("h3", {}, `${graph.nameOf(graph.root)} ${is} ${nodes.length} terms`), make("ol", { class: "origins losses" }, ...lines)];
}
