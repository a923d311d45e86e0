import assert from "node:assert/strict";
import test from "node:test";
import { countPaths, largestPaths, pathProduct } from "../../../autograd_core/show/page/paths.js";

// Nodes 0 to 3, root 3; edges 0 -> 1, 0 -> 2, 1 -> 3, 2 -> 3, 0 -> 3.
const leaving = [[0, 1, 4], [2], [3], []];
const diamond = { root: 3, tip: [1, 2, 3, 3, 3], partial: [2, -5, 3, 1, 0.5], leaving: (node) => leaving[node] };

test("paths are counted and listed, the largest first", () => {
  assert.equal(countPaths(diamond, 0), 3);
  const paths = largestPaths(diamond, 0, 10);
  assert.deepEqual(paths, [[0, 2], [1, 3], [4]]);
  assert.deepEqual(paths.map((path) => pathProduct(diamond, path)), [6, -5, 0.5]);
  assert.deepEqual(largestPaths(diamond, 0, 1), [[0, 2]]);
  assert.deepEqual(largestPaths(diamond, 3, 10), [[]]);
});

test("every path of a ladder is found once, and their products add up", () => {
  const rungs = 8;
  const tip = [], partial = [], from = [];
  for (let node = 0; node < rungs; node++) for (const factor of [1 + node, -0.5]) [tip, partial, from].forEach((list, index) => list.push([node + 1, factor, node][index]));
  const ladder = { root: rungs, tip, partial, leaving: (node) => from.flatMap((start, edge) => (start === node ? [edge] : [])) };
  const paths = largestPaths(ladder, 0, 1000);
  assert.equal(paths.length, countPaths(ladder, 0));
  assert.equal(new Set(paths.map(String)).size, 2 ** rungs);
  const sizes = paths.map((path) => Math.abs(pathProduct(ladder, path)));
  sizes.forEach((size, index) => index && assert.ok(size <= sizes[index - 1] * (1 + 1e-12)));
  const sum = paths.reduce((total, path) => total + pathProduct(ladder, path), 0);
  const expected = Array.from({ length: rungs }, (_, node) => node + 0.5).reduce((product, factor) => product * factor, 1);
  assert.ok(Math.abs(sum / expected - 1) < 1e-12);
});

test("a closed gate leaves no path", () => {
  assert.deepEqual(largestPaths({ ...diamond, leaving: () => [] }, 0, 10), []);
  assert.equal(countPaths({ ...diamond, leaving: () => [] }, 0), 0);
});
