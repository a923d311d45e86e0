import assert from "node:assert/strict";
import test from "node:test";
import { addNumber, addOperation, connect, disconnect, remove, setCount, setLabel, setOperation } from "../../../autograd_core/show/builder/edit_graph.js";
import { EditHistory } from "../../../autograd_core/show/builder/edit_history.js";
import { evaluateGraph } from "../../../autograd_core/show/builder/evaluate_graph.js";
import { EMPTY, nameText, namesOf, nodeOf, orderOf, outputOf } from "../../../autograd_core/show/builder/graph_record.js";
import { mistakenPartials } from "../../../autograd_core/show/builder/mistaken_partials.js";
import { placeCards } from "../../../autograd_core/show/builder/place_cards.js";
import { pythonCode } from "../../../autograd_core/show/builder/python_code.js";
import { readProgram } from "../../../autograd_core/show/builder/read_program.js";
import { sweepData } from "../../../autograd_core/show/builder/sweep_steps.js";
import { Sweep } from "../../../autograd_core/show/stepper/sweep.js";
import { writeProgram } from "../../../autograd_core/show/builder/write_program.js";

// A small table of the same form as that of the page: a tape of value and partials each.
const two = { operations: ["add"], tape: [null, null, null, [0, 0, 1], 1], value: 3, edges: [[4, 2, 4], [4, 2, 4]], kinks: [], text: "\ue000 + \ue001", formula: "", derivatives: ["1", "1"] };
const sum = { symbol: "+", group: "arithmetic", words: [], operator: true, binding: [10, 10, 16], code: "\ue000 + \ue001", takesList: false, kink: "", forms: { 2: two } };
const product = { ...two, operations: ["multiply"], tape: [null, null, null, [0, 0, 1], 1, [0, 2, 1], [0, 2, 0]], edges: [[1, 5, 4], [0, 6, 4]], text: "\ue000 · \ue001", derivatives: ["\ue001", "\ue000"] };
const one = { operations: ["exp", "multiply"], tape: [null, null, [0, 0], 1, [1, 0, 2], [1, 1, 2]], value: 2, edges: [[2, 5, 3]], kinks: [], text: "exp(\ue000)", formula: "", derivatives: ["\ue001"], mistakes: [[0, "\ue000 · \ue001", 0]], wrong: [4] };
const minus = { ...one, operations: ["negative"], tape: [null, null, [0, 0], -1, 1, [0, 1]], edges: [[3, 5, 4]], text: "−\ue000", derivatives: ["−1"] };
const power = { ...product, operations: ["power"], edges: [null, null] };
const table = { aliases: { e: "exp" }, operations: {
  add: sum, subtract: { ...sum, code: "\ue000 - \ue001" }, multiply: { ...sum, binding: [20, 15, 21], code: "\ue000 * \ue001", forms: { 2: product } },
  power: { ...sum, binding: [40, 41, 40], code: "\ue000**\ue001", forms: { 2: power } }, negative: { ...sum, binding: [15, 21], code: "-\ue000", forms: { 1: minus } },
  exp: { ...sum, group: "functions", kindsOfMistakes: [["wrong derivative of a function", "what is the rule?"]], operator: false, binding: [100], code: "", forms: { 1: one } },
  mean: { ...sum, group: "lists", operator: false, binding: [100], code: "", takesList: true, forms: { 1: one, 2: two, 3: two } },
} };

const read = (text, before = EMPTY) => readProgram(text, table, before);
const written = (text) => writeProgram(read(text), table);

test("a program is written as it was read, with the brackets that it needs", () => {
  for (const text of ["x = 2\nexp(x) + 1", "x = 3\nx * (x + 2) * (-(x * x))", "x = 1\n-x**2 + (-x)**2", "x = 2\nx - (x - 1)", "x = -0.5\nx * (-2)", "x = 1\n-(2) + x",
    "exp(?) + ?", "a = 1\ns = a + a\ny = s * s", "a = 1\nv1 = exp(a)\nv1 * v1", "a = 1\ny = exp(a)\nz = y + 1\ny", "x = 1\nmean(x, 2, ?)"]) assert.equal(written(text), text);
});

