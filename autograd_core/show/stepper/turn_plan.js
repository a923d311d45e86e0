// Which numbers of a sweep are left blank: the products alone at first, then their factors, too.

/**
 * @typedef {"upstream" | "partial" | "contribution" | "sum"} BlankKind
 * @typedef {{ link: number, step: number, flows: boolean, completes: boolean }} EdgeToFill completes: whether several
 *   contributions meet at its end, and this is the last of them
 * @typedef {EdgeToFill & { blanks: BlankKind[] }} PlannedEdge
 */

/** @type {BlankKind[][]} from easy to hard */
const LEVELS = [["contribution"], ["partial", "contribution"], ["upstream", "partial", "contribution"]];

/**
 * The edges with their blanks, in the order of the sweep. Of a large graph as many edges, evenly spaced, as have no more
 * than `most` blanks.
 * @param {EdgeToFill[]} edges
 * @param {number} most
 * @returns {PlannedEdge[]}
 */
export function planBlanks(edges, most) {
  for (let count = edges.length; count > 0; count--) {
    const chosen = [...Array(count).keys()].map((place) => edges[Math.floor(place * edges.length / count)]);
    const planned = chosen.map((edge, place) => ({ ...edge, blanks: blanksOf(edge, Math.floor(place * LEVELS.length / count)) }));
    if (planned.reduce((sum, { blanks }) => sum + blanks.length, 0) <= most) return planned;
  }
  return [];
}

/**
 * @param {EdgeToFill} edge
 * @param {number} level
 * @returns {BlankKind[]}
 */
function blanksOf({ flows, completes }, level) {
  return [...(flows ? LEVELS[level] : LEVELS[0]), ...(completes ? /** @type {BlankKind[]} */ (["sum"]) : [])];
}
