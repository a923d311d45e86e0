import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOrder } from "../../../autograd_core/show/picture/entry_order.js";

/** @type {(labels: string[]) => string[]} */
const ordered = (labels) => entryOrder(labels.keys(), (node) => labels[node]).map((node) => labels[node]);

test("entries of a vector or a matrix stand by their indices", () => {
  assert.deepEqual(ordered(["o₁₀", "o₉", "o₀", "o₂"]), ["o₀", "o₂", "o₉", "o₁₀"]);
  assert.deepEqual(ordered(["W⁽¹⁾₁₀", "W⁽¹⁾₀₁", "W⁽¹⁾₁₁", "W⁽¹⁾₀₀"]), ["W⁽¹⁾₀₀", "W⁽¹⁾₀₁", "W⁽¹⁾₁₀", "W⁽¹⁾₁₁"]);
  assert.deepEqual(ordered(["W₁,₁₀", "W₀,₁₀", "W₀₃", "W₁₂"]), ["W₀₃", "W₀,₁₀", "W₁₂", "W₁,₁₀"]);
});

test("all others stand in the order of computation", () => {
  for (const labels of [["b₁", "a₀"], ["o₁", "sum"], ["o₁", "o₀", "o₁", "o₀"], ["h⁽²⁾₀", "h⁽¹⁾₀"], []]) assert.deepEqual(ordered(labels), labels);
});
