import assert from "node:assert/strict";
import test from "node:test";
import { SIZE } from "../../../../autograd_core/compiler/backends/javascript/memory.js";
import { Runner } from "../../../../autograd_core/compiler/backends/javascript/runner.js";

/** A program that doubles a number of the row; once, rows: how many numbers it needs. @type {(once: number, rows: number) => any} */
const doubles = (once, rows) => ({ given: 1, columns: [[1, 0, 1]], ones: [], constants: [], sizes: [once, rows, 0], before: [],
  body: [["Elementwise", [1, 1, 1], "multiply", [{ start: 0, shape: [1], steps: [1] }, [1, 0, 1]]]], after: [], sums: [0, 0],
  values: [], byRow: [1] });

test("a program has as many rows in a block as the memory has space for", () => {
  const runner = new Runner(doubles(SIZE - 10, 2));
  assert.equal(runner.block, 3);
  assert.deepEqual([...runner.run([2], [[1, 2, 3, 4, 5, 6, 7]], 7).byRow[0]], [2, 4, 6, 8, 10, 12, 14]);
});

test("a program that the memory is too small for is refused", () => {
  assert.throws(() => new Runner(doubles(SIZE, 2)), /needs 8388610 numbers, and the memory has 8388608/);
});
