// The terms of a loss that is a mean, as the loss of each position: each with a bar as long as it is large.
import { make } from "../page/elements.js";
import { numberText } from "../page/numbers.js";
import { lossTerms } from "./contributions.js";

const MOST = 24;

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
  return [make("h3", {}, `${graph.nameOf(graph.root)} adds up ${nodes.length} terms`), make("ol", { class: "origins losses" }, ...lines)];
}
