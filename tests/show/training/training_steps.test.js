import assert from "node:assert/strict";
import test from "node:test";
import { TrainingSteps } from "../../../autograd_core/show/training/training_steps.js";

// (w - 3)^2, and plain steps against its gradient: what a runner of a program gives.
const runner = {
  run: ([w]) => ({ values: Float64Array.of((w - 3) ** 2, 2 * (w - 3)), byRow: [] }),
  trainSteps(given, data, count, update) {
    const [w] = update.columns[0];
    if (!Number.isFinite(w)) return { done: 0, start: 0 };
    update.columns[0][0] = w - update.given[0] * 2 * (w - 3);
    return { done: 1, start: 0 };
  },
};
const begun = (rate = 0.1) => {
  const steps = new TrainingSteps();
  steps.setProblem({ runner, rest: [], data: [[1]], count: 1, batch: 1 });
  steps.begin(Float64Array.of(0), { runner, shared: 0, each: 0 }, rate);
  return steps;
};

test("steps lead forward and back, and a change is made at its step", () => {
  const steps = begun();
  steps.advance(2);
  const [after] = steps.parameters;
  steps.advance(1);
  steps.set(0, 10);
  assert.deepEqual(steps.changes, [{ step: 3, parameter: 0, value: 10 }]);
  assert.ok(steps.back());
  assert.equal(steps.parameters[0], after);
  assert.deepEqual(steps.changes, []);
  assert.equal(steps.valueAt(Float64Array.of(5)), 4);
});

test("the path has the parameters of its steps, the start and at most 200 points", () => {
  const steps = begun(0.001);
  steps.advance(5000);
  assert.ok(steps.path.length <= 200 && steps.path.length > 90);
  for (const { step, parameters } of steps.path) {
    const exact = 3 - 3 * 0.998 ** step;
    assert.ok(Math.abs(parameters[0] - exact) < 1e-9);
  }
  assert.equal(steps.path[0].step, 0);
  steps.back();
  assert.ok(steps.path.every(({ step }) => step <= 4999));
});

test("a step that is not finite is made with care, or ends the training", () => {
  const steps = begun();
  steps.set(0, NaN);
  assert.equal(steps.advance(3), 0);
  assert.match(steps.problem, /no longer a finite number/);
  const careful = begun();
  careful.careful = { ...runner, trainSteps: (given, data, count, update) => { update.columns[0][0] = 1; return { done: 1, start: 0 }; } };
  careful.set(0, NaN);
  assert.equal(careful.advance(1), 1);
  assert.equal(careful.parameters[0], 1);
});
