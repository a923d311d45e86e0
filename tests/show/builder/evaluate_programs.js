// Reads programs from the input, and writes their values, gradients and what they are in Python: a program of Node for the tests.
import { readFileSync } from "node:fs";
import { evaluateGraph } from "../../../autograd_core/show/builder/evaluate_graph.js";
import { EMPTY } from "../../../autograd_core/show/builder/graph_record.js";
import { pythonCode } from "../../../autograd_core/show/builder/python_code.js";
import { readProgram } from "../../../autograd_core/show/builder/read_program.js";
import { writeProgram } from "../../../autograd_core/show/builder/write_program.js";

const { table, programs } = JSON.parse(readFileSync(0, "utf8"));

const numbers = (found, map) => Object.fromEntries([...map].map(([id, number]) => [found.names.get(id), String(number)]));

process.stdout.write(JSON.stringify(programs.map((program) => {
  const graph = readProgram(program, table, EMPTY);
  const found = evaluateGraph(graph, table);
  return { values: numbers(found, found.values), grads: numbers(found, found.grads), output: found.names.get(found.output),
    kinks: [...found.kinks.values()], program: writeProgram(graph, table), python: pythonCode(graph, table) };
})));
