import assert from "node:assert/strict";
import test from "node:test";
import { valueTest } from "../../../autograd_core/show/picture/find.js";

test("a text stands for a test of a value", () => {
  const matches = (text, numbers) => numbers.filter(valueTest(text));
  assert.deepEqual(matches("> 1.5", [1, 1.5, 2, NaN]), [2]);
  assert.deepEqual(matches("<=-2", [-3, -2, 0]), [-3, -2]);
  assert.deepEqual(matches("0.3333", [1 / 3, 0.5]), [1 / 3], "as it is shown");
  assert.deepEqual(matches("nan", [1, NaN]), [NaN]);
  assert.deepEqual(matches("inf", [1, -Infinity]), [-Infinity]);
  assert.equal(valueTest("tanh"), null);
});
