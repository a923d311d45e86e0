import assert from "node:assert/strict";
import test from "node:test";
import { firstNonfinite } from "../../../autograd_core/show/picture/nonfinite.js";

// 0 -> 2 -> 4 and 1 -> 3 -> 4.
const graph = (value, adjoint) => firstNonfinite({ value, adjoint, reached: [1, 1, 1, 1, 1], first: [0, 0, 0, 1, 2, 4], source: [0, 1, 2, 3] });

test("the first number that is not finite, on the way to the result", () => {
  assert.equal(graph([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]), null);
  assert.deepEqual(graph([1, -1, 3, NaN, NaN], [NaN, NaN, NaN, NaN, 1]), { node: 3, mark: "first nan here" });
  assert.equal(graph([1, -1, Infinity, 4, 5], [1, 1, 1, 1, 1]), null);
  assert.deepEqual(graph([0, 0, 3, 4, 5], [Infinity, NaN, 3, Infinity, 5]), { node: 3, mark: "first ∞ gradient here" });
});
