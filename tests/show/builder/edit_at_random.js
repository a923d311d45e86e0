// Makes random edits of a record, and checks after each that its program leads back to it: a program of Node for the tests.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { evaluateGraph } from "../../../autograd_core/show/builder/evaluate_graph.js";
import { EMPTY } from "../../../autograd_core/show/builder/graph_record.js";
import { readProgram } from "../../../autograd_core/show/builder/read_program.js";
import { RecordEditor } from "../../../autograd_core/show/builder/record_editor.js";
import { sweepData } from "../../../autograd_core/show/builder/sweep_steps.js";
import { compactProgram, writeProgram } from "../../../autograd_core/show/builder/write_program.js";
import { Sweep } from "../../../autograd_core/show/stepper/sweep.js";

const { table, edits, seed } = JSON.parse(readFileSync(0, "utf8"));

let state = seed;
const random = () => {
  state = (1103515245 * state + 12345) % 2147483648;
  return state / 2147483648;
};
const among = (list) => list[Math.floor(random() * list.length)];

let refused = 0;
const editor = new RecordEditor(table, readProgram("x = 2; y = relu(x) + 1", table, EMPTY), { shaped: () => {}, numbered: () => {}, refused: () => refused++ });

const sorted = (numbers) => [...numbers].map(String).sort();
const LABELS = ["x", "w", "b", "h1", "loss", "", "relu", "2a"];

function edit() {
  const { nodes } = editor.graph;
  const node = nodes.length ? among(nodes) : null;
  const place = node ? Math.floor(random() * node.inputs.length) : 0;
  const kind = random();
  const names = Object.keys(table.operations);
  editor.chosen = random() < 0.5 && node ? node.id : null;
  if (!node || kind < 0.2) editor.addOperation(among(names), node && node.inputs.length && random() < 0.5 ? { node: node.id, place } : null);
  else if (kind < 0.3) editor.addNumber(random() < 0.5, node.inputs.length && random() < 0.5 ? { node: node.id, place } : null);
  else if (kind < 0.55) editor.join(among(nodes).id, node.id, node.inputs.length && random() < 0.7 ? place : null);
  else if (kind < 0.6 && node.inputs.length) editor.disconnect(node.id, place);
  else if (kind < 0.65) editor.remove(node.id);
  else if (kind < 0.75) editor.setLabel(node.id, among(LABELS));
  else if (kind < 0.8 && node.operation) editor.setOperation(node.id, among(names));
  else if (kind < 0.85 && node.operation) editor.setCount(node.id, node.inputs.length + among([-1, 1]));
  else if (kind < 0.9) editor.setOutput(among([node.id, null]));
  else if (kind < 0.95 && !node.operation) editor.setNumber(node.id, among([-2, 0, 0.5, 3]));
  else editor.travel(among([-1, -1, 1]));
}

for (let number = 0; number < edits; number++) {
  edit();
  if (editor.graph.nodes.length > 25) editor.change(EMPTY);
  const { graph } = editor;
  const program = writeProgram(graph, table);
  const again = readProgram(compactProgram(graph, table), table, EMPTY);
  assert.equal(writeProgram(again, table), program);
  const [found, other] = [evaluateGraph(graph, table), evaluateGraph(again, table)];
  assert.deepEqual(sorted(other.values.values()), sorted(found.values.values()), program);
  assert.deepEqual(sorted(other.grads.values()), sorted(found.grads.values()), program);
  if (graph.nodes.length) new Sweep(sweepData(graph, found));
}
const last = writeProgram(editor.history.states.at(-1), table);
editor.travel(-editor.history.states.length);
assert.equal(writeProgram(editor.graph, table), "x = 2\ny = relu(x) + 1");
editor.travel(editor.history.states.length);
process.stdout.write(JSON.stringify({ refused, states: editor.history.states.length, last, now: writeProgram(editor.graph, table) }));
