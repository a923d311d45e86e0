import assert from "node:assert/strict";
import test from "node:test";
import { FORWARD } from "../../../autograd_core/compiler/backends/javascript/operations.js";
import { isAtKink, run, whyNot } from "../../../autograd_core/show/stepper/operations.js";
import { numbersOf, recompute } from "../../../autograd_core/show/stepper/recompute.js";

// y = x * x at card 1, x at card 0; the tape: x, y, the seed of the sweep, one contribution, their sum.
const program = {
  operations: ["add", "multiply"], tape: [null, [1, 0, 0], 1, [1, 2, 0], [0, 3, 3]],
  cards: { 0: [0, 4], 1: [1, 2] }, links: { 0: [0, 3, 2], 1: [0, 3, 2] },
  kinks: {},
};

test("a program gives values, gradients and contributions", () => {
  assert.deepEqual(run(program, [3]), [3, 9, 1, 3, 6]);
  const numbers = recompute(program, [3]);
  assert.deepEqual(numbers.values, { 0: 3, 1: 9 });
  assert.deepEqual(numbers.grads, { 0: 6, 1: 1 });
  assert.deepEqual(numbers.links[0], { partial: 3, contribution: 3, flows: true });
  assert.equal(numbers.largest, 3);
});

test("a program with an operation that the page lacks says which", () => {
  assert.equal(whyNot(program), "");
  assert.match(whyNot({ ...program, operations: ["add", "gamma"] }), /no rule for gamma/);
});

test("numbers of the data: inf as text, no contribution where nothing flows", () => {
  const numbers = numbersOf({ values: { 0: "inf" }, grads: { 0: 2 }, links: { 0: [1, -2], 1: [0, null, "closed"] } });
  assert.equal(numbers.values[0], Infinity);
  assert.deepEqual(numbers.links[1], { partial: 0, contribution: null, flows: false, blocked: "closed" });
  assert.equal(numbers.largest, 2);
});

test("at a kink the convention is told, and only there", () => {
  /** @type {import("../../../autograd_core/show/stepper/recompute.js").Program} */
  const folded = { operations: ["abs"], tape: [null, [0, 0], 1], cards: { 0: [0, 2], 1: [1, 2] }, links: {},
    kinks: { 1: ["abs is at its kink here", [["abs", 0]]] } };
  assert.equal(recompute(folded, [-0]).kinks[1], "abs is at its kink here");
  assert.equal(recompute(folded, [1e-300]).kinks[1], "");
  assert.ok(isAtKink("floor", 3, undefined) && !isAtKink("floor", 2.5, undefined) && !isAtKink("floor", Infinity, undefined));
  assert.ok(isAtKink("maximum", 2, 2) && !isAtKink("less", NaN, NaN));
});

test("conventions of the table", () => {
  assert.equal(FORWARD.power(1, NaN), 1);
  assert.ok(Number.isNaN(FORWARD.maximum(NaN, 1)));
  assert.equal(FORWARD.where(NaN, 1, 2), 1);
  assert.ok(Math.abs(FORWARD.erf(0.5) - 0.5204998778130465) < 1e-15);
});
