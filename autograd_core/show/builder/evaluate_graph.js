// Values, partials and gradients of a record, from the tapes of its operations: the sweep of the engine.
import { isAtKink, run } from "../stepper/operations.js";
import { inputWords, isConstant, nameText, namesOf, nodeOf, orderOf, outputOf } from "./graph_record.js";

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").GraphNode} GraphNode
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {{ tail: number, head: number, place: number, partial: number | null, contribution: number | null, blocked: string, carries: boolean }} EvaluatedEdge
 *   tail, head: nodes; place: of the input; carries: whether a gradient may come back along it
 * @typedef {{ names: Map<number, string>, output: number | null, order: number[], others: number[], values: Map<number, number>,
 *   why: Map<number, string>, variable: Set<number>, edges: EvaluatedEdge[], grads: Map<number, number>, kinks: Map<number, string> }} Evaluation
 *   order: the nodes below the output and it; others: the other nodes; why: of each node without a value; variable: the nodes
 *   that depend on an input; grads: of the nodes that edges lead back to
 */

/** @type {(table: Table, node: GraphNode) => import("./graph_record.js").Form} */
export const formOf = (table, { operation, inputs }) => table.operations[operation].forms[inputs.length];

/** The registers of an operation at the values of its inputs. @type {(form: import("./graph_record.js").Form, node: GraphNode, found: Evaluation, upstream?: number) => number[]} */
export const runForm = (form, { inputs }, { values }, upstream = 1) => run(form, [...inputs.map((input) => values.get(input)), upstream]);

/**
 * @param {Graph} graph
 * @param {Table} table
 * @returns {Evaluation}
 */
export function evaluateGraph(graph, table) {
  const names = namesOf(graph);
  const output = outputOf(graph);
  const order = output === null ? [] : orderOf(graph, [output]);
  const below = new Set(order);
  const others = orderOf(graph, graph.nodes.map(({ id }) => id)).filter((id) => !below.has(id));
  /** @type {Evaluation} */
  const found = { names, output, order, others, values: new Map(), why: new Map(), variable: new Set(), edges: [], grads: new Map(), kinks: new Map() };
  for (const id of [...order, ...others]) {
    const node = nodeOf(graph, id);
    if (!node.operation) {
      found.values.set(id, node.number);
      if (!isConstant(node)) found.variable.add(id);
      continue;
    }
    if (node.inputs.some((input) => found.variable.has(input))) found.variable.add(id);
    const why = whyUnknown(node, table, found);
    if (why) {
      found.why.set(id, why);
      continue;
    }
    const form = formOf(table, node);
    const tape = runForm(form, node, found);
    found.values.set(id, tape[form.value]);
    if (form.kinks.some(([name, a, b]) => isAtKink(name, tape[a], tape[b])) && found.variable.has(id)) found.kinks.set(id, table.operations[node.operation].kink);
  }
  for (const { id, inputs } of graph.nodes) {
    inputs.forEach((tail, place) => {
      if (tail !== null) found.edges.push({ tail, head: id, place, partial: null, contribution: null, blocked: "", carries: found.variable.has(tail) });
    });
  }
  if (output !== null && found.values.has(output) && found.variable.has(output)) sweep(graph, table, found);
  return found;
}

/** @type {(node: GraphNode, table: Table, found: Evaluation) => string} */
function whyUnknown(node, table, { values, names, why }) {
  const missing = node.inputs.indexOf(null);
  if (missing >= 0) return `its ${inputWords(table, node, missing)} is missing`;
  const unknown = node.inputs.find((input) => !values.has(input));
  // The sentence of the node where something is missing goes on upwards.
  return unknown === undefined ? "" : why.get(unknown).replace(/^its/, `in ${nameText(names.get(unknown))} the`);
}

/**
 * Back from the output: contribution = upstream * partial, summed where edges meet; a closed gate is no edge.
 * @type {(graph: Graph, table: Table, found: Evaluation) => void}
 */
function sweep(graph, table, found) {
  const adjoints = new Map([[found.output, 1]]);
  const edgesInto = new Map(found.order.map((id) => [id, /** @type {EvaluatedEdge[]} */ ([])]));
  for (const edge of found.edges) edgesInto.get(edge.head)?.push(edge);
  for (const id of found.order.toReversed()) {
    const node = nodeOf(graph, id);
    const upstream = adjoints.get(id);
    found.grads.set(id, upstream ?? 0);
    if (!node.operation) continue;
    const form = formOf(table, node);
    const tape = runForm(form, node, found, upstream);
    for (const edge of edgesInto.get(id)) {
      if (!edge.carries) continue;
      const [partial, contribution, open] = form.edges[edge.place] ?? [];
      if (partial === undefined) edge.blocked = "flat: nothing flows";
      else if (tape[open] === 0) edge.blocked = "gate closed";
      else {
        edge.partial = tape[partial];
        if (upstream === undefined) edge.blocked = "nothing arrived";
        else {
          edge.contribution = tape[contribution];
          adjoints.set(edge.tail, adjoints.has(edge.tail) ? adjoints.get(edge.tail) + edge.contribution : edge.contribution);
        }
      }
    }
  }
}
