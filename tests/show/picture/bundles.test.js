import assert from "node:assert/strict";
import test from "node:test";
import { bundledEdges } from "../../../autograd_core/show/picture/bundles.js";

const link = (from, to, ...sources) => ({ from, to, sources: new Set(sources.length ? sources : [from]) });
const shape = (edges) => edges.map(({ from, to, links }) => [from, to, links.length]);

test("links into one open box enter it as one edge, and part inside", () => {
  // Node 0 and the group 4 (unit 4 + 1), which holds nodes 1 and 2.
  const graph = { nodes: 4, around: (unit) => (unit === 1 || unit === 2 ? [1] : []) };
  const edges = bundledEdges(graph, [link(0, 1), link(0, 2), link(1, 3), link(2, 3)]);
  assert.deepEqual(shape(edges.get(0)), [[0, 5, 2], [5, 3, 2]]);
  const [inward, outward] = edges.get(0).map(({ id }) => id);
  assert.deepEqual(shape(edges.get(1)).sort(), [[1, `out${outward}`, 1], [2, `out${outward}`, 1], [`in${inward}`, 1, 1], [`in${inward}`, 2, 1]].sort());
});

test("units that hand the same numbers to many others meet in a hub", () => {
  const graph = { nodes: 40, around: () => [] };
  const weights = [0, 1, 2, 3];
  const models = [10, 11, 12, 13, 14, 15];
  const all = models.flatMap((model) => [...weights.map((weight) => link(weight, model)), link(4, model, 20 + model)]);
  const edges = bundledEdges(graph, all).get(0);
  assert.equal(edges.length, weights.length + models.length + models.length, "the rows, which differ, keep their edges");
  assert.ok(edges.filter(({ to }) => String(to).startsWith("hub")).every(({ links }) => links.length === models.length));
});

test("a few links cross without a hub", () => {
  const graph = { nodes: 9, around: () => [] };
  const edges = bundledEdges(graph, [0, 1, 2].flatMap((from) => [5, 6, 7].map((to) => link(from, to))));
  assert.equal(edges.get(0).length, 9);
});
