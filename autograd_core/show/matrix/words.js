// An entry in words: the scalars behind it, with the numbers put in.
import { asShown, countText, counted, digitsText, enoughDigits, productOf, relation, shownTo, sumOf, writtenSum } from "../page/numbers.js";
import { ALIKE } from "./layer_steps.js";

/** @typedef {[string, ...number[]]} Term its names and its factors */

const written = (/** @type {number | null | undefined} */ number, digits = 4) =>
  (number === null || number === undefined ? "–" : digitsText(number, digits));
/** @param {number} number */
export const signedWritten = (number) => (number > 0 ? "+" : "") + written(number);
const inBrackets = (/** @type {number} */ number, digits = 4) => (number < 0 ? `(${written(number, digits)})` : written(number, digits));
/** @type {(shown: number, number: number) => string} */
const gives = (shown, number) => (Number.isFinite(number) ? relation(shown, number) : "=");
const plain = (/** @type {import("./layer.js").Entry} */ { name }) => `${name} is a plain number of the program: it has no gradient.`;
const LOWERED = "₀₁₂₃₄₅₆₇₈₉";
const MOST_WRITTEN = 8; // terms of a sum

export class Words {
  /** @param {import("./layer.js").Layer} layer */
  constructor(layer) {
    this.layer = layer;
    this.of = (/** @type {string} */ name) => `d${layer.output}/d${name}`;
  }

  /** @param {number} i */
  bias(i) {
    return this.layer.b[i] ?? null;
  }

  /** @param {number} i */
  delta(i) {
    return `δ${String(this.layer.rows[i]).replace(/\d/g, (digit) => LOWERED[+digit])}`;
  }

  /**
   * "factor · factor = product", with ≈ where the digits shown don't multiply out.
   * @param {number} left
   * @param {number} right
   * @param {number} number
   */
  product(left, right, number) {
    return `${written(left)} · ${inBrackets(right)} ${gives(asShown(left) * asShown(right), number)} ${written(number)}`;
  }

  /**
   * A sum in names and in numbers. left: how many terms are not in the tables; last: a term that is always listed, at
   * the end.
   * @param {Term[]} terms
   * @param {number} left
   * @param {number} total
   * @param {Term[]} last
   */
  sum(terms, left, total, last = []) {
    const few = terms.slice(0, MOST_WRITTEN);
    const rest = terms.length - few.length + left;
    const more = rest ? [`… ${countText(rest)} more`] : [];
    const sumOfShown = (/** @type {number} */ count) => sumOf([...terms, ...last].map(([, ...factors]) => productOf(factors.map((factor) => shownTo(factor, count)))));
    const digits = rest ? 4 : enoughDigits(sumOfShown, total);
    const numbers = (/** @type {Term} */ [, ...factors]) => factors.map((factor, place) => (place ? inBrackets : written)(factor, digits)).join(" · ");
    const names = [...few.map(([name]) => name), ...more, ...last.map(([name]) => name)].join(" + ");
    const filled = [...few.map(numbers), ...more, ...last.map(numbers)].join(" + ").replace(/\+ −/g, "− ");
    return `${names} = ${filled} ${rest ? "=" : gives(sumOfShown(digits), total)} ${written(total)}`;
  }

  /** @param {number} i */
  forwardOfUnit(i) {
    const { W, x, z, tables, shape } = this.layer;
    const terms = W[i].map((weight, j) => /** @type {Term} */ ([`${this.weight(i, j)}·${x[j].name}`, weight.value, x[j].value]));
    const bias = this.bias(i);
    return `${z[i].name} = ${this.sum(terms, shape[1] - tables[1], z[i].value, bias ? [[this.biasName(i), bias.value]] : [])}`;
  }

  /**
   * The program may subtract a product: the matrix then holds the opposite of the number named.
   * @param {number} i
   * @param {number} j
   */
  weight(i, j) {
    const { name } = this.layer.W[i][j];
    return this.layer.subtracted.has(`${i},${j}`) ? `(−${name})` : name;
  }

