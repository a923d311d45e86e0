import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, columnOf, numberOf } from "../../../autograd_core/show/page/data.js";

test("columns come back bit by bit", () => {
  const numbers = Float64Array.of(0.1, -Infinity, NaN, 5e-324);
  const text = Buffer.from(numbers.buffer).toString("base64");
  assert.deepEqual(columnOf(text, Float64Array), numbers);
  assert.deepEqual(bytesOf("AP8="), Uint8Array.of(0, 255));
});

test("inf and nan come as texts", () => {
  assert.deepEqual([1.5, "inf", "-inf", "nan", null].map(numberOf), [1.5, Infinity, -Infinity, NaN, null]);
});
