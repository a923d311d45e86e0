// An entry in words: the scalars behind it, with the numbers put in.
import { asShown, countText, counted, numberText, productOf, relation, sumOf } from "../page/numbers.js";
import { ALIKE } from "./layer_steps.js";

const written = (number) => (number === null || number === undefined ? "–" : numberText(number).replace(/-/g, "−"));
export const signedWritten = (number) => (number > 0 ? "+" : "") + written(number);
const inBrackets = (number) => (number < 0 ? `(${written(number)})` : written(number));
const gives = (shown, number) => (Number.isFinite(number) ? relation(shown, number) : "=");
const MOST_WRITTEN = 8; // terms of a sum

export class Words {
  constructor(layer) {
    this.layer = layer;
    this.of = (name) => `d${layer.output}/d${name}`;
  }

  bias(i) {
    return this.layer.b[i] ?? null;
  }

  delta(i) {
    return `δ[${this.layer.rows[i]}]`;
  }

  // "factor · factor = product", with ≈ where the digits shown don't multiply out.
  product(left, right, number) {
    return `${written(left)} · ${inBrackets(right)} ${gives(asShown(left) * asShown(right), number)} ${written(number)}`;
  }

  // A sum in names and in numbers. terms: [names, factors ...] of each; left: how many of it have no table here; last: a
  // term that always stands, behind them; total: what it gives.
  sum(terms, left, total, last = []) {
    const few = terms.slice(0, MOST_WRITTEN);
    const rest = terms.length - few.length + left;
    const more = rest ? [`… ${countText(rest)} more`] : [];
    const numbers = ([, ...factors]) => factors.map((factor, place) => (place ? inBrackets(factor) : written(factor))).join(" · ");
    const names = [...few.map(([name]) => name), ...more, ...last.map(([name]) => name)].join(" + ");
    const filled = [...few.map(numbers), ...more, ...last.map(numbers)].join(" + ").replace(/\+ −/g, "− ");
    const shown = sumOf([...terms, ...last].map(([, ...factors]) => productOf(factors.map(asShown))));
    return `${names} = ${filled} ${rest ? "=" : gives(shown, total)} ${written(total)}`;
  }

  forwardOfUnit(i) {
    const { W, x, z, kept, shape } = this.layer;
    const terms = W[i].map((weight, j) => [`${this.weight(i, j)}·${x[j][0]}`, weight[1], x[j][1]]);
    const bias = this.bias(i) ? [[this.biasName(i), this.bias(i)[1]]] : [];
    return `${z[i][0]} = ${this.sum(terms, shape[1] - kept[1], z[i][1], bias)}`;
  }

  // The program may subtract a product: the matrix then holds the opposite of the number named.
  weight(i, j) {
    const name = this.layer.W[i][j][0];
    return this.layer.subtracted.has(`${i}:${j}`) ? `(−${name})` : name;
  }

  biasName(i) {
    const name = this.bias(i)[0];
    return this.layer.minusBias.includes(i) ? `(−${name})` : name;
  }

  forwardOfWeight(i, j) {
    const { W, x, z, product } = this.layer;
    return `${this.weight(i, j)} · ${x[j][0]} = ${this.product(W[i][j][1], x[j][1], product[i][j])}, one of the terms of ${z[i][0]}`;
  }

  backwardOfWeight(i, j) {
    const { W, x, delta } = this.layer;
    const [, , share, grad, elsewhere, others] = W[i][j];
    if (share === undefined) return `${W[i][j][0]} is a plain number of the program: no gradient is wanted for it.`;
    const line = `${this.delta(i)} · ${x[j][0]} = ${this.product(delta[i], x[j][1], share)}`;
    return others ? `${line}. ${this.whole(this.weight(i, j), share, grad, elsewhere, others)}` : `${this.of(this.weight(i, j))} = ${line}`;
  }

  // The gradient of a number that is used elsewhere too; this layer has a share of it.
  whole(name, share, grad, elsewhere, others) {
    const edges = counted(others, "other edge");
    return `That is this layer's share: ${this.of(name)} = ${written(share)} + ${inBrackets(elsewhere)} from elsewhere (${edges}) ${gives(asShown(share) + asShown(elsewhere), grad)} ${written(grad)}`;
  }

  ofDelta(i) {
    const { z, delta, closed, shape, b } = this.layer;
    const terms = `${counted(shape[1], "product")}${b[i] ? " and its bias" : ""}`;
    if (closed.includes(i)) return `${this.delta(i)} = ${this.of(z[i][0])} = 0: a closed gate above stops all that could arrive.`;
    return `${this.delta(i)} = ${this.of(z[i][0])} = ${written(delta[i])}: the sum passes it on unchanged to its ${terms}.`;
  }

  ofBias(i) {
    const bias = this.bias(i);
    if (!bias) return `${this.layer.z[i][0]} adds no bias.`;
    const [, , share, grad, elsewhere, others] = bias;
    if (share === undefined) return `${bias[0]} is a plain number of the program: no gradient is wanted for it.`;
    const line = `${this.delta(i)} = ${written(this.layer.delta[i])}`;
    return others ? `${line} goes to ${bias[0]} unchanged. ${this.whole(this.biasName(i), share, grad, elsewhere, others)}`
      : `${this.of(this.biasName(i))} = ${line}: added as it is, it gets δ unchanged.`;
  }

  ofInput(j) {
    const { x, shape } = this.layer;
    const units = shape[0] === 1 ? "the one unit" : `all ${countText(shape[0])} units`;
    return `${x[j][0]} = ${written(x[j][1])} goes into ${units}: it meets column ${j} of ${this.layer.symbols.W}.`;
  }

  backwardOfInput(j) {
    const { W, x, delta, kept, shape } = this.layer;
    const [name, , share, grad, elsewhere, others] = x[j];
    if (share === undefined) return `${name} is a plain number of the program: no gradient is wanted for it.`;
    const terms = W.map((row, i) => [`${this.weight(i, j)}·${this.delta(i)}`, row[j][1], delta[i]]);
    const line = this.sum(terms, shape[0] - kept[0], share);
    return others ? `${line}. ${this.whole(name, share, grad, elsewhere, others)}` : `${this.of(name)} = ${line}`;
  }

  // One contribution on its way to an input, and what has arrived by then.
  contribution(i, j, arrived) {
    const { W, x, delta, carried } = this.layer;
    const line = `to ${x[j][0]}: ${this.weight(i, j)} · ${this.delta(i)} = ${this.product(W[i][j][1], delta[i], carried[i][j])}`;
    return `${line}; arrived from this layer so far: ${written(arrived)}`;
  }

  // The lines for an entry, forward first, each with the entry that must be shown before it.
  lines([kind, i, j]) {
    const forwardOfBias = () => (this.bias(i) ? `${this.biasName(i)} = ${written(this.bias(i)[1])} is added to ${this.layer.z[i][0]}` : "");
    const [forward, backward] = {
      W: () => [[["product", i, j], this.forwardOfWeight(i, j)], [["dW", i, j], () => this.backwardOfWeight(i, j)]],
      z: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
      b: () => [[["b", i, 0], forwardOfBias()], [["db", i, 0], () => this.ofBias(i)]],
      x: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      dx: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      delta: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
    }[ALIKE[kind] ?? kind]();
    const both = this.layer.problem ? [forward] : [forward, [backward[0], backward[1]()]];
    return both.filter(([, line]) => line);
  }
}
