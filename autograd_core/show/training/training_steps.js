// Steps of an optimiser on the parameters of a program, forward and back.

const [FEWEST_KEPT, MOST_KEPT, NUMBERS_KEPT] = [10, 400, 1e6]; // steps that one can go back, and their parameters
const MOST_POINTS = 200; // of the path
const STOPPED = "The loss or a gradient is no longer a finite number, so no further step can be made. Go back, or reset with a smaller rate.";

/**
 * @typedef {import("../../compiler/backends/javascript/runner.js").Runner} Runner
 * @typedef {{ runner: Runner, shared: number, each: number }} Rule of an optimiser; shared, each: how many numbers of its state
 *   all parameters share, and each has
 * @typedef {{ step: number, row: number, given: Float64Array, columns: Float64Array[] }} Snapshot
 * @typedef {{ step: number, parameters: Float64Array }} PathPoint
 * @typedef {object} Problem
 * @property {Runner} runner gives the reduced value and its gradient
 * @property {Runner} [careful] the same, with numbers that stay finite where those of `runner` do not
 * @property {number[]} rest the numbers that the program is given behind its parameters
 * @property {ArrayLike<number>[]} data for each argument its rows
 * @property {number} count of the rows
 * @property {number} batch the rows of a step
 */

export class TrainingSteps {
  /** @param {Problem} problem */
  setProblem({ runner, careful = null, rest, data, count, batch }) {
    this.runner = runner;
    this.careful = careful;
    this.rest = rest;
    this.data = data;
    this.count = count;
    this.batch = batch;
  }

  /** @param {Float64Array} parameters @param {Rule} rule @param {number} rate */
  begin(parameters, rule, rate) {
    this.parameters = parameters;
    this.setRule(rule, rate);
    this.step = 0;
    this.row = 0;
    this.problem = "";
    this.isReplaying = false; // whether steps of a link are made again
    /** @type {import("./changes.js").Change[]} */
    this.changes = [];
    /** @type {Snapshot[]} */
    this.past = [];
    /** @type {PathPoint[]} where the parameters were, every `stride` steps */
    this.path = [];
    this.stride = 1;
    this.notePoint();
  }

  /** @param {Rule} rule its state begins anew @param {number} rate */
  setRule({ runner, shared, each }, rate) {
    this.update = { runner, given: Float64Array.of(...new Float64Array(shared), rate),
      columns: [this.parameters, ...Array.from({ length: each }, () => new Float64Array(this.parameters.length))] };
  }

  /** @param {number} count of the rows */
  given(count) {
    const given = new Float64Array(this.parameters.length + this.rest.length + 2);
    given.set(this.parameters);
    given.set([...this.rest, count, 1 / count], this.parameters.length);
    return given;
  }

  get epoch() {
    return this.count ? this.step * this.batch / this.count : 0;
  }

  /** Makes steps of the optimiser; returns how many. @param {number} count */
  advance(count) {
    if (this.problem || !this.count) return 0;
    const given = this.given(1);
    const kept = Math.max(FEWEST_KEPT, Math.min(MOST_KEPT, Math.floor(NUMBERS_KEPT / this.parameters.length)));
    for (let done = 0; done < count; done++) {
      this.past.push(this.snapshot());
      if (this.past.length > kept) this.past.shift();
      const { runner, careful } = this;
      const start = this.makeStep(runner, given) ?? (careful && this.makeStep(careful, given));
      if (start === null) {
        this.past.pop();
        this.problem = STOPPED;
        return done;
      }
      this.row = start;
      this.step++;
      if (this.step % this.stride === 0) this.notePoint();
    }
    return count;
  }

  /** Adds the present point to the path; of a long one, every other point is left out. */
  notePoint() {
    while (this.path.length && this.path.at(-1).step >= this.step) this.path.pop();
    this.path.push({ step: this.step, parameters: this.parameters.slice() });
    if (this.path.length <= MOST_POINTS) return;
    this.path = this.path.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
  }

  /** The row of the next step; null where no step could be made. @type {(runner: Runner, given: Float64Array) => number | null} */
  makeStep(runner, given) {
    const { done, start } = runner.trainSteps(given, this.data, this.count, this.update, 1, this.batch, this.row);
    return done ? start : null;
  }

  /** Sets a parameter, or with -1 the rate, from this step on. @param {number} parameter @param {number} value */
  set(parameter, value) {
    if (parameter < 0) this.update.given[this.update.given.length - 1] = value;
    else this.parameters[parameter] = value;
    if (this.step % this.stride === 0) this.notePoint();
    this.changes = this.changes.filter((change) => change.step !== this.step || change.parameter !== parameter);
    this.changes.push({ step: this.step, parameter, value });
  }

  get rate() {
    return this.update.given.at(-1);
  }

  /** @returns {Snapshot} */
  snapshot() {
    return { step: this.step, row: this.row, given: this.update.given.slice(), columns: this.update.columns.map((column) => column.slice()) };
  }

  /** Goes back one step; false where none is kept. */
  back() {
    const last = this.past.pop();
    if (!last) return false;
    this.step = last.step;
    this.row = last.row;
    this.problem = "";
    this.changes = this.changes.filter(({ step }) => step <= this.step);
    this.update.given.set(last.given);
    last.columns.forEach((column, i) => this.update.columns[i].set(column));
    this.path = this.path.filter(({ step }) => step <= this.step);
    return true;
  }

  /** The reduced value over all rows, with other parameters. @param {Float64Array} parameters */
  valueAt(parameters) {
    const given = this.given(this.count);
    given.set(parameters);
    return this.runner.run(given, this.data, this.count).values[0];
  }

  /** The gradient of the reduced value over all rows. */
  gradient() {
    if (!this.count) return new Float64Array(this.parameters.length);
    return (this.careful ?? this.runner).run(this.given(this.count), this.data, this.count).values.subarray(1);
  }
}
