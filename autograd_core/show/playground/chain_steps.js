// The chain rule of what was clicked, for one row: a list of sentences, each with the parts of the network it is about.
import { bracketed, numberText, productRelation, writtenSum } from "../page/numbers.js";
import { biasName, keyOf, outputName, sumName, unitWords, weightName } from "./part_names.js";

/**
 * lit: units as "layer,unit", weights as "layer,unit,input".
 * @typedef {{ text: string, lit: string[], died?: boolean }} ChainStep
 * @typedef {import("./trainer.js").Trainer} Trainer
 * @typedef {ReturnType<Trainer["inspect"]>} Inspected of one row
 */

const HINGE_SIDE = 1; // of the margin

/** @type {(factors: number[], product: number) => string} */
const product = (factors, result) => `${factors.map((factor, i) => (i ? bracketed(factor) : numberText(factor))).join(" · ")} ${productRelation(factors, result)} ${numberText(result)}`;

/** @type {(terms: number[], result: number) => string} */
function sum(terms, result) {
  const written = writtenSum(terms, result);
  return `${written.terms.join(" + ")} ${written.relation} ${numberText(result)}`;
}

export class Chain {
  /**
   * @param {Trainer} trainer
   * @param {import("./trainer.js").Table} table of one row
   */
  constructor(trainer, table) {
    this.trainer = trainer;
    this.table = table;
    this.numbers = trainer.inspect(table);
    this.last = trainer.network.sizes.length - 1;
  }

  /** What goes into a unit of the next layer: a feature or an activation. @type {(layer: number, unit: number) => number} */
  output(layer, unit) {
    return layer ? this.numbers.h[layer - 1][unit][0] : this.table.rows[unit];
  }

  /** @type {(layer: number, unit: number) => number} */
  delta(layer, unit) {
    return this.numbers.delta[layer - 1][unit][0];
  }

  /** @type {(layer: number, unit: number, input: number) => number} */
  weight(layer, unit, input) {
    const { parameters, starts, network } = this.trainer;
    return parameters[starts[layer - 1] + unit * network.sizes[layer - 1] + input];
  }

  /** @type {(layer: number, unit: number) => number} */
  bias(layer, unit) {
    const { parameters, starts, network: { sizes } } = this.trainer;
    return parameters[starts[layer - 1] + sizes[layer] * sizes[layer - 1] + unit];
  }

  // ---- steps

  /** z and h of a unit. @type {(layer: number, unit: number) => ChainStep[]} */
  forward(layer, unit) {
    const { trainer, numbers } = this;
    const inputs = Array.from({ length: trainer.network.sizes[layer - 1] }, (_, input) => input);
    const z = layer === this.last ? numbers.score[0] : numbers.z[layer - 1][unit][0];
    const terms = inputs.map((input) => this.weight(layer, unit, input) * this.output(layer - 1, input));
    const symbols = inputs.map((input) => `${weightName(layer, unit, input)} · ${outputName(trainer, layer - 1, input)}`);
    const lit = [keyOf(layer, unit), ...inputs.map((input) => keyOf(layer, unit, input))];
    const steps = [{ text: `${sumName(trainer, layer, unit)} = ${[...symbols, biasName(layer, unit)].join(" + ")} = ${sum([...terms, this.bias(layer, unit)], z)}`, lit }];
    if (layer < this.last) {
      const { formula } = trainer.pieces.activations[trainer.network.activations[layer - 1]];
      steps.push({ text: `${outputName(trainer, layer, unit)} = ${numberText(numbers.h[layer - 1][unit][0])}, from h = ${formula} at z = ${numberText(z)}`, lit: [keyOf(layer, unit)] });
    }
    return steps;
  }

  /** dL/ds. @returns {ChainStep} */
  ofLoss() {
    const { numbers, trainer: { network }, table } = this;
    const [score, target] = [numbers.score[0], table.targets[0]];
    const slope = this.delta(this.last, 0);
    const side = target ? 1 : -1;
    const words = {
      logistic: `dL/ds = σ(s) − t = σ(${numberText(score)}) − ${numberText(target)} = ${numberText(slope)}`,
      squared: `dL/ds = 2 · (s − t) = 2 · (${numberText(score)} − ${bracketed(target)}) = ${numberText(slope)}`,
      hinge: side * score < HINGE_SIDE ? `dL/ds = −y = ${numberText(slope)}, since y · s = ${numberText(side * score)} is below 1`
        : `dL/ds = 0, since y · s = ${numberText(side * score)} is 1 or more: nothing flows back`,
    }[network.loss];
    return { text: `The loss of this row is ${numberText(numbers.loss[0])}. ${words}`, lit: [keyOf(this.last, 0)], died: slope === 0 };
  }

