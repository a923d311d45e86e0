// A compiled program in training: its rows, its numbers, and what they give.
import { Runner } from "../../compiler/backends/javascript/runner.js";
import { numberOf } from "../page/data.js";
import { SIDE, largestSize } from "../training/colour_map.js";
import { TrainingSteps } from "../training/training_steps.js";

const ALONG = 121; // points of a curve

/**
 * @typedef {import("../../compiler/backends/javascript/runner.js").ProgramData} ProgramData
 * @typedef {{ name: string, numbers: string[], places: Record<string, number> }} Argument places: of the columns
 *   that are indices, how many places each has
 * @typedef {{ kind: "score" | "value" | "classes" | "curve", middle: number, reach: number, frame: { x: number[], y: number[] } }} PlaneData
 * @typedef {object} PageData
 * @property {string} name
 * @property {"mean" | "sum"} reduce
 * @property {ProgramData} trained the reduced value and its gradient
 * @property {ProgramData} shown the same, by row with respect to the inputs, finite where `trained` might not be
 * @property {Record<string, { program: ProgramData, shared: number, each: number }>} optimisers
 * @property {Argument[]} arguments
 * @property {(number | string)[][]} rows of each argument, one after the other
 * @property {number} count
 * @property {{ name: string, numbers: string[], places: number[] }[]} groups of the parameters, by their names and places
 * @property {number[][]} filters the places of the parameters that belong together, such as a row of a matrix
 * @property {(number | string)[]} parameters
 * @property {(number | string)[]} rest
 * @property {{ optimiser: string, rate: number, batch: number }} settings
 * @property {{ program: ProgramData, rest: (number | string)[], count: number } | null} outputs
 * @property {PlaneData | null} plane
 * @property {import("./network_panel.js").NetworkData | null} network
 * @property {[number, number | string][]} losses
 */

/** @param {(number | string)[]} numbers */
const numbersOf = (numbers) => Float64Array.from(numbers, numberOf);

export class ProgramSteps extends TrainingSteps {
  /** @param {PageData} page */
  constructor(page) {
    super();
    this.page = page;
    this.first = numbersOf(page.parameters);
    this.widths = page.arguments.map(({ numbers }) => numbers.length);
    this.runners = { runner: new Runner(page.trained), careful: new Runner(page.shown) };
    this.optimisers = Object.fromEntries(Object.entries(page.optimisers).map(([name, { program, shared, each }]) => [name, { runner: new Runner(program), shared, each }]));
    this.settings = { ...page.settings };
    this.setRows(page.rows.map(numbersOf), page.count);
    this.outputs = page.outputs && { runner: new Runner(page.outputs.program), rest: numbersOf(page.outputs.rest), count: page.outputs.count };
    this.grid = page.plane && this.gridOf(page.plane);
    this.reset();
  }

  /** @param {Float64Array[]} data @param {number} count */
  setRows(data, count) {
    this.setProblem({ ...this.runners, rest: [...numbersOf(this.page.rest)], data, count, batch: this.batchOf(count) });
    this.row = Math.min(this.row ?? 0, count - 1);
  }

  /** @param {number} count */
  batchOf(count) {
    const { batch } = this.settings;
    return batch ? Math.min(batch, count) : count;
  }

  reset() {
    const { optimiser, rate } = this.settings;
    this.begin(this.first.slice(), this.optimisers[optimiser] ?? { runner: null, shared: 0, each: 0 }, rate);
  }

  /** @param {Partial<PageData["settings"]>} part */
  choose(part) {
    this.settings = { ...this.settings, ...part };
    this.batch = this.batchOf(this.count);
    if (part.optimiser) this.setRule(this.optimisers[part.optimiser], this.rate);
    if (part.rate !== undefined) this.set(-1, part.rate);
  }

  // ---- rows

  /** @type {(argument: number, row: number, column: number) => number} */
  input(argument, row, column) {
    return this.data[argument][row * this.widths[argument] + column];
  }

  /** @type {(argument: number, row: number, column: number, value: number) => void} */
  setInput(argument, row, column, value) {
    /** @type {Float64Array} */ (this.data[argument])[row * this.widths[argument] + column] = value;
  }

