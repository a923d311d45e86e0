// Runs a vector program, given as data by `program_data.py`, over blocks of rows, and makes steps of an optimiser.
import { actionOf } from "./actions.js";
import { MEMORY, SIZE } from "./memory.js";

const m = MEMORY;
const CACHE = 1 << 17; // numbers of a block, found by measurement
const [FEWEST, MOST] = [16, 4096]; // rows of a block
const NONE = new Float64Array(0);
/** @type {Runner} whose constants are in the memory */
let owner = null;

/**
 * @typedef {{ given: number, columns: [number, number, number][], ones: number[], constants: [number, number | string][],
 *   sizes: [number, number, number], before: any[], body: any[], after: any[], sums: [number, number], values: number[],
 *   byRow: number[] }} ProgramData
 * @typedef {{ values: Float64Array, byRow: Float64Array[] }} Results values: the same for all rows; byRow: one column a result
 * @typedef {{ runner: Runner, given: Float64Array, columns: Float64Array[] }} OptimiserStep
 *   A step of an optimiser as a program whose rows are the parameters. given: the state that all share, then the learning rate;
 *   columns: the parameters, then the state of each. The program reads the gradient as its second column.
 */

export class Runner {
  /** @param {ProgramData} program */
  constructor(program) {
    this.program = program;
    const [once, rows, conditions] = program.sizes;
    const wanted = Math.min(MOST, Math.max(FEWEST, Math.floor(CACHE / (rows + conditions + 1))));
    this.block = Math.min(wanted, Math.floor((SIZE - once) / (rows + conditions + 1)));
    if (this.block < 1) throw new RangeError(`the program needs ${once + rows + conditions} numbers, and the memory has ${SIZE}: make the network smaller, or use backend="numpy".`);
    this.constants = program.constants.map(([place, number]) => /** @type {[number, number]} */ ([place, +String(number).replace("inf", "Infinity")]));
    const outside = { width: 1, addressOf: (/** @type {number} */ _, /** @type {number} */ place) => place };
    this.before = program.before.map((step) => actionOf(outside, step));
    this.after = program.after.map((step) => actionOf(outside, step));
    this.values = Int32Array.from(program.values);
    this.width = 0; // of the block for which `ones` are set
    /** @type {Map<number, { addressOf: (file: number, place: number) => number, actions: (() => void)[] }>} by width */
    this.widths = new Map();
  }

  /**
   * data: for each argument its rows, one after the other.
   * @param {ArrayLike<number>} given
   * @param {ArrayLike<number>[]} data
   * @param {number} count of the rows
   * @param {number} [first] the first of them
   * @returns {Results}
   */
  run(given, data, count, first = 0) {
    const results = { values: new Float64Array(this.values.length), byRow: this.program.byRow.map(() => new Float64Array(count)) };
    this.runInto(results, given, data, count, first);
    return results;
  }

  /**
   * The same into `results`. A column of data may be a result by row at once.
   * @param {Results} results
   * @param {ArrayLike<number>} given
   * @param {ArrayLike<number>[]} data
   * @param {number} count
   * @param {number} first
   */
  runInto({ values, byRow }, given, data, count, first) {
    const { program } = this;
    const [from, size] = program.sums;
    const inBlocks = count > this.block || count === 0;
    const sums = inBlocks ? new Float64Array(size) : NONE;
    const errors = inBlocks ? new Float64Array(size) : NONE;
    if (owner !== this) this.enter();
    m.set(given);
    for (const action of this.before) action();
    for (let start = 0; start < count; start += this.block) {
      const width = Math.min(this.block, count - start);
      this.runBlock(data, first + start, width);
      program.byRow.forEach((place, i) => {
        const address = this.addressOf(width, place);
        const column = byRow[i];
        for (let r = 0; r < width; r++) column[start + r] = m[address + r];
      });
      for (let i = 0; i < sums.length; i++) { // compensated, as each sum of many numbers
        const before = sums[i];
        sums[i] += m[from + i];
        const share = sums[i] - before;
        errors[i] += before - (sums[i] - share) + (m[from + i] - share);
      }
    }
    sums.forEach((sum, i) => { m[from + i] = Number.isFinite(errors[i]) && errors[i] !== 0 ? sum + errors[i] : sum; });
    for (const action of this.after) action();
    for (let i = 0; i < this.values.length; i++) values[i] = m[this.values[i]];
  }

