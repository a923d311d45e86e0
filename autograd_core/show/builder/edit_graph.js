// The edits of a record. Each returns another record, or a refusal: which node it is about, and why.
import { isConstant, namesOf, nameText, nextId, nodeOf, usersOf, wayBetween } from "./graph_record.js";
import { whyNoName } from "./program_parser.js";

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").GraphNode} GraphNode
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {{ node: number, why: string }} Refusal
 */

/** @type {(graph: Graph, id: number, change: Partial<GraphNode>) => Graph} */
const changed = (graph, id, change) => ({ ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) });

/** @param {Table} table @param {string} operation */
export const countsOf = (table, operation) => Object.keys(table.operations[operation].forms).map(Number);

/**
 * A new operation; `first` becomes its first input.
 * @type {(graph: Graph, table: Table, operation: string, first?: number | null) => { graph: Graph, id: number }}
 */
export function addOperation(graph, table, operation, first = null) {
  const count = countsOf(table, operation)[0] + (table.operations[operation].takesList ? 1 : 0);
  const id = nextId(graph);
  const empty = { ...graph, nodes: [...graph.nodes, { id, operation, inputs: Array(count).fill(null), number: NaN, label: "" }] };
  const joined = first === null ? empty : connect(empty, first, id, 0);
  return { graph: /** @type {Graph} */ (joined), id };
}

/** A new number; an input gets a name that is free. @type {(graph: Graph, isInput: boolean, number?: number) => { graph: Graph, id: number }} */
export function addNumber(graph, isInput, number = 1) {
  const taken = new Set(graph.nodes.map(({ label }) => label));
  const free = ["x", "w", "b", "a", "c", "y", "t"].find((name) => !taken.has(name)) ?? `x${1 + [...taken].filter((name) => /^x\d+$/.test(name)).length}`;
  const id = nextId(graph);
  return { graph: { ...graph, nodes: [...graph.nodes, { id, operation: "", inputs: [], number, label: isInput ? free : "" }] }, id };
}

/**
 * Leads an edge from a node to an input of another. A constant belongs to one input: a second one gets a copy.
 * @type {(graph: Graph, from: number, to: number, place: number) => Graph | Refusal}
 */
export function connect(graph, from, to, place) {
  const target = nodeOf(graph, to);
  const way = wayBetween(graph, to, from);
  if (way) {
    const names = namesOf(graph);
    const written = way.map((id) => nameText(names.get(id)));
    return { node: to, why: way.length === 1 ? `a circle: ${written[0]} would need itself.` : `a circle: ${written.toReversed().join(" needs ")}, and ${written[0]} would need ${written.at(-1)}.` };
  }
  const source = nodeOf(graph, from);
  if (isConstant(source) && usersOf(graph).get(from).length && target.inputs[place] !== from) {
    const copy = addNumber(graph, false, source.number);
    return connect(copy.graph, copy.id, to, place);
  }
  return changed(graph, to, { inputs: target.inputs.map((input, index) => (index === place ? from : input)) });
}

/** @type {(graph: Graph, to: number, place: number) => Graph} */
export function disconnect(graph, to, place) {
  const input = nodeOf(graph, to).inputs[place];
  const open = changed(graph, to, { inputs: nodeOf(graph, to).inputs.map((other, index) => (index === place ? null : other)) });
  // Without its user a constant would be a line of its own.
  return input !== null && isConstant(nodeOf(open, input)) ? remove(open, input) : open;
}

/** Removes a node; what used it misses an input. @type {(graph: Graph, id: number) => Graph} */
export function remove(graph, id) {
  const constants = nodeOf(graph, id).inputs.filter((input) => input !== null && isConstant(nodeOf(graph, input)));
  const nodes = graph.nodes.filter((node) => node.id !== id && !constants.includes(node.id))
    .map((node) => ({ ...node, inputs: node.inputs.map((input) => (input === id ? null : input)) }));
  return { nodes, output: graph.output === id ? null : graph.output };
}

/** @type {(graph: Graph, id: number, number: number) => Graph} */
export const setNumber = (graph, id, number) => changed(graph, id, { number });

/**
 * A number with a name is an input, one without a constant.
 * @type {(graph: Graph, table: Table, id: number, label: string) => Graph | Refusal}
 */
export function setLabel(graph, table, id, label) {
  const why = label && whyNoName(label, table);
  if (why) return { node: id, why };
  if (label && graph.nodes.some((node) => node.label === label && node.id !== id)) return { node: id, why: `"${label}" is the name of another node.` };
  if (!label && !nodeOf(graph, id).operation && usersOf(graph).get(id).length > 1) {
    return { node: id, why: "a number without a name is a constant of one operation, and this one is used several times." };
  }
  const named = changed(graph, id, { label });
  return graph.output === id && isConstant(nodeOf(named, id)) ? setOutput(named, null) : named;
}

/** The same node with another operation; of its inputs as many stay as that takes. @type {(graph: Graph, table: Table, id: number, operation: string) => Graph} */
export function setOperation(graph, table, id, operation) {
  const counts = countsOf(table, operation);
  const { inputs } = nodeOf(graph, id);
  const count = Math.min(Math.max(inputs.length, counts[0]), counts.at(-1));
  return changed(withoutInputs(graph, id, count), id, { operation, inputs: [...inputs.slice(0, count), ...Array(Math.max(0, count - inputs.length)).fill(null)] });
}

/** One input more or fewer, where the operation takes it. @type {(graph: Graph, table: Table, id: number, count: number) => Graph} */
export function setCount(graph, table, id, count) {
  const { operation, inputs } = nodeOf(graph, id);
  if (!countsOf(table, operation).includes(count)) return graph;
  if (count > inputs.length) return changed(graph, id, { inputs: [...inputs, null] });
  const fewer = withoutInputs(graph, id, count);
  return changed(fewer, id, { inputs: inputs.slice(0, count) });
}

/** The inputs from a place on are disconnected. @type {(graph: Graph, id: number, count: number) => Graph} */
function withoutInputs(graph, id, count) {
  return nodeOf(graph, id).inputs.slice(count).reduce((fewer, _, index) => disconnect(fewer, id, count + index), graph);
}

/** A constant is no output. @type {(graph: Graph, output: number | null) => Graph} */
export const setOutput = (graph, output) => (output !== null && isConstant(nodeOf(graph, output)) ? graph : { ...graph, output });

/** @param {Graph | Refusal} result @returns {result is Refusal} */
export const isRefusal = (result) => "why" in result;
