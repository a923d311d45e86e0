// The record as a program of Python that gives the same numbers.
import { isConstant, namesOf, nodeOf, orderOf, outputOf, usersOf } from "./graph_record.js";
import { writeNumber, writeOperation } from "./write_program.js";

/** A number as Python writes a float. @param {number} number */
function pythonNumber(number) {
  if (!Number.isFinite(number)) return { text: `float("${String(number).replace("Infinity", "inf").replace("NaN", "nan")}")`, binding: 100 };
  const { text, binding } = writeNumber(number);
  return { text: text === "pi" ? String(Math.PI) : /[.e]/.test(text) ? text : `${text}.0`, binding };
}

/**
 * @param {import("./graph_record.js").Graph} graph
 * @param {import("./graph_record.js").Table} table
 */
export function pythonCode(graph, table) {
  const output = outputOf(graph);
  if (output === null) return "";
  const order = orderOf(graph, [output]);
  const users = usersOf(graph);
  const names = namesOf(graph);
  const inputs = order.filter((id) => !nodeOf(graph, id).operation && !isConstant(nodeOf(graph, id)));
  /** @type {Map<number, import("./write_program.js").WrittenPart>} */
  const parts = new Map();
  const called = new Set();
  const lines = [];
  for (const id of order) {
    const node = nodeOf(graph, id);
    if (!node.operation) {
      if (node.label) lines.push(`${node.label} = Value(${pythonNumber(node.number).text}, "${node.label}")`);
      parts.set(id, node.label ? { text: node.label, binding: 100 } : pythonNumber(node.number));
      continue;
    }
    if (node.inputs.includes(null)) return "";
    const operands = node.inputs.map((input) => parts.get(input));
    // Python computes plain numbers by its own rules, which refuse 1 / 0.
    const isPlain = node.inputs.every((input) => isConstant(nodeOf(graph, input)));
    if (isPlain) operands[0] = { text: `Value(${operands[0].text})`, binding: 100 };
    if (!table.operations[node.operation].operator) called.add(node.operation);
    const part = writeOperation(table, node, operands, true);
    const isNamed = node.label || users.get(id).length > 1 || id === output;
    if (isNamed) lines.push(`${names.get(id)} = ${part.text}`);
    if (node.label) lines.push(`${names.get(id)}.label = "${node.label}"`);
    parts.set(id, isNamed ? { text: names.get(id), binding: 100 } : part);
  }
  const root = names.get(output);
  if (isConstant(nodeOf(graph, output))) return `print(${pythonNumber(nodeOf(graph, output).number).text})\n`;
  const gradients = inputs.map((id) => `print("d${root}/d${names.get(id)} =", ${names.get(id)}.grad)`);
  return [`from autograd_core import ${["Value", ...[...called].sort()].join(", ")}`, "", ...lines, `${root}.backward()`, `print("${root} =", ${root}.data)`, ...gradients, ""].join("\n");
}
