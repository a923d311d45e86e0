// The residual stream as a line: at each sum x + change, the gradient that comes past the change and the one that comes
// back through it add up. The width of a line is the size (the Euclidean norm) of the gradient over all positions.
import { draw, make } from "../page/elements.js";
import { numberText } from "../page/numbers.js";

const WIDEST = 26, THINNEST = 1.5; // pixels of a line
const STEP = 126, MIDDLE = 44, BELOW = 112, HEIGHT = 150;

/** @typedef {import("./graph.js").ColumnGraph} ColumnGraph */
/** @typedef {{ name: string, after: number, past: number, through: number, before: number }} Station sizes of gradients */

/**
 * The stations in order of computation.
 * @param {ColumnGraph} graph
 * @returns {Station[]}
 */
export function stationsOf(graph) {
  /** @type {Map<number, number[]>} by the box around the sums, their nodes */
  const sums = new Map();
  for (let node = 0; node < graph.nodes; node++) {
    const home = graph.home[node];
    if (graph.arity[node] !== 2 || !/^residual( #\d+)?$/.test(graph.nameOf(graph.nodes + home))) continue;
    const outer = graph.kindOf(graph.nodes + graph.parent[home]) === "repeat" ? graph.parent[home] : home;
    (sums.get(outer) ?? sums.set(outer, []).get(outer)).push(node);
  }
  const norm = (/** @type {number[]} */ numbers) => Math.hypot(...numbers);
  return [...sums].sort(([, [a]], [, [b]]) => a - b).map(([, nodes]) => {
    const entering = nodes.map((node) => graph.source[graph.first[node]]);
    const past = nodes.map((node) => graph.carried[graph.first[node]]);
    return {
      name: branchName(graph, nodes[0]),
      after: norm(nodes.map((node) => graph.adjoint[node])),
      past: norm(past),
      through: norm(entering.map((node, place) => graph.adjoint[node] - past[place])),
      before: norm(entering.map((node) => graph.adjoint[node])),
    };
  });
}

/**
 * The box beside the sum in which the change is computed: self_attn, linear2.
 * @param {ColumnGraph} graph
 * @param {number} sum
 */
function branchName(graph, sum) {
  const around = new Set(graph.around(sum));
  const change = graph.source[graph.first[sum] + 1];
  const inner = graph.around(change).filter((group) => !around.has(group)).at(-1);
  return inner === undefined ? "change" : graph.nameOf(graph.nodes + inner).replace(/ ×\d+$| #\d+$/, "");
}

/**
 * The line with its stations; nothing for a graph without such sums, or without gradients.
 * @param {ColumnGraph} graph
 * @returns {Element[]}
 */
export function streamOf(graph) {
  const stations = stationsOf(graph);
  const most = Math.max(0, ...stations.map(({ after, before }) => Math.max(after, before)));
  if (!stations.length || !most || !Number.isFinite(most)) return [];
  const wide = (/** @type {number} */ size) => Math.max((WIDEST * size) / most, THINNEST);
  const width = STEP * (stations.length + 1);
  const label = (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y, role = "ink") =>
    draw("text", { x, y, "font-size": 12, "text-anchor": "middle", fill: `var(--${role})` }, text);
  const line = (/** @type {string} */ d, /** @type {number} */ size, role = "positive") => draw("path", { d, fill: "none", stroke: `var(--${role})`, "stroke-width": wide(size) });
  const svg = draw("svg", { class: "stream", width, height: HEIGHT, role: "img", "aria-label": sentenceOf(stations) });
  svg.append(line(`M0,${MIDDLE}H${STEP / 2}`, stations[0].before, "line"), label(numberText(stations[0].before), STEP / 4, MIDDLE - 20));
  stations.forEach(({ name, past, through, after }, place) => {
    const [start, end] = [STEP * (place + 0.5), STEP * (place + 1.5)];
    svg.append(
      line(`M${start},${MIDDLE}H${end}`, past, "line"),
      line(`M${start},${MIDDLE}C${start + 30},${MIDDLE} ${start + 20},${BELOW} ${start + 45},${BELOW}H${end - 45}C${end - 20},${BELOW} ${end - 30},${MIDDLE} ${end},${MIDDLE}`, through, "parameter"),
      label(`past ${numberText(past)}`, (start + end) / 2, MIDDLE - 20),
      label(`${name} ${numberText(through)}`, (start + end) / 2, BELOW + 28));
    if (place === stations.length - 1) svg.append(line(`M${end},${MIDDLE}H${width}`, after, "line"));
  });
  return [make("h3", {}, "The residual stream, with its gradient"), make("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": "The residual stream" }, svg),
    make("p", { class: "muted" }, "Read it from right to left. Width: the size of the gradient at all positions together. At each knot what comes past and what comes through add up, number by number.")];
}

/** @param {Station[]} stations */
const sentenceOf = (stations) => [...stations].reverse()
  .map(({ name, after, past, through, before }) => `A gradient of size ${numberText(after)} arrives; past ${name} comes ${numberText(past)}, through it ${numberText(through)}, together ${numberText(before)}.`).join(" ");
