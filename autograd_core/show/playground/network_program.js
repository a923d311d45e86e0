// Writes the vector program of a network of layers, from the pieces that the engine made: a tape for each activation and loss,
// with its derivative. Between them stand the products of a layer: z = W h + b, and back dL/dW = sum of delta h^T and
// dL/dh = W^T delta. The tests hold the result equal to the program that the compiler makes of the same network.
import { numberOf } from "../page/data.js";

/**
 * learnt: of an activation with a number that each layer learns, as the slope of PReLU: the first one, and the register of its gradient
 * @typedef {{ operations: string[], tape: (number[] | number | string | null)[], value: number, gradient: number,
 *   learnt: { first: number, gradient: number } | null }} Piece
 * @typedef {{ activations: Record<string, Piece & { formula: string, slope: string, zones: [string, string, string][] }>,
 *   losses: Record<string, Piece>, penalties: Record<string, Piece>, features: Record<string, Piece & { text: string }>,
 *   rules: Record<string, { program: import("../../compiler/backends/javascript/runner.js").ProgramData, shared: number, each: number }> }} Pieces
 * @typedef {{ sizes: number[], activations: string[], loss: string, penalty: string }} Network
 *   sizes: of the features, the hidden layers and the output; activations: of the hidden layers; penalty: "" for none
 * @typedef {[number, number, number]} Span
 * @typedef {Span | { start: number, shape: number[], steps: number[] }} Operand
 * @typedef {{ features: Span, target: Span, z: Span[], h: Span[], upstream: Span[], delta: Span[], score: Operand, loss: Operand }} Parts
 *   by hidden layer: z, h, dL/dh and dL/dz; delta ends with dL/dscore
 * @typedef {{ program: import("../../compiler/backends/javascript/runner.js").ProgramData, parts: Parts }} Written
 */

/** @type {(start: number, size: number, step?: number) => { start: number, shape: number[], steps: number[] }} */
const once = (start, size, step = 1) => ({ start, shape: [size], steps: [step] });

/**
 * Where the weights of each layer begin among the parameters; they are followed by its biases, and by what its activation learns.
 * @param {Network} network
 * @param {Pieces} pieces
 */
export function weightStarts({ sizes, activations }, pieces) {
  const starts = [0];
  for (let layer = 1; layer < sizes.length; layer++) {
    starts.push(starts[layer - 1] + sizes[layer] * (sizes[layer - 1] + 1) + (pieces.activations[activations[layer - 1]]?.learnt ? 1 : 0));
  }
  return starts; // the last is the number of parameters
}

class Writer {
  /** @param {number} given how many numbers of ONCE are given */
  constructor(given) {
    this.sizes = [given, 0, 0];
    /** @type {Map<number, number>} the place of each constant */
    this.constants = new Map();
    /** @type {{ before: any[], body: any[], after: any[] }} */
    this.lists = { before: [], body: [], after: [] };
    /** @type {any[]} */
    this.list = this.lists.body;
  }

  /** @type {(file: number, size: number) => Span} */
  place(file, size) {
    this.sizes[file] += size;
    return [file, this.sizes[file] - size, size];
  }

  /** @param {number} number */
  constant(number) {
    if (!this.constants.has(number)) this.constants.set(number, this.place(0, 1)[1]);
    return once(this.constants.get(number), 1);
  }

  /**
   * Writes what a register of a piece needs, for `size` elements; `known` has the registers that are written already.
   * @param {Piece} piece
   * @param {number} register
   * @param {Map<number, Operand>} known
   * @param {number} size
   * @param {number} file of the results
   */
  write({ operations, tape }, register, known, size, file = 1) {
    const needed = new Set([register]);
    for (let line = register; line >= 0; line--) {
      const instruction = tape[line];
      if (needed.has(line) && !known.has(line) && Array.isArray(instruction)) instruction.slice(1).forEach((input) => needed.add(input));
    }
    for (const line of [...needed].sort((a, b) => a - b)) {
      if (known.has(line)) continue;
      const instruction = tape[line];
      if (!Array.isArray(instruction)) known.set(line, this.constant(numberOf(instruction)));
      else {
        const [operation, ...inputs] = instruction;
        const out = this.place(file, size);
        this.list.push(["Elementwise", out, operations[operation], inputs.map((input) => known.get(input))]);
        known.set(line, file ? out : once(out[1], size));
      }
    }
    return known.get(register);
  }

