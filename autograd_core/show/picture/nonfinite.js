// Where the numbers of a graph stop being finite.
import { numberText } from "../page/numbers.js";

/**
 * The node where the last value, or else a gradient, becomes inf or nan, and the mark for it; null without one.
 * @param {{ value: ArrayLike<number>, adjoint: ArrayLike<number>, reached: ArrayLike<number>, first: ArrayLike<number>, source: ArrayLike<number> }} graph
 */
export function firstNonfinite({ value, adjoint, reached, first, source }) {
  let found = -1;
  for (let node = value.length - 1; node >= 0 && !Number.isFinite(value[node]);) {
    found = node;
    let edge = first[node];
    while (edge < first[node + 1] && Number.isFinite(value[source[edge]])) edge++;
    node = edge < first[node + 1] ? source[edge] : -1;
  }
  if (found >= 0) return { node: found, mark: `first ${numberText(value[found])} here` };
  for (let node = value.length - 1; node >= 0; node--)
    if (reached[node] && !Number.isFinite(adjoint[node])) return { node, mark: `first ${numberText(adjoint[node])} gradient here` };
  return null;
}