  /** Adds a row with the numbers of another one. @param {number} row */
  copyRow(row) {
    this.setRows(this.data.map((numbers, i) => Float64Array.from([...Array.from(numbers), ...Array.from(numbers).slice(row * this.widths[i], (row + 1) * this.widths[i])])), this.count + 1);
  }

  /** @param {number} row */
  deleteRow(row) {
    this.setRows(this.data.map((numbers, i) => Float64Array.from(numbers).filter((_, place) => Math.floor(place / this.widths[i]) !== row)), this.count - 1);
  }

  // ---- values

  /**
   * The reduced value, its gradient, and its gradient with respect to the inputs of each row.
   * @param {number} [first] the first row
   * @param {number} [count] how many rows
   */
  evaluate(first = 0, count = this.count) {
    const { values, byRow } = this.careful.run(this.given(count), this.data, count, first);
    return { value: values[0], gradient: values.subarray(1), inputs: byRow };
  }

  /** The reduced value alone. @param {number} [first] @param {number} [count] */
  valueOf(first = 0, count = this.count) {
    const [value] = this.runner.run(this.given(count), this.data, count, first).values;
    return Number.isNaN(value) ? this.evaluate(first, count).value : value;
  }

  /** The rows of the plane, as pixels go. @param {PlaneData} plane */
  gridOf({ kind, frame: { x: [left, right], y: [low, high] } }) {
    const across = (/** @type {number} */ share) => left + share * (right - left);
    if (kind === "curve") return Float64Array.from({ length: ALONG }, (_, i) => across(i / (ALONG - 1)));
    return Float64Array.from({ length: 2 * SIDE * SIDE }, (_, i) => {
      const place = Math.floor(i / 2);
      return i % 2 ? high - Math.floor(place / SIDE) / (SIDE - 1) * (high - low) : across((place % SIDE) / (SIDE - 1));
    });
  }

  /** Over the plane: the numbers of the hidden units of the network, if there is one, and the outputs. */
  overPlane() {
    const { runner, rest, count } = this.outputs;
    const rows = this.grid.length / this.widths[0];
    const given = Float64Array.of(...this.parameters, ...rest, rows, 1 / rows);
    const columns = runner.run(given, [this.grid, new Float64Array(rows * count).fill(1)], rows).byRow;
    const hidden = this.page.network?.weights.slice(0, -1).reduce((sum, layer) => sum + layer.length, 0) ?? 0;
    return { hidden: columns.slice(0, hidden), outputs: columns.slice(hidden) };
  }

  /** What the plane shows of the outputs. @param {Float64Array[]} outputs @returns {import("../training/plane_view.js").Answers} */
  answers(outputs) {
    const { kind, middle, reach } = this.page.plane;
    if (kind === "curve") return { lines: outputs };
    if (kind === "classes") return leads(outputs);
    const shares = outputs[0].map((number) => (number - middle) / reach);
    return { shares, boundaries: kind === "score" ? [shares] : [] };
  }

  /** The rows as points of the plane. @returns {import("../training/plane_view.js").Point[]} */
  points() {
    const { kind, middle } = this.page.plane;
    return Array.from({ length: this.count }, (_, row) => {
      const target = this.input(1, row, 0);
      const mark = kind === "score" || kind === "value" ? +(target > middle) : target;
      return [this.input(0, row, 0), kind === "curve" ? 0 : this.input(0, row, 1), mark];
    });
  }

  /** Where a slider of a column of the rows begins and ends. @type {(argument: number, column: number) => [number, number]} */
  range(argument, column) {
    const numbers = Array.from({ length: this.count }, (_, row) => this.input(argument, row, column)).filter(Number.isFinite);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    if (low < high) return [low - (high - low) / 4, high + (high - low) / 4];
    const reach = 2 * largestSize(numbers, 1);
    return [-reach, reach];
  }
}

/** The class with the largest output at each point, its lead over the next one, and the lead of each class. @param {Float64Array[]} columns */
function leads(columns) {
  const boundaries = columns.map((own, i) => own.map((number, place) =>
    number - Math.max(...columns.map((other, j) => (j === i ? -Infinity : other[place])))));
  const classes = Array.from(columns[0], (_, place) => columns.reduce((best, column, i) => (column[place] > columns[best][place] ? i : best), 0));
  return { classes, shares: Float64Array.from(classes, (own, place) => boundaries[own][place]), boundaries };
}
