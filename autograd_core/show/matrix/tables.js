// The equations of a layer as tables of numbers in brackets.
import { draw, make } from "../page/elements.js";
import { countText, roleOf } from "../page/numbers.js";
import { keyOf } from "./layer_steps.js";
import { signedWritten } from "./words.js";

/**
 * A matrix as an italic letter, with the number of its layer above.
 * @param {string} name
 */
function symbol(name, raised = "") {
  return make("i", { class: "symbol" }, name, ...(raised ? [make("sup", {}, raised)] : []));
}

// d(output)/d(W1) in the same letters.
/** @type {(output: string, name: string) => HTMLElement} */
const derivativeOf = (output, name) => make("span", { class: "derivative" }, "d", make("i", {}, output), "/d", symbol(name));

/** @param {import("./layer.js").Layer} layer */
export function equationsOf(layer) {
  const { symbols: s, shape: [rows, columns], output, outputName, tables: [units, inputs] } = layer;
  /** @type {(count: number, number: (place: number) => any) => any[]} */
  const at = (count, number) => Array.from({ length: count }, (_, place) => number(place));
  const d = (/** @type {"W" | "x" | "b"} */ name) => derivativeOf(output, s[name]);
  /** @typedef {(number | null)[]} Numbers */
  /** @type {(kind: string, name: string, numbers: Numbers) => HTMLTableElement} */
  const ofUnits = (kind, name, numbers) => matrix(kind, name, numbers.map((number) => [number]), (i) => [i, 0]);
  /** @type {(kind: string, name: string, numbers: Numbers) => HTMLTableElement} */
  const ofInputs = (kind, name, numbers) => matrix(kind, name, numbers.map((number) => [number]), (j) => [0, j]);
  const sign = (/** @type {string} */ text) => make("span", { class: "sign" }, text);
  const more = [rows - units, columns - inputs];
  /** @type {(element: Element, head: string | Element, shape: string) => HTMLElement} */
  const shaped = (element, head, shape) => make("figure", { class: "block" }, make("figcaption", {}, head, ...(shape ? [make("small", {}, shape)] : [])), element);
  const large = more[0] || more[1];
  const z = shaped(ofUnits("z", s.z, layer.z.map((entry) => entry.value)), symbol(s.z), `${rows}`);
  const W = shaped(matrix("W", s.W, layer.W.map((row) => row.map((entry) => entry.value))), symbol(s.W), `${rows} × ${columns}`);
  const x = shaped(ofInputs("x", s.x, layer.x.map((entry) => entry.value)), symbol(s.x), `${columns}`);
  const forward = [z, sign("="), W, x];
  if (layer.b.length) forward.push(sign("+"), shaped(ofUnits("b", s.b, layer.b.map((entry) => entry?.value ?? 0)), symbol(s.b), `${rows}`));
  /** @type {(words: string, ...rest: Element[]) => HTMLElement} */
  const title = (words, ...rest) => make("h2", {}, `${words} `, ...rest);
  /** @type {(...parts: (string | Element)[]) => HTMLElement} */
  const equation = (...parts) => make("span", { class: "equation" }, ...parts);
  const sections = [make("section", { class: "forward", "aria-label": "Forward" },
    title("Forward", equation(symbol(s.z), " = ", symbol(s.W), " ", symbol(s.x), ...(layer.b.length ? [" + ", symbol(s.b)] : []))),
    make("div", { class: "row" }, ...forward))];
  if (layer.changed) sections[0].append(make("p", { class: "hint" }, layer.changed));
  if (large) {
    sections[0].append(make("p", { class: "hint" }, `The tables show the corner of the first ${units} units and ${inputs} inputs: ` +
      `${countText(rows * columns - units * inputs)} of ${countText(rows * columns)} weights are left out here, and are in the strip:`), overviewOf(layer.overview.W, s.W));
  }
  if (layer.problem) return [...sections, make("p", { class: "hint" }, `No gradients: ${layer.problem}`)];
  const back = make("section", { class: "backward", "aria-label": "Backward" },
    title("Backward", equation("δ = ", derivativeOf(output, s.z)), ...(output === outputName ? [] : [make("span", { class: "meaning" }, make("i", {}, output), ` is ${outputName}`)])));
  /** @type {(shared: boolean, name: "W" | "x" | "b") => (string | Element)[]} */
  const share = (shared, name) => (shared ? ["this layer's share of ", d(name)] : [d(name)]);
  const delta = (/** @type {string} */ kind) => shaped(ofUnits(kind, "delta", layer.delta), "δ", `${rows}`);
  /** @type {Element[]} */
  const beside = [];
  if (layer.wantedWeights) {
    const heads = layer.x.map((entry) => entry.value);
    beside.push(make("div", { class: "part" }, make("h3", {}, equation(...share(layer.sharedWeights, "W"), " = δ ", symbol(s.x, "T"))),
      make("div", { class: "row" }, outer(layer, heads, s))));
  } else beside.push(make("div", { class: "part" }, make("div", { class: "row" }, delta("delta"))));
  if (layer.wantedBiases) {
    beside.push(make("div", { class: "part" }, make("h3", {}, equation(...share(layer.sharedBiases, "b"), " = δ")),
      make("div", { class: "row" }, shaped(ofUnits("db", `d${output}/d${s.b}`, layer.b.map((entry) => entry?.share ?? null)), layer.sharedBiases ? "share" : d("b"), `${rows}`))));
  }
  back.append(make("div", { class: "parts" }, ...beside));
  if (layer.wantedInputs) {
    const shares = ofInputs("dx", `${s.W} transposed times delta`, layer.x.map((entry) => entry.share ?? null));
    const transposed = matrix("WT", `${s.W} transposed`, at(inputs, (j) => at(units, (i) => layer.W[i][j].value)), (row, place) => [place, row]);
    const heading = make("h3", {}, equation(d("x"), " = ", symbol(s.W, "T"), " δ", ...(layer.sharedInputs ? [" + what comes from elsewhere"] : [])));
    const product = [sign("="), shaped(transposed, symbol(s.W, "T"), `${columns} × ${rows}`), delta("deltaT")];
    const parts = make("div", { class: "part" }, heading,
      make("div", { class: "row" }, shaped(shares, layer.sharedInputs ? "share" : d("x"), `${columns}`), ...product));
    if (layer.sharedInputs) {
      const whole = ofInputs("whole", `d${output}/d${s.x}`, layer.x.map((entry) => entry.grad ?? entry.share ?? null));
      const elsewhere = ofInputs("elsewhere", "from elsewhere", layer.x.map((entry) => (entry.share === undefined ? null : entry.elsewhere ?? 0)));
      parts.append(make("div", { class: "row" }, shaped(whole, d("x"), `${columns}`), sign("="), sign("share"), sign("+"), shaped(elsewhere, "elsewhere", `${columns}`)));
    }
    back.append(parts);
  } else back.append(make("p", { class: "hint" }, `The inputs ${s.x} are plain numbers of the program: they have no gradient.`));
  if (layer.sharedWeights || layer.sharedBiases) {
    const of = layer.uses > 1 ? `This layer's weights are used ${countText(layer.uses)} times (for several rows, or at several times)` : "Some weights are used elsewhere too";
    back.append(make("p", { class: "hint" }, `${of}: the numbers here are this use's share, and the whole gradient is the sum of all uses. Each entry shows both.`));
  }
  if (large && layer.wantedWeights) back.append(overviewOf(layer.overview.dW, `d${output}/d${s.W}`));
  return [...sections, back];
}

