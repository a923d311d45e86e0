// Who taught a number: the contributions of its uses, the largest first, by the terms of the loss and by the heads.
import { make } from "../page/elements.js";
import { countText, counted, magnitude } from "../page/numbers.js";
import { lossTerms, usesOf } from "./contributions.js";
import { heatTable, signedNumber } from "./panel_tables.js";

const MOST_USES = 12;
const MOST_TERMS = 24; // columns of the table

/**
 * Nothing for a number without a gradient. One use of one term is a line without tables.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} node
 * @param {(number: number) => string} digits
 * @returns {Element[]}
 */
export function teachingOf(graph, node, digits) {
  if (!graph.reached[node] || node === graph.root) return [];
  const inOrder = usesOf(graph, node);
  const uses = [...inOrder].sort((one, other) => magnitude(other.amount) - magnitude(one.amount) || one.user - other.user);
  const silent = graph.source.reduce((count, source) => count + Number(source === node), 0) - uses.length;
  const sum = make("p", {}, `Its gradient ${digits(graph.adjoint[node])} is the sum of ${counted(uses.length, "contribution")}${silent ? `; at ${counted(silent, "further use")} no gradient arrives` : ""}.`);
  const list = make("ol", { class: "origins" }, ...uses.slice(0, MOST_USES).map(({ user, amount }) =>
    make("li", {}, make("button", { type: "button", "data-go": user }, `${graph.placeName(user)}: `, signedNumber(amount)))));
  const title = make("h3", {}, "Who taught it", ...(uses.length > MOST_USES ? [`, the ${MOST_USES} largest of ${countText(uses.length)}`] : []));
  return [title, sum, list, ...byTerms(graph, uses), ...byBoxes(uses)];
}

// The contributions once more, with a column for each term of the loss.
function byTerms(graph, uses) {
  const { nodes } = lossTerms(graph);
  if (nodes.length < 2 || nodes.length > MOST_TERMS) return [];
  const shown = uses.slice(0, MOST_USES).sort((one, other) => one.user - other.user);
  const rows = shown.map(({ origins }) => nodes.map((_, term) => {
    const own = origins.filter((origin) => origin.term === term);
    return own.length ? own.reduce((sum, { amount }) => sum + amount, 0) : null;
  }));
  const found = shown.map(({ user }) => positionOf(graph, user));
  const areTold = new Set(found).size === found.length;
  const places = found.map((place, row) => (areTold && place) || String(row + 1));
  return [heatTable("By the place of use, and by the term of the loss", rows, places, nodes.map((_, term) => `loss ${term + 1}`))];
}

// What each head passed on, and what went past them all.
function byBoxes(uses) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { origins } of uses) for (const { box, amount } of origins) sums.set(box, (sums.get(box) ?? 0) + amount);
  if (sums.size < 2 && !sums.keys().next().value) return [];
  const sorted = [...sums].sort(([, one], [, other]) => magnitude(other) - magnitude(one));
  return [make("h3", {}, "Through the heads"), make("ul", { class: "origins" }, ...sorted.map(([box, amount]) => make("li", {}, `${box || "past every head"}: `, signedNumber(amount))))];
}

/**
 * The box of the position in which a number is used: position 3, or lm_head #3; none outside of such boxes.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} user
 */
const positionOf = (graph, user) => graph.around(user).map((group) => graph.nodes + group).filter((unit) => graph.kindOf(unit) === "scope")
  .map((unit) => graph.nameOf(unit)).find((name) => /^position \d+$| #\d+$/.test(name));