  /** The operand as neighbouring places of ROWS, for a product. @type {(operand: Operand, size: number) => Span} */
  vector(operand, size) {
    if (Array.isArray(operand)) return operand;
    const out = this.place(1, size);
    this.list.push(["Spread", out, Array.from({ length: size }, () => operand.start)]);
    return out;
  }
}

/**
 * The program of the forward pass, and with `backward` of the gradient of the mean loss, plus the penalty on the weights. Given
 * are the parameters, the strength of the penalty, the number of rows and its inverse. With `slopes`, `delta` is instead the slope
 * of each hidden unit's activation.
 * @param {Network} network
 * @param {Pieces} pieces
 * @param {{ backward?: boolean, slopes?: boolean }} wanted
 * @returns {Written}
 */
export function writeProgram(network, pieces, { backward = false, slopes = false } = {}) {
  const { sizes, activations, loss, penalty } = network;
  const starts = weightStarts(network, pieces);
  const count = starts[sizes.length - 1];
  const last = sizes.length - 1; // the number of layers with weights
  const writer = new Writer(count + 3);
  const features = writer.place(1, sizes[0]);
  const target = writer.place(1, 1);
  const matrix = (/** @type {number} */ layer) => ({ start: starts[layer], shape: [sizes[layer + 1], sizes[layer]], steps: [sizes[layer], 1] });
  const turned = (/** @type {number} */ layer) => ({ start: starts[layer], shape: [sizes[layer], sizes[layer + 1]], steps: [1, sizes[layer]] });
  const biasStart = (/** @type {number} */ layer) => starts[layer] + sizes[layer] * sizes[layer + 1];
  /** @type {Parts} */
  const parts = { features, target, z: [], h: [], upstream: [], delta: [], score: target, loss: target };
  /** @type {Map<number, Operand>[]} */
  const known = [];
  let below = features;
  for (let layer = 0; layer < last; layer++) {
    const size = sizes[layer + 1];
    const z = writer.place(1, size);
    writer.list.push(["Affine", z, [[matrix(layer), below]], once(biasStart(layer), size), 1, []]);
    if (layer === last - 1) {
      parts.score = z;
      break;
    }
    const piece = pieces.activations[activations[layer]];
    known.push(new Map(leavesOf(piece, [z])));
    if (piece.learnt) known[layer].set(leafPlaces(piece)[2], once(starts[layer + 1] - 1, 1));
    parts.z.push(z);
    below = writer.vector(writer.write(piece, piece.value, known[layer], size), size);
    parts.h.push(below);
  }
  const lossPiece = pieces.losses[loss];
  const ofLoss = new Map(leavesOf(lossPiece, [parts.score, target]));
  parts.loss = writer.write(lossPiece, lossPiece.value, ofLoss, 1);
  const results = () => ({ sums: [0, 0], values: /** @type {number[]} */ ([]) });
  if (slopes) {
    parts.h.forEach((h, layer) => {
      const piece = pieces.activations[activations[layer]];
      known[layer].set(leafPlaces(piece)[1], writer.constant(1));
      parts.delta.push(writer.vector(writer.write(piece, piece.gradient, known[layer], h[2]), h[2]));
    });
  }
  const { sums, values } = backward ? writeBackward() : results();
  return { parts, program: {
    given: count + 3, columns: [features, target], ones: [], constants: [...writer.constants].map(([number, place]) => [place, number]),
    sizes: /** @type {[number, number, number]} */ (writer.sizes), ...writer.lists, sums: /** @type {[number, number]} */ (sums), values, byRow: [],
  } };

  function writeBackward() {
    const learning = sizes.map((size, layer) => (pieces.activations[activations[layer - 1]]?.learnt ? size : 0)); // by layer, from 1
    const spare = learning.map((_, layer) => 1 + count + learning.slice(0, layer).reduce((sum, size) => sum + size, 0));
    const length = spare.at(-1);
    const [, total] = writer.place(0, length);
    const at = (/** @type {number} */ parameter) => total + 1 + parameter;
    let delta = writer.vector(writer.write(lossPiece, lossPiece.gradient, ofLoss, 1), 1);
    writer.list.push(["Total", once(total, 1), parts.loss, true, 1, 0]);
    for (let layer = last - 1; layer >= 0; layer--) {
      parts.delta[layer] = delta;
      const h = layer ? parts.h[layer - 1] : features;
      writer.list.push(["Outer", { ...matrix(layer), start: at(starts[layer]) }, delta, h, 1, [0, 0]]);
      writer.list.push(["Total", once(at(biasStart(layer)), sizes[layer + 1]), delta, false, 1, 0]);
      if (!layer) break;
      const upstream = writer.place(1, sizes[layer]);
      writer.list.push(["Affine", upstream, [[turned(layer), delta]], null, 1, []]);
      parts.upstream[layer - 1] = upstream;
      const piece = pieces.activations[activations[layer - 1]];
      known[layer - 1].set(leafPlaces(piece)[1], upstream);
      if (piece.learnt) { // by unit; the sum over the units is taken behind the rows
        const byUnit = writer.vector(writer.write(piece, piece.learnt.gradient, known[layer - 1], sizes[layer]), sizes[layer]);
        writer.list.push(["Total", once(total + spare[layer], sizes[layer]), byUnit, false, 1, 0]);
      }
      delta = writer.vector(writer.write(piece, piece.gradient, known[layer - 1], sizes[layer]), sizes[layer]);
    }
    writer.list = writer.lists.after;
    const [, mean] = writer.place(0, length);
    writer.list.push(["Elementwise", [0, mean, length], "multiply", [once(total, length), once(count + 2, 1)]]);
    learning.forEach((size, layer) => { if (size) addUp([0, mean + starts[layer], 1], once(mean + spare[layer], size)); });
    if (penalty) for (let layer = 0; layer < last; layer++) addPenalty(layer, mean);
    return { sums: [total, length], values: Array.from({ length: 1 + count }, (_, i) => mean + i) };
  }

  /** The sum of numbers of ONCE. @type {(out: Span, numbers: { start: number, shape: number[], steps: number[] }) => void} */
  function addUp(out, numbers) {
    const ones = { start: writer.constant(1).start, shape: [1, numbers.shape[0]], steps: [0, 0] };
    writer.list.push(["Affine", out, [[ones, numbers]], null, 1, []]);
  }

  /** @type {(layer: number, mean: number) => void} */
  function addPenalty(layer, mean) {
    const piece = pieces.penalties[penalty];
    const size = sizes[layer] * sizes[layer + 1];
    const ofPenalty = new Map(leavesOf(piece, [once(starts[layer], size), once(count, 1)]));
    const value = writer.write(piece, piece.value, ofPenalty, size, 0);
    const gradient = writer.write(piece, piece.gradient, ofPenalty, size, 0);
    const sum = writer.place(0, 1);
    addUp(sum, /** @type {any} */ (value));
    for (const [place, added, length] of /** @type {[number, Operand, number][]} */ ([[mean, once(sum[1], 1), 1], [mean + 1 + starts[layer], gradient, size]])) {
      writer.list.push(["Elementwise", [0, place, length], "add", [once(place, length), added]]);
    }
  }
}

/** The registers of the leaves of a piece. @param {Piece} piece */
const leafPlaces = ({ tape }) => tape.flatMap((line, place) => (line === null ? [place] : []));

/** @type {(piece: Piece, leaves: Operand[]) => [number, Operand][]} */
const leavesOf = (piece, leaves) => leaves.map((leaf, i) => [leafPlaces(piece)[i], leaf]);
