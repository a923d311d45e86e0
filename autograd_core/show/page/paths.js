// The paths along which a gradient comes back from the root to a node.
import { magnitude } from "./numbers.js";

/**
 * Nodes are in the order of computation. tip: the node an edge leads to; leaving: the open edges from a node.
 * @typedef {object} EdgeGraph
 * @property {number} root
 * @property {ArrayLike<number>} tip
 * @property {ArrayLike<number>} partial
 * @property {(node: number) => Iterable<number>} leaving
 */

/**
 * The product of the partials from the root back to the node, as the sweep multiplies.
 * @param {EdgeGraph} graph
 * @param {number[]} edges
 */
export const pathProduct = (graph, edges) => edges.reduceRight((product, edge) => product * graph.partial[edge], 1);

/**
 * @param {EdgeGraph} graph
 * @param {number} start
 */
export function countPaths(graph, start) {
  const { root, tip } = graph;
  const counts = new Float64Array(root + 1);
  counts[root] = 1;
  for (let node = root - 1; node >= start; node--) for (const edge of graph.leaving(node)) counts[node] += counts[tip[edge]];
  return counts[start];
}

/**
 * The `most` paths with the largest products, the largest first, each as its edges from `start` to the root. A path
 * leaves the largest way on from one of its nodes; each other path leaves it at a node behind its last such place.
 * @param {EdgeGraph} graph
 * @param {number} start
 * @param {number} most
 */
export function largestPaths(graph, start, most) {
  const { root, tip, partial } = graph;
  const best = new Float64Array(root + 1).fill(-1); // the size of the largest product from a node on, -1 for no way
  const way = new Int32Array(root + 1); // and the edge it begins with
  best[root] = 1;
  /** @type {(product: number, edge: number) => number} */
  const sizeThrough = (product, edge) => (best[tip[edge]] < 0 ? -1 : magnitude(product * partial[edge] * best[tip[edge]]));
  for (let node = root - 1; node >= start; node--)
    for (const edge of graph.leaving(node)) {
      const size = sizeThrough(1, edge);
      if (size > best[node]) [best[node], way[node]] = [size, edge];
    }
  /** @type {number[][]} */
  const found = [];
  /** @type {{ shared: number[], length: number, leaving: number, before: number, size: number }[]} */
  const waiting = best[start] < 0 ? [] : [{ shared: [], length: 0, leaving: -1, before: 1, size: best[start] }];
  while (waiting.length && found.length < most) {
    const chosen = waiting.reduce((largest, { size }, index) => (size > waiting[largest].size ? index : largest), 0);
    const [{ shared, length, leaving, before }] = waiting.splice(chosen, 1);
    const path = leaving < 0 ? [] : [...shared.slice(0, length), leaving];
    let product = leaving < 0 ? 1 : before * partial[leaving];
    let node = leaving < 0 ? start : tip[leaving];
    while (node !== root) {
      for (const edge of graph.leaving(node)) {
        const size = sizeThrough(product, edge);
        if (edge !== way[node] && size >= 0) waiting.push({ shared: path, length: path.length, leaving: edge, before: product, size });
      }
      path.push(way[node]);
      product *= partial[way[node]];
      node = tip[way[node]];
    }
    found.push(path);
  }
  return found;
}