  /** @param {number} i */
  biasName(i) {
    const { name } = this.bias(i);
    return this.layer.minusBias.includes(i) ? `(−${name})` : name;
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  forwardOfWeight(i, j) {
    const { W, x, z, product } = this.layer;
    return `${this.weight(i, j)} · ${x[j].name} = ${this.product(W[i][j].value, x[j].value, product[i][j])}, one of the terms of ${z[i].name}`;
  }

  /**
   * @param {number} i
   * @param {number} j
   */
  backwardOfWeight(i, j) {
    const { W, x, delta } = this.layer;
    const entry = W[i][j];
    if (entry.share === undefined) return plain(entry);
    const line = `${this.delta(i)} · ${x[j].name} = ${this.product(delta[i], x[j].value, entry.share)}`;
    return entry.others ? `${line}. ${this.whole(this.weight(i, j), entry)}` : `${this.of(this.weight(i, j))} = ${line}`;
  }

  /**
   * The gradient of a number that is used elsewhere too; this layer has a share of it.
   * @param {string} name
   * @param {import("./layer.js").Entry} entry
   */
  whole(name, { share, grad, elsewhere, others }) {
    const edges = counted(others, "other edge");
    const { terms, relation: sign } = writtenSum([share, elsewhere], grad);
    const [own, rest] = terms.map((term) => term.replace(/-/g, "−"));
    return `That is this layer's share: ${this.of(name)} = ${own} + ${rest} from elsewhere (${edges}) ${Number.isFinite(grad) ? sign : "="} ${written(grad)}`;
  }

  /** @param {number} i */
  ofDelta(i) {
    const { z, delta, closed, shape, b } = this.layer;
    const terms = `${counted(shape[1], "product")}${b[i] ? " and its bias" : ""}`;
    if (closed.includes(i)) return `${this.delta(i)} = ${this.of(z[i].name)} = 0: a closed gate above stops every contribution.`;
    return `${this.delta(i)} = ${this.of(z[i].name)} = ${written(delta[i])}: the sum passes it on unchanged to its ${terms}.`;
  }

  /** @param {number} i */
  ofBias(i) {
    const bias = this.bias(i);
    if (!bias) return `${this.layer.z[i].name} adds no bias.`;
    if (bias.share === undefined) return plain(bias);
    const line = `${this.delta(i)} = ${written(this.layer.delta[i])}`;
    return bias.others ? `${line} goes to ${bias.name} unchanged. ${this.whole(this.biasName(i), bias)}`
      : `${this.of(this.biasName(i))} = ${line}: a term of a sum gets δ unchanged.`;
  }

  /** @param {number} j */
  ofInput(j) {
    const { x, shape } = this.layer;
    const units = shape[0] === 1 ? "the one unit" : `all ${countText(shape[0])} units`;
    return `${x[j].name} = ${written(x[j].value)} goes into ${units}: it meets column ${j} of ${this.layer.symbols.W}.`;
  }

  /** @param {number} j */
  backwardOfInput(j) {
    const { W, x, delta, tables, shape } = this.layer;
    const entry = x[j];
    if (entry.share === undefined) return plain(entry);
    const terms = W.map((row, i) => /** @type {Term} */ ([`${this.weight(i, j)}·${this.delta(i)}`, row[j].value, delta[i]]));
    const line = this.sum(terms, shape[0] - tables[0], entry.share);
    return entry.others ? `${line}. ${this.whole(entry.name, entry)}` : `${this.of(entry.name)} = ${line}`;
  }

  /**
   * A contribution to an input, and the sum of those that have arrived by then.
   * @param {number} i
   * @param {number} j
   * @param {number} arrived
   */
  contribution(i, j, arrived) {
    const { W, x, delta, carried } = this.layer;
    const line = `to ${x[j].name}: ${this.weight(i, j)} · ${this.delta(i)} = ${this.product(W[i][j].value, delta[i], carried[i][j])}`;
    return `${line}; arrived from this layer so far: ${written(arrived)}`;
  }

  /**
   * The lines for an entry, forward first, each with the entry that must be shown before it.
   * @param {import("./layer.js").Place} place
   * @returns {[import("./layer.js").Place, string][]}
   */
  lines([kind, i, j]) {
    const forwardOfBias = () => (this.bias(i) ? `${this.biasName(i)} = ${written(this.bias(i).value)} is added to ${this.layer.z[i].name}` : "");
    /** @type {Record<string, () => any>} */
    const lines = {
      W: () => [[["product", i, j], this.forwardOfWeight(i, j)], [["dW", i, j], () => this.backwardOfWeight(i, j)]],
      z: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
      b: () => [[["b", i, 0], forwardOfBias()], [["db", i, 0], () => this.ofBias(i)]],
      x: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      dx: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      delta: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
    };
    const [forward, backward] = lines[ALIKE[kind] ?? kind]();
    const both = this.layer.problem ? [forward] : [forward, [backward[0], backward[1]()]];
    return both.filter(([, line]) => line);
  }
}
