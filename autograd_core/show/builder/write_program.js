// The record as a program: a line for each input and for each node with a name, the rest in brackets where it is used.
import { fillPlaces, isConstant, namesOf, nodeOf, orderOf, outputOf, programNumber, usersOf } from "./graph_record.js";

const NEGATIVE = 15; // a number with a minus sign binds like a negation

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").GraphNode} GraphNode
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {{ text: string, binding: number }} WrittenPart
 */

/**
 * An operation on operands; Python passes some of them as a list.
 * @param {Table} table
 * @param {GraphNode} node
 * @param {WrittenPart[]} operands
 * @returns {WrittenPart}
 */
export function writeOperation(table, { operation }, operands, inPython = false) {
  const { operator, binding, code, takesList } = table.operations[operation];
  if (operator) {
    // A minus before digits alone would be read as their sign.
    const needsBrackets = (/** @type {WrittenPart} */ { text, binding: own }, /** @type {number} */ place) => own < binding[place + 1] || (operands.length === 1 && /^[\d.]/.test(text));
    const texts = operands.map((operand, place) => (needsBrackets(operand, place) ? `(${operand.text})` : operand.text));
    return { text: fillPlaces(code, texts), binding: binding[0] };
  }
  const list = operands.map(({ text }) => text).join(", ");
  return { text: takesList && inPython ? `${operation}([${list}])` : `${operation}(${list})`, binding: binding[0] };
}

/** @param {number} number @returns {WrittenPart} */
export const writeNumber = (number) => ({ text: programNumber(number), binding: number < 0 || Object.is(number, -0) ? NEGATIVE : 100 });

/**
 * The program, one statement a line. It ends with the name of the output where that was chosen.
 * @param {Graph} graph
 * @param {Table} table
 */
export function writeProgram(graph, table) {
  const users = usersOf(graph);
  const names = namesOf(graph);
  const output = outputOf(graph);
  const isRoot = (/** @type {number} */ id) => !users.get(id).length;
  /** @type {Map<number, WrittenPart>} */
  const parts = new Map();
  const lines = [];
  for (const node of graph.nodes) if (!node.operation && node.label) lines.push(`${node.label} = ${programNumber(node.number)}`);
  const roots = graph.nodes.filter(({ id }) => isRoot(id)).map(({ id }) => id);
  const last = roots.filter((id) => id === output && graph.output === null);
  for (const id of orderOf(graph, [...roots.filter((root) => !last.includes(root)), ...last])) {
    const node = nodeOf(graph, id);
    if (!node.operation) {
      parts.set(id, node.label ? { text: node.label, binding: 100 } : writeNumber(node.number));
      if (isConstant(node) && isRoot(id)) lines.push(programNumber(node.number));
      continue;
    }
    const operands = node.inputs.map((input) => (input === null ? { text: "?", binding: 100 } : parts.get(input)));
    const part = writeOperation(table, node, operands);
    const count = users.get(id).length;
    const isNamed = node.label || count > 1 || (count === 1 && id === output) || id === graph.output;
    parts.set(id, isNamed ? { text: names.get(id), binding: 100 } : part);
    if (isNamed) lines.push(`${names.get(id)} = ${part.text}`);
    else if (isRoot(id)) lines.push(part.text);
  }
  if (graph.output !== null) lines.push(names.get(output));
  return lines.join("\n");
}

/** The same in as few letters as it takes, for an address. @type {(graph: Graph, table: Table) => string} */
export const compactProgram = (graph, table) => writeProgram(graph, table).replaceAll("\n", ";").replaceAll(" ", "");
