import assert from "node:assert/strict";
import test from "node:test";
import { barRole, barShare, barSpan, runs, zeroLine } from "../../../autograd_core/show/page/bars.js";
import { largestOf } from "../../../autograd_core/show/page/numbers.js";

test("the line of zero is in the middle only if there are both signs", () => {
  assert.deepEqual(zeroLine([1, 2], 0, 10), { zero: 10, room: 10 });
  assert.deepEqual(zeroLine([-1], 0, 10), { zero: 0, room: 10 });
  assert.deepEqual(zeroLine([1, -1], 0, 10), { zero: 5, room: 5 });
});

test("a bar grows with the square root of its number, up for positive ones", () => {
  assert.equal(barShare(-4, 16, 0.03), -0.5);
  assert.equal(barShare(1e-9, 16, 0.03), 0.03);
  assert.deepEqual(barSpan(0.5, 10, 8), { y: 6, height: 4 });
  assert.deepEqual(barSpan(-0.5, 10, 8), { y: 10, height: 4 });
  assert.deepEqual([barRole(1, true), barRole(-1, true), barRole(1, false), barRole(NaN, false)], ["positive", "negative", "line", "nonfinite"]);
});

test("many numbers become the largest of equal runs", () => {
  assert.deepEqual(runs([1, -5, 2, 3], 2, largestOf), [-5, 3]);
  assert.deepEqual(runs([1, 2], 2, largestOf), [1, 2]);
});