test("names without a number are inputs, and keep the number they had", () => {
  assert.equal(written("w*x"), "w = 1\nx = 1\nw * x");
  assert.equal(writeProgram(read("w*x + 1", read("w = 5; w*w")), table), "w = 5\nx = 1\nw * x + 1");
});

test("what is wrong is said with its place", () => {
  const problem = (text) => {
    try {
      read(text);
    } catch (error) {
      return `${error.line}:${error.at} ${error.message}`;
    }
    return "";
  };
  assert.match(problem("2x"), /^0:1 a product needs its sign/);
  assert.match(problem("x = 1\ny = x^2"), /^1:5 for a power write \*\*/);
  assert.match(problem("x +"), /^0:3 something must follow/);
  assert.match(problem("expo(x)"), /^0:0 there is no function "expo": did you mean exp\?/);
  assert.match(problem("exp(x, 2)"), /^0:0 exp takes 1 input/);
  assert.match(problem("exp x"), /^0:0 a function takes brackets/);
  assert.match(problem("a = b + 1\nb = a + 1"), /^1:4 a circle: a needs b needs a/);
  assert.match(problem("x = 1\nx = 2"), /^1:0 "x" has a value already/);
  assert.match(problem("exp = 2"), /is a function: choose another name/);
  assert.match(problem("lambda + 1"), /keyword of Python/);
  assert.match(problem("(x + 1"), /a bracket is not closed/);
  assert.match(problem("1e400"), /does not fit float64/);
  assert.match(problem("(".repeat(80)), /64 levels/);
});

test("an operation is added around a node, and a constant belongs to one input", () => {
  const { graph, id } = addOperation(read("x = 2\nexp(x)"), table, "add", outputOf(read("x = 2\nexp(x)")));
  assert.equal(writeProgram(graph, table), "x = 2\nexp(x) + ?");
  const constant = addNumber(graph, false, 7);
  const once = connect(constant.graph, constant.id, id, 1);
  assert.equal(writeProgram(once, table), "x = 2\nexp(x) + 7");
  const twice = connect(once, constant.id, id, 0);
  assert.equal(writeProgram(twice, table), "x = 2\nexp(x)\n7 + 7");
  assert.equal(new Set(nodeOf(twice, id).inputs).size, 2);
});

test("a circle is refused, with the way round", () => {
  const graph = read("x = 2\na = exp(x)\nb = a + 1");
  const [a, b] = ["a", "b"].map((name) => graph.nodes.find(({ label }) => label === name).id);
  assert.deepEqual(connect(graph, b, a, 0), { node: a, why: "a circle: b needs a, and a would need b." });
  assert.deepEqual(connect(graph, a, a, 0), { node: a, why: "a circle: a would need itself." });
});

test("what is deleted leaves a missing input, and takes its constants along", () => {
  const graph = read("x = 2\na = x * 3\nb = a + 1");
  const a = graph.nodes.find(({ label }) => label === "a").id;
  assert.equal(writeProgram(remove(graph, a), table), "x = 2\nb = ? + 1");
  const b = graph.nodes.find(({ label }) => label === "b").id;
  assert.equal(writeProgram(disconnect(graph, b, 1), table), "x = 2\na = x * 3\nb = a + ?");
  assert.equal(writeProgram(setOperation(graph, table, b, "exp"), table), "x = 2\na = x * 3\nb = exp(a)");
  assert.equal(writeProgram(setCount(setOperation(graph, table, b, "mean"), table, b, 3), table), "x = 2\na = x * 3\nb = mean(a, 1, ?)");
});

test("a name makes an input of a number, and is given once", () => {
  const graph = read("x = 2\nx + 3");
  const three = graph.nodes.find(({ number }) => number === 3).id;
  assert.equal(writeProgram(setLabel(graph, table, three, "b"), table), "x = 2\nb = 3\nx + b");
  assert.match(setLabel(graph, table, three, "x").why, /another node/);
  assert.match(setLabel(graph, table, three, "exp").why, /is a function/);
});

