// The numbers of a box as rows: those of a position, of a neuron's inputs or of a step stand in one row. And the map of
// such rows, where each number is a cell with the colour of its sign, the stronger the larger it is.
import { draw } from "../page/elements.js";
import { roleOf } from "../page/numbers.js";

const MOST = 64; // rows, and numbers in a row
const LEVELS = 8;
const SMALLEST = 3, LARGEST = 12; // pixels of a cell
const WANTED = { width: 112, height: 84 }; // pixels of a map
export const MAP_GAP = 16;

/**
 * The nodes in rows, or null where they form none: the box has boxes side by side that hold them.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} unit
 * @param {number[]} nodes
 * @returns {number[][] | null}
 */
export function rowsOf(graph, unit, nodes) {
  if (!graph.isGroup(unit) || nodes.length < 4) return null;
  if (graph.kindOf(unit) === "leaves") return rowsOfMatrix(graph, nodes);
  // The boxes around each node inside of this one; the parts of a long computation and the other rows of a batch are none.
  const groupsOf = nodes.map((node) => {
    const groups = graph.around(node);
    return groups.slice(0, groups.indexOf(unit - graph.nodes)).filter((group) => !["part", "rows"].includes(graph.kindOf(graph.nodes + group))).reverse();
  });
  let depth = 0; // of the innermost box around all nodes
  while (groupsOf[0][depth] !== undefined && groupsOf.every((groups) => groups[depth] === groupsOf[0][depth])) depth++;
  if (groupsOf.some((groups) => groups[depth] === undefined)) return null;
  /** @type {Map<number, { node: number, place: number }[]>} */
  const rows = new Map();
  nodes.forEach((node, index) => {
    const groups = groupsOf[index];
    const unitBox = groups.slice(depth + 1).find((group) => graph.kindOf(graph.nodes + group) === "scope");
    const within = unitBox === undefined ? 0 : numberIn(graph, unitBox);
    (rows.get(groups[depth]) ?? rows.set(groups[depth], []).get(groups[depth])).push({ node, place: within });
  });
  const most = Math.max(...[...rows.values()].map((row) => row.length));
  if (rows.size < 2 || rows.size > MOST || most < 2 || most > MOST) return null;
  const numbered = [...rows].sort(([a, row], [b, other]) => numberIn(graph, a) - numberIn(graph, b) || row[0].node - other[0].node);
  return numbered.map(([, row]) => row.sort((a, b) => a.place - b.place || a.node - b.node).map(({ node }) => node));
}

/**
 * Parameters in the rows of their matrix; null where they fill no rectangle.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number[]} nodes
 */
function rowsOfMatrix(graph, nodes) {
  /** @type {Map<number, number[]>} */
  const rows = new Map();
  for (const node of nodes) (rows.get(graph.row[node]) ?? rows.set(graph.row[node], []).get(graph.row[node])).push(node);
  const [columns] = [...rows.values()].map((row) => row.length);
  if (rows.has(-1) || rows.size > MOST || columns > MOST || columns < 2 || [...rows.values()].some((row) => row.length !== columns)) return null;
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row.sort((a, b) => graph.column[a] - graph.column[b]));
}

/**
 * The number at the end of a box's name, 0 without one.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} group
 */
const numberIn = (graph, group) => Number(/\d+$/.exec(graph.nameOf(graph.nodes + group))?.[0] ?? 0);

/**
 * The size of a map and of its cells.
 * @param {unknown[][]} rows
 */
export function mapSize(rows) {
  const columns = Math.max(...rows.map((row) => row.length));
  const side = (/** @type {number} */ wanted, /** @type {number} */ count) => Math.min(Math.max(Math.floor(wanted / count), SMALLEST), LARGEST);
  const [wide, high] = [side(WANTED.width, columns), side(WANTED.height, rows.length)];
  return { wide, high, width: wide * columns, height: high * rows.length };
}

/**
 * How strong the colour of a number is, from 0 to 1: it grows with the square root, as bars do.
 * @param {number | null} number
 * @param {number} largest
 */
export const strength = (number, largest) => (number === null || number === 0 ? 0 : !Number.isFinite(number) || !largest ? 1 : Math.sqrt(Math.abs(number) / largest));

/** @param {(number | null)[][]} rows */
export const largestIn = (rows) => rows.flat().reduce((largest, number) => (number !== null && Number.isFinite(number) ? Math.max(largest, Math.abs(number)) : largest), 0);

/**
 * A map: one path for each colour and strength.
 * @param {(number | null)[][]} rows
 * @param {number} left
 * @param {number} top
 */
export function drawMap(rows, left, top) {
  const { wide, high, width, height } = mapSize(rows);
  const largest = largestIn(rows);
  /** @type {Map<string, string>} */
  const paths = new Map();
  rows.forEach((row, y) => row.forEach((number, x) => {
    const level = Math.ceil(LEVELS * strength(number, largest));
    const key = `${number === null || level === 0 ? "ink" : roleOf(number)} ${number === null || level === 0 ? 0.4 : level}`;
    paths.set(key, `${paths.get(key) ?? ""}M${left + x * wide},${top + y * high}h${wide}v${high}h${-wide}z`);
  }));
  return draw("g", { class: "map" },
    draw("rect", { x: left, y: top, width, height, fill: "var(--page)" }),
    ...[...paths].map(([key, d]) => {
      const [role, level] = key.split(" ");
      return draw("path", { d, fill: `var(--${role})`, "fill-opacity": Number(level) / LEVELS });
    }),
    draw("rect", { x: left, y: top, width, height, fill: "none", stroke: "var(--muted)", "stroke-width": 0.6 }));
}