  /** Puts the constants into the memory. */
  enter() {
    owner = this;
    this.width = 0;
    for (const [place, number] of this.constants) m[place] = number;
  }

  /**
   * @param {ArrayLike<number>[]} data
   * @param {number} first
   * @param {number} width
   */
  runBlock(data, first, width) {
    const { program } = this;
    const { addressOf, actions } = this.atWidth(width);
    program.columns.forEach(([file, place, size], argument) => {
      const numbers = data[argument];
      for (let column = 0; column < size; column++) {
        const address = addressOf(file, place + column);
        for (let r = 0; r < width; r++) m[address + r] = numbers[(first + r) * size + column];
      }
    });
    for (const action of actions) action();
  }

  /**
   * The address of the numbers of a place of ROWS in a block.
   * @param {number} width
   * @param {number} place
   */
  addressOf(width, place) {
    return this.atWidth(width).addressOf(1, place);
  }

  /** @param {number} width */
  atWidth(width) {
    let found = this.widths.get(width);
    if (!found) {
      const [once, rows] = this.program.sizes;
      const addressOf = (/** @type {number} */ file, /** @type {number} */ place) =>
        (file === 0 ? place : once + (file === 1 ? place : rows + place) * width);
      const block = { width, addressOf };
      const actions = this.program.body.map((step) => actionOf(block, step));
      found = { addressOf, actions };
      if (this.widths.size > 3) this.widths.clear();
      this.widths.set(width, found);
    }
    if (this.width !== width) {
      for (const place of this.program.ones) m.fill(1, found.addressOf(1, place), found.addressOf(1, place) + width);
      this.width = width;
    }
    return found;
  }

  /**
   * Steps on batches of rows from row `start` on: { losses: the value before each step, done: how many were made, start: the next
   * row }. It stops at a step whose value or gradient is not finite. The last two numbers given are the count of rows and its
   * inverse; the first ones are the parameters.
   * @param {Float64Array} given
   * @param {ArrayLike<number>[]} data
   * @param {number} count
   * @param {OptimiserStep} update its columns and its shared state are changed
   * @param {number} steps
   * @param {number} batch
   * @param {number} start
   */
  trainSteps(given, data, count, update, steps, batch, start) {
    const losses = [];
    const results = { values: new Float64Array(this.values.length), byRow: this.program.byRow.map(() => new Float64Array(batch)) };
    const { values } = results;
    const gradient = values.subarray(1);
    for (let done = 0; done < steps; done++) {
      const rows = Math.min(batch, count - start);
      given.set(update.columns[0]);
      given[given.length - 2] = rows;
      given[given.length - 1] = 1 / rows;
      this.runInto(results, given, data, rows, start);
      losses.push(values[0]);
      if (!areFinite(values)) return { losses, done, start };
      applyUpdate(update, gradient);
      start = (start + rows) % count;
    }
    return { losses, done: steps, start };
  }
}

/**
 * One step of an optimiser.
 * @param {OptimiserStep} update
 * @param {Float64Array} gradient
 */
export function applyUpdate({ runner, given, columns }, gradient) {
  const [parameters, ...states] = columns;
  runner.runInto({ values: given, byRow: columns }, given, [parameters, gradient, ...states], parameters.length, 0);
}

/** @param {Float64Array} numbers */
function areFinite(numbers) {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] * 0; // nan where one is not finite
  return sum === 0;
}