const largestFinite = (/** @type {(number | null)[]} */ numbers) => Math.max(...numbers.map((number) => (Number.isFinite(number) ? Math.abs(number) : 0))) || 1;

/**
 * A table of numbers in brackets. entry: the place in the layer of the number at (row, column).
 * @param {string} kind
 * @param {string} label
 * @param {(number | null)[][]} numbers
 * @param {(row: number, column: number) => [number, number]} entry
 */
function matrix(kind, label, numbers, entry = (row, column) => [row, column]) {
  const table = make("table", { role: "grid", class: "matrix", "aria-label": label });
  const body = make("tbody");
  const largest = largestFinite(numbers.flat());
  numbers.forEach((row, i) => body.append(make("tr", {}, ...row.map((number, j) => cellOf(kind, entry(i, j), number, largest, i + j === 0)))));
  table.append(body);
  return table;
}

/**
 * @param {string} kind
 * @param {[number, number]} place
 * @param {number | null} number
 * @param {number} largest
 * @param {boolean} first
 */
function cellOf(kind, [i, j], number, largest, first) {
  const text = number === null ? "–" : signedWritten(number);
  const cell = make("td", { role: "gridcell", tabindex: first ? "0" : "-1", "data-key": keyOf(kind, i, j), "data-text": text, class: roleOf(number ?? 0) }, text);
  const share = Number.isFinite(number) ? Math.abs(number) / largest : 0;
  cell.style.setProperty("--heat", `${share ? Math.round(6 + 38 * share) : 0}%`);
  return cell;
}

/**
 * delta down the side, the inputs along the top, and every product where they meet.
 * @param {import("./layer.js").Layer} layer
 * @param {number[]} heads
 * @param {Record<string, string>} s
 */
function outer(layer, heads, s) {
  const table = make("table", { role: "grid", class: "outer", "aria-label": `delta times ${s.x} transposed` });
  const ofDelta = largestFinite(layer.delta);
  const ofInputs = largestFinite(heads);
  const ofWeights = largestFinite(layer.W.flat().map((entry) => entry.share ?? 0));
  const corner = make("th", { scope: "col" }, "δ \\ ", symbol(s.x, "T"));
  const top = make("tr", {}, corner, ...heads.map((number, j) => cellOf("xT", [0, j], number, ofInputs, j === 0)));
  const rows = layer.W.map((row, i) => make("tr", {}, cellOf("delta", [i, 0], layer.delta[i], ofDelta, false),
    ...row.map((entry, j) => cellOf("dW", [i, j], entry.share ?? null, ofWeights, false))));
  table.append(make("thead", {}, top), make("tbody", {}, ...rows));
  return table;
}

/**
 * A large matrix at a glance: one little square an entry, or a block of entries.
 * @param {string[]} levels
 * @param {string} name
 */
function overviewOf(levels, name) {
  const side = levels[0].length / 2 > 64 ? 4 : 7;
  const [width, height] = [levels[0].length / 2 * side, levels.length * side];
  const paths = new Map();
  levels.forEach((row, i) => {
    for (let j = 0; j < row.length / 2; j++) {
      const level = row.slice(2 * j, 2 * j + 2);
      if (level[1] !== "0") paths.set(level, `${paths.get(level) ?? ""}M${j * side} ${i * side}h${side}v${side}h-${side}z`);
    }
  });
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "overview", role: "img",
    "aria-label": `${name} at a glance: orange is positive, blue negative` },
    ...[...paths].map(([level, d]) => draw("path", { d, class: level[0] === "-" ? "negative" : "positive", "fill-opacity": 0.1 + 0.1 * +level[1] })));
  return make("figure", {}, make("div", { class: "strip", tabindex: "0", role: "region", "aria-label": `${name} at a glance` }, svg),
    make("p", { class: "hint" }, `All of ${name} at a glance: orange positive, blue negative, the stronger the larger.`));
}
