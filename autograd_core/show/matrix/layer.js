// An affine layer z = W x + b as a page reads it.
import { numberOf } from "../page/data.js";

/**
 * share: this layer's part of the gradient, undefined where there is none. Where the number is used elsewhere too, grad
 * is the whole gradient, elsewhere the other part of it, and others the number of its edges there.
 * @typedef {{ name: string, value: number, share?: number, grad?: number, elsewhere?: number, others?: number }} Entry
 *
 * kind, row and column of a scalar of the layer.
 * @typedef {[string, number, number]} Place
 *
 * The tables hold the first rows and columns; shape counts all. minus: weights that the program subtracts.
 * @typedef {{ name: string, use: number, output: string, outputName: string, symbols: Record<"W" | "x" | "b" | "z", string>, shape: [number, number],
 *   tables: [number, number], rows: string[], z: Entry[], x: Entry[], b: (Entry | null)[], W: Entry[][], subtracted: Set<string>,
 *   minusBias: number[], delta: number[], closed: number[], product: number[][], carried: number[][], forward: Place[],
 *   backward: Place[], problem: string, sharedWeights: boolean, sharedBiases: boolean, sharedInputs: boolean,
 *   wantedWeights: boolean, wantedBiases: boolean, wantedInputs: boolean, uses: number, changed: string, cards: Place[],
 *   links: [Place, Place][], picture: [number, number], overview: { W: string[], dW: string[] } | null }} Layer
 */

/** @type {(numbers: [string, ...any[]]) => Entry} */
function entryOf([name, ...numbers]) {
  const [value, share, grad, elsewhere, others] = numbers.map(numberOf);
  return { name, value, share, grad, elsewhere, others };
}

/**
 * @param {any} data
 * @returns {Layer}
 */
export function layerOf({ kept, delta, product, carried, z, x, b, W, minus, ...rest }) {
  /** @type {(rows: any[][]) => number[][]} */
  const numbers = (rows) => rows.map((row) => row.map(numberOf));
  return {
    ...rest, tables: kept, delta: delta.map(numberOf), product: numbers(product), carried: numbers(carried), z: z.map(entryOf),
    x: x.map(entryOf), b: b.map((/** @type {any} */ entry) => entry && entryOf(entry)), W: W.map((/** @type {any[]} */ row) => row.map(entryOf)),
    subtracted: new Set(minus.map(String)),
  };
}
