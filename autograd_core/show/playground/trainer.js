// A network in training: its programs, its first weights, and what can be measured of it.
import { Runner } from "../../compiler/backends/javascript/runner.js";
import { run } from "../stepper/operations.js";
import { SIDE } from "../training/colour_map.js";
import { TrainingSteps } from "../training/training_steps.js";
import { REACH, pointsOf } from "./data_sets.js";
import { weightStarts, writeProgram } from "./network_program.js";
import { SeededRandom } from "../training/seeded_random.js";
import { isRegression } from "./settings.js";

/**
 * @typedef {import("./settings.js").Settings} Settings
 * @typedef {import("./network_program.js").Pieces} Pieces
 * @typedef {{ loss: number, accuracy: number, scores: Float64Array, losses: Float64Array }} Measured
 * @typedef {{ rows: Float64Array, targets: Float64Array, count: number, points: import("./data_sets.js").Point[] }} Table
 */

export class Trainer extends TrainingSteps {
  /**
   * @param {Pieces} pieces
   * @param {Settings} settings
   */
  constructor(pieces, settings) {
    super();
    this.pieces = pieces;
    this.settings = settings;
    const { features, layers, data } = settings;
    const loss = isRegression(settings) ? "squared" : settings.loss;
    this.network = { sizes: [features.length, ...layers.map(({ units }) => units), 1],
      activations: layers.map(({ activation }) => activation), loss, penalty: settings.penalty };
    this.starts = weightStarts(this.network, pieces);
    const points = pointsOf(data, settings.noise, settings.seed, settings.points);
    this.train = this.table(points.train);
    this.test = this.table(points.test);
    const { rows, targets, count } = this.train;
    this.setProblem({ runner: new Runner(writeProgram(this.network, pieces, { backward: true }).program), rest: [settings.strength],
      data: [rows, targets], count, batch: settings.batch ? Math.min(settings.batch, count) : count });
    this.inspection = this.watch({ backward: true }, (parts) => [...parts.z, ...parts.h, ...parts.upstream, ...parts.delta, parts.score, parts.loss]);
    this.forward = this.watch({}, (parts) => [...parts.h, parts.score, parts.loss]);
    this.slopes = this.watch({ slopes: true }, (parts) => parts.delta);
    const { program, shared, each } = pieces.rules[settings.rule];
    this.rule = { runner: new Runner(program), shared, each };
    this.grid = this.table(Array.from({ length: SIDE * SIDE }, (_, i) => [
      REACH * (2 * (i % SIDE) / (SIDE - 1) - 1), isRegression(settings) ? 0 : REACH * (1 - 2 * Math.floor(i / SIDE) / (SIDE - 1)), 0]));
    this.reset();
  }

  /**
   * A program whose results by row are those parts of it.
   * @param {{ backward?: boolean, slopes?: boolean }} wanted
   * @param {(parts: import("./network_program.js").Parts) => any[]} chosen
   */
  watch(wanted, chosen) {
    const { program, parts } = writeProgram(this.network, this.pieces, wanted);
    const spans = chosen(parts);
    const byRow = spans.flatMap(([, start, size]) => Array.from({ length: size }, (_, i) => start + i));
    const runner = new Runner({ ...program, byRow });
    return (/** @type {Table} */ table) => {
      const columns = runner.run(this.given(table.count), [table.rows, table.targets], table.count).byRow;
      return spans.map(([, , size]) => columns.splice(0, size));
    };
  }

  /** @param {import("./data_sets.js").Point[]} points @returns {Table} */
  table(points) {
    const chosen = this.settings.features.map((name) => this.pieces.features[name]);
    const rows = Float64Array.from(points.flatMap(([x1, x2]) => chosen.map((piece) => run(piece, [x1, x2])[piece.value])));
    return { rows, targets: Float64Array.from(points, (point) => point[2]), count: points.length, points };
  }

  // ---- training

  reset() {
    const { sizes } = this.network;
    const random = new SeededRandom(this.settings.seed + 7919);
    const parameters = new Float64Array(this.starts[sizes.length - 1]);
    for (let layer = 0; layer + 1 < sizes.length; layer++) {
      const count = sizes[layer] * sizes[layer + 1];
      const draw = firstWeight(this.settings.weights, sizes[layer], sizes[layer + 1], this.network.activations[layer]);
      for (let i = 0; i < count; i++) parameters[this.starts[layer] + i] = draw(random);
      const learnt = this.pieces.activations[this.network.activations[layer]]?.learnt;
      if (learnt) parameters[this.starts[layer + 1] - 1] = learnt.first;
    }
    this.begin(parameters, this.rule, this.settings.rate);
  }

  /** The places of the weights into each unit, and of the biases of each layer. */
  filters() {
    const { sizes } = this.network;
    return sizes.slice(1).flatMap((units, layer) => {
      const biases = this.starts[layer] + units * sizes[layer];
      const places = (/** @type {number} */ start, /** @type {number} */ count) => Array.from({ length: count }, (_, i) => start + i);
      const weights = places(0, units).map((unit) => places(this.starts[layer] + unit * sizes[layer], sizes[layer]));
      const learnt = this.starts[layer + 1] - biases - units; // 0 where the activation learns nothing
      return [...weights, places(biases, units), ...(learnt ? [places(biases + units, learnt)] : [])];
    });
  }

  // ---- measuring

  /** @param {Table} table @returns {Measured} */
  measure(table) {
    const all = this.forward(table);
    const [scores, losses] = all.slice(-2).map(([column]) => column);
    const right = scores.reduce((count, score, i) => count + ((score > 0 ? 1 : 0) === table.targets[i] ? 1 : 0), 0);
    return { loss: losses.reduce((sum, loss) => sum + loss, 0) / table.count, accuracy: right / table.count, scores, losses };
  }

  /** Over the plane: the activation of each hidden unit, by layer, and last the score. */
  maps() {
    return this.forward(this.grid).slice(0, -1);
  }

  /** By hidden layer and unit, for each row of a table: z, h, dL/dh, dL/dz and the slope dh/dz; dL/dscore, score and loss. @param {Table} table */
  inspect(table) {
    const depth = this.network.activations.length;
    const parts = this.inspection(table);
    const take = (/** @type {number} */ count) => parts.splice(0, count);
    const [z, h, upstream, delta] = [take(depth), take(depth), take(depth), take(depth + 1)];
    const [[score], [loss]] = parts;
    return { z, h, upstream, delta, score, loss, slopes: this.slopes(table) };
  }

  /** What the activation of a hidden layer has learnt so far, such as the slope of PReLU: one number or none. @param {number} layer from 1 */
  learnt(layer) {
    return this.pieces.activations[this.network.activations[layer - 1]].learnt ? [this.parameters[this.starts[layer] - 1]] : [];
  }

  /** How one row enters: a table of it alone. @param {number} row @returns {Table} */
  rowTable(row) {
    return this.table([this.train.points[row]]);
  }
}

/** @type {(kind: string, inputs: number, outputs: number, activation: string | undefined) => (random: SeededRandom) => number} */
function firstWeight(kind, inputs, outputs, activation) {
  if (kind === "equal") return () => 0.5;
  const within = (/** @type {number} */ bound) => (/** @type {SeededRandom} */ random) => bound * (2 * random.uniform() - 1);
  if (kind === "small") return within(0.01);
  if (kind === "large") return within(5);
  const squashes = !activation || ["linear", "sigmoid", "tanh", "threshold"].includes(activation);
  return within(Math.sqrt(6 / (squashes ? inputs + outputs : inputs)));
}