test("nodes have the names and the order of the engine", () => {
  const graph = read("x = 2\nw = 3\nexp(w*x) + w");
  const names = namesOf(graph);
  assert.deepEqual(orderOf(graph, [outputOf(graph)]).map((id) => names.get(id)), ["w", "x", "v1", "v2", "out"]);
  assert.equal(nameText("w12"), "w₁₂");
  assert.equal(nameText("loss2"), "loss2");
});

test("a missing input leaves everything above it without a value, and says why", () => {
  const graph = read("x = 2\na = x * ?\nb = exp(a)\nc = b + 1");
  const found = evaluateGraph(graph, table);
  const why = Object.fromEntries([...found.why].map(([id, words]) => [found.names.get(id), words]));
  assert.deepEqual(why, { a: "its second input is missing", b: "in a the second input is missing", c: "in a the second input is missing" });
  assert.equal(found.grads.size, 0);
  assert.deepEqual(sweepData(graph, found).moments.map(([phase]) => phase), ["forward", "forward", "forward", "forward"]);
});

test("contributions are summed where edges meet, in the order of the sweep", () => {
  const graph = read("x = 3\nx * x + x");
  const found = evaluateGraph(graph, table);
  const x = graph.nodes.find(({ label }) => label === "x").id;
  assert.equal(found.grads.get(x), 7);
  const data = sweepData(graph, found);
  assert.deepEqual(data.moments.filter(([phase]) => phase === "backward").map(([, node, source]) => [data.cards[node], data.cards[source]]),
    [["out", undefined], ["out", "v₁"], ["out", "x"], ["v₁", "x"], ["v₁", "x"]]);
});

test("another output is chosen by its name in the last line", () => {
  const found = evaluateGraph(read("x = 3\ny = x * x\nexp(y)\ny"), table);
  assert.equal(found.names.get(found.output), "y");
});

test("states go back and forward; edits of one kind are one", () => {
  const history = new EditHistory("a");
  history.add("b");
  history.add("c1", "number 1");
  history.add("c2", "number 1");
  assert.deepEqual(history.states, ["a", "b", "c2"]);
  history.move(-1);
  assert.equal(history.now, "b");
  assert.ok(history.canUndo && history.canRedo);
  history.add("d");
  assert.deepEqual(history.states, ["a", "b", "d"]);
});

test("cards lie in layers without overlap, and edges pass between them", () => {
  const size = { width: 100, height: 60 };
  const { boxes, ways } = placeCards([{ ...size, inputs: [], rank: 0 }, { ...size, inputs: [0], rank: 1 }, { ...size, inputs: [1, 0], rank: 2 }, { ...size, inputs: [null], rank: 3 }]);
  assert.ok(boxes[0].x < boxes[1].x && boxes[1].x < boxes[2].x);
  assert.ok(Math.abs(boxes[3].y - boxes[0].y) >= 60 || boxes[3].x !== boxes[0].x);
  assert.deepEqual(ways.map((way) => way.length), [0, 0, 2]); // into the layer and out of it
});

test("Python names what is used several times, and imports what it calls", () => {
  assert.equal(pythonCode(read("x = 2\ns = exp(x)\ns * s + e(x)"), table).split("\n")[0], "from autograd_core import Value, exp");
  assert.equal(pythonCode(read("x = 2\nx + ?"), table), "");
});

test("a wrong rule of the table gives a number, with the mistake behind it", () => {
  const graph = read("x = 2\ny = exp(x)");
  const found = evaluateGraph(graph, table);
  const [{ number, mistake }] = mistakenPartials(graph, table, found, new Sweep(sweepData(graph, found)), 0);
  assert.equal(number, 2 * Math.exp(2));
  assert.equal(mistake.sentence, "the derivative of y = exp(x) with respect to x was taken to be x · y");
});
