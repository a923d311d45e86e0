// The sweep of an edited record as data of the step-through: the values, then back edge by edge.
import { numberText } from "../page/numbers.js";
import { isConstant, nameText, nodeOf } from "./graph_record.js";

const MOST_PATHS = 50; // with more they are only counted

/**
 * @typedef {import("./evaluate_graph.js").Evaluation} Evaluation
 * @typedef {import("./graph_record.js").Graph} Graph
 */

/** How derivatives write the output: a letter as it is, another name as L. @param {Evaluation} found */
export function symbolOf({ output, names }) {
  const name = names.get(output);
  return /^[^\W\d_]_?\d*$/.test(name) || [...names.values()].includes("L") ? nameText(name) : "L";
}

/** The name of a node, of a constant its number. @type {(node: import("./graph_record.js").GraphNode, found: Evaluation) => string} */
export const shownName = (node, found) => (isConstant(node) ? numberText(node.number) : nameText(found.names.get(node.id)));

/**
 * Cards are the nodes of the record in their order, links its edges.
 * @param {Graph} graph
 * @param {Evaluation} found
 */
export function sweepData(graph, found) {
  const cardOf = new Map(graph.nodes.map(({ id }, card) => [id, card]));
  const computed = [...found.order, ...found.others].filter((id) => nodeOf(graph, id).operation || found.variable.has(id));
  const change = (/** @type {number} */ id, /** @type {string} */ what) => [cardOf.get(id), what, "", "ink"];
  const moments = computed.map((id) => ["forward", cardOf.get(id), null, null, "", [], found.values.has(id) ? [change(id, "value")] : []]);
  if (found.grads.size) {
    moments.push(["backward", cardOf.get(found.output), null, null, "", [], [change(found.output, "grad")]]);
    for (const id of found.order.toReversed()) {
      found.edges.forEach(({ tail, head, carries }, link) => {
        if (head === id && carries) moments.push(["backward", cardOf.get(id), cardOf.get(tail), link, "", [], [change(tail, "grad")]]);
      });
    }
  }
  const ofOrder = (/** @type {(id: number) => boolean} */ test) => found.order.filter((id) => found.variable.has(id) && test(id)).map((id) => cardOf.get(id));
  return { moments, cards: graph.nodes.map((node) => shownName(node, found)), links: found.edges.map(({ tail, head }) => [cardOf.get(tail), cardOf.get(head)]),
    symbol: found.output === null ? "L" : symbolOf(found), output: cardOf.get(found.output) ?? -1, small: 12, expression: {}, pieces: /** @type {any[]} */ ([]), numbers: numbersFor(graph, found),
    inputs: ofOrder((id) => !nodeOf(graph, id).operation), others: ofOrder((id) => Boolean(nodeOf(graph, id).operation)), sequence: ofOrder(() => true).toReversed(), mostPaths: MOST_PATHS,
    program: { leaves: graph.nodes.flatMap(({ operation, label }, card) => (!operation && label ? [card] : [])) } };
}

/**
 * Values and gradients by card, and what each link carries, as `numbersOf` reads them.
 * @param {Graph} graph
 * @param {Evaluation} found
 * @returns {{ values: Record<string, number>, grads: Record<string, number>, links: Record<string, [any, any, string?]> }}
 */
export function numbersFor(graph, found) {
  const byCard = (/** @type {Map<number, number>} */ numbers) => Object.fromEntries(graph.nodes.flatMap(({ id }, card) => (numbers.has(id) ? [[card, numbers.get(id)]] : [])));
  return { values: byCard(found.values), grads: byCard(found.grads),
    links: Object.fromEntries(found.edges.flatMap(({ partial, contribution, blocked, carries }, link) =>
      (carries && found.grads.size ? [[link, [partial, contribution, blocked]]] : []))) };
}