  /** dL/dh and dL/dz of a unit in a hidden layer. @type {(layer: number, unit: number) => ChainStep[]} */
  backward(layer, unit) {
    const { trainer, numbers } = this;
    const above = Array.from({ length: trainer.network.sizes[layer + 1] }, (_, next) => next);
    const upstream = numbers.upstream[layer - 1][unit][0];
    const terms = above.map((next) => this.weight(layer + 1, next, unit) * this.delta(layer + 1, next));
    const symbols = above.map((next) => `dL/d${sumName(trainer, layer + 1, next)} · ${weightName(layer + 1, next, unit)}`);
    const numbersOf = above.length === 1 ? product([this.delta(layer + 1, 0), this.weight(layer + 1, 0, unit)], upstream) : sum(terms, upstream);
    const lit = [keyOf(layer, unit), ...above.map((next) => keyOf(layer + 1, next, unit))];
    return [{ text: `dL/d${outputName(trainer, layer, unit)} = ${symbols.join(" + ")} = ${numbersOf}`, lit }, this.throughGate(layer, unit)];
  }

  /** dL/dz = dL/dh · slope. @type {(layer: number, unit: number) => ChainStep} */
  throughGate(layer, unit) {
    const { trainer, numbers } = this;
    const piece = trainer.pieces.activations[trainer.network.activations[layer - 1]];
    const [upstream, slope, delta] = [numbers.upstream[layer - 1][unit][0], numbers.slopes[layer - 1][unit][0], this.delta(layer, unit)];
    const [h, z] = [outputName(trainer, layer, unit), sumName(trainer, layer, unit)];
    if (upstream === 0) return { text: `Nothing arrives at ${h}, so dL/d${z} = 0.`, lit: [keyOf(layer, unit)], died: true };
    const dead = slope === 0;
    const words = dead ? `The slope of ${h} is 0 at z = ${numberText(numbers.z[layer - 1][unit][0])}: the gate is closed, and dL/d${z} = 0. The gradient ends here.`
      : `dL/d${z} = dL/d${h} · (${piece.slope}) = ${product([upstream, slope], delta)}`;
    return { text: words, lit: [keyOf(layer, unit)], died: dead };
  }

  /** From the loss back to a unit: whole layers, then the unit itself. @type {(layer: number, unit: number) => ChainStep[]} */
  backTo(layer, unit) {
    const steps = [this.ofLoss()];
    for (let above = this.last - 1; above > layer; above--) steps.push(this.layerStep(above));
    return layer < this.last ? [...steps, ...this.backward(layer, unit)] : steps;
  }

  /** All dL/dz of a layer. @type {(layer: number) => ChainStep} */
  layerStep(layer) {
    const deltas = this.numbers.delta[layer - 1].map(([number]) => number);
    const died = deltas.every((number) => number === 0);
    const names = sumName(this.trainer, layer, 0).replace(/[₀-₉]+$/, "");
    return { text: `Back through layer ${layer}: dL/d${names} = (${deltas.map(numberText).join(", ")})${died ? ". Every gate is closed for this row: the gradient ends here." : ""}`,
      lit: deltas.map((_, unit) => keyOf(layer, unit)), died };
  }

  /** The chain rule of a weight. @type {(layer: number, unit: number, input: number) => ChainStep[]} */
  ofWeight(layer, unit, input) {
    const { trainer } = this;
    const [delta, x] = [this.delta(layer, unit), this.output(layer - 1, input)];
    const z = sumName(trainer, layer, unit);
    const name = weightName(layer, unit, input);
    const link = keyOf(layer, unit, input);
    const steps = [...this.backTo(layer, unit),
      { text: `dL/d${name} = dL/d${z} · ${outputName(trainer, layer - 1, input)} = ${product([delta, x], delta * x)} for this row`, lit: [link, keyOf(layer, unit), keyOf(layer - 1, input)] }];
    if (layer === 1) return steps;
    const carried = delta * this.weight(layer, unit, input);
    return [...steps, { text: `The same link carries on to ${unitWords(trainer, layer - 1, input)}: upstream · partial = dL/d${z} · ${name} = ${product([delta, this.weight(layer, unit, input)], carried)}`, lit: [link, keyOf(layer - 1, input)] }];
  }

  /** What a unit computes, and what comes back to it. @type {(layer: number, unit: number) => ChainStep[]} */
  ofUnit(layer, unit) {
    return [...this.forward(layer, unit), ...this.backTo(layer, unit)];
  }
}
