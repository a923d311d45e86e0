// Why: the chain rule of the weight or the unit that was clicked, for one row and for the batch.
import { button, make, press, switchOff } from "../page/elements.js";
import { counted, numberText } from "../page/numbers.js";
import { BatchBars } from "../training/batch_bars.js";
import { ActivationPlot } from "./activation_plot.js";
import { Chain } from "./chain_steps.js";
import { gradientEnds } from "./gradient_ends.js";
import { biasName, sumName, unitWords, weightName } from "./part_names.js";

const SMALL_STEP = 1e-5; // of the finite difference

/**
 * @typedef {import("../training/network_sheet.js").Picked} Picked
 * @typedef {import("./trainer.js").Trainer} Trainer
 * @typedef {object} WhyActions
 * @property {() => void} light called when the step at work has changed
 * @property {(row: number) => void} pickRow
 * @property {(picked: Picked | null) => void} pick
 * @property {(parameter: number, value: number) => void} setWeight
 */

export class WhyPanel {
  /** @param {WhyActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.at = Infinity; // the step at work, at first the last
    /** @type {import("./chain_steps.js").ChainStep[]} */
    this.steps = [];
    this.title = make("h2", { id: "why-title" });
    this.list = make("ol", { class: "chain" });
    this.back = button("Back", () => this.go(this.current - 1), { title: "The step before (,)" });
    this.next = button("Next", () => this.go(this.current + 1), { title: "The next step (.)" });
    this.row = make("input", { type: "number", min: 1, value: 1, "aria-label": "Row" });
    this.row.addEventListener("change", () => actions.pickRow(Math.round(+this.row.value) - 1));
    this.rowText = make("span", { class: "row-text" });
    this.close = button("Close", () => actions.pick(null));
    this.bars = new BatchBars(actions.pickRow);
    this.plot = new ActivationPlot();
    this.batch = make("div", { class: "batch" });
    this.value = make("input", { type: "number", step: "any" });
    this.value.addEventListener("change", () => { if (Number.isFinite(+this.value.value) && this.value.value) actions.setWeight(this.parameter, +this.value.value); });
    this.own = make("label", { class: "field" }, make("span", {}, "Set this weight"), this.value);
    this.layers = make("table", { class: "by-layer" });
    this.head = make("div", { class: "why-head" }, this.title, make("label", { class: "row-choice" }, "Row ", this.row, this.rowText), this.back, this.next, this.own, this.close);
    this.body = make("div", { class: "why-body" }, this.list, this.batch);
    this.element = make("section", { class: "why", "aria-labelledby": "why-title" }, this.head, this.body);
  }

  get current() {
    return Math.min(this.at, this.steps.length - 1);
  }

  /** The parts of the network that the step at work is about. */
  get lit() {
    return new Set(this.steps[this.current]?.lit);
  }

  /** @param {number} step */
  go(step) {
    this.at = Math.max(0, Math.min(step, this.steps.length - 1));
    this.showStep();
    this.actions.light();
  }

  /** What is to be known of the batch. @param {Trainer} trainer @param {Picked | null} picked @param {number | null} row @param {ReturnType<Trainer["inspect"]>} inspected of all training rows */
  show(trainer, picked, row, inspected) {
    const isEmpty = row === null;
    for (const part of [this.row.parentElement, this.back, this.next, this.close]) part.hidden = !picked || isEmpty;
    this.own.hidden = picked?.kind !== "weight" || isEmpty;
    if (!picked || isEmpty) {
      this.steps = [];
      this.list.replaceChildren();
      this.title.textContent = "Click a link or a unit to see why";
      this.showLayers(inspected);
      return;
    }
    const chain = new Chain(trainer, trainer.rowTable(row));
    const { layer, unit } = picked;
    this.row.max = String(trainer.train.count);
    this.row.value = String(row + 1);
    const point = trainer.train.points[row];
    this.rowText.textContent = ` of ${trainer.train.count}: x = (${numberText(+point[0].toPrecision(3))}, ${numberText(+point[1].toPrecision(3))}), t = ${numberText(point[2])}`;
    this.steps = picked.kind === "weight" ? chain.ofWeight(layer, unit, picked.input) : chain.ofUnit(layer, unit);
    this.list.replaceChildren(...this.steps.map(({ text, died }, i) => {
      const step = button(text, () => this.go(i), { ...(died && { class: "died" }) });
      return make("li", {}, step);
    }));
    if (picked.kind === "weight") this.showWeight(trainer, picked, row, inspected);
    else this.showUnit(trainer, picked, row, inspected, chain);
    this.showStep();
  }

  showStep() {
    press(this.list.querySelectorAll("button"), (element) => element.parentElement === this.list.children[this.current]);
    const [item, list] = [this.list.children[this.current], this.list].map((element) => element?.getBoundingClientRect());
    if (item && (item.top < list.top || item.bottom > list.bottom)) this.list.scrollTop += item.top - list.top; // the page stays where it is
    switchOff(this.back, this.current <= 0);
    switchOff(this.next, this.current >= this.steps.length - 1);
  }

  /** @type {(trainer: Trainer, picked: Extract<Picked, { kind: "weight" }>, row: number, inspected: ReturnType<Trainer["inspect"]>) => void} */
  showWeight(trainer, { layer, unit, input }, row, inspected) {
    const { train, network: { sizes, penalty }, starts, settings } = trainer;
    const inputs = layer === 1 ? Float64Array.from({ length: train.count }, (_, r) => train.rows[r * sizes[0] + input]) : inspected.h[layer - 2][input];
    const contributions = inspected.delta[layer - 1][unit].map((delta, r) => delta * inputs[r]);
    const sum = contributions.reduce((total, each) => total + each, 0);
    const mean = sum / train.count;
    this.parameter = starts[layer - 1] + unit * sizes[layer - 1] + input;
    const weight = trainer.parameters[this.parameter];
    const gradient = trainer.gradient()[this.parameter];
    const name = weightName(layer, unit, input);
    this.title.textContent = `${name} = ${numberText(weight)}, from ${unitWords(trainer, layer - 1, input)} to ${unitWords(trainer, layer, unit)}`;
    this.value.value = String(+weight.toPrecision(4));
    const lines = [`The batch: the mean of what ${counted(train.count, "row")} add is ${numberText(sum)} / ${train.count} = ${numberText(mean)}.`];
    if (penalty) lines.push(`The penalty adds ${numberText(gradient - mean)}: dL/d${name} = ${numberText(gradient)}.`);
    if (settings.rule === "SGD") lines.push(`A step on all rows: ${numberText(weight)} − ${numberText(trainer.rate)} · (${numberText(gradient)}) = ${numberText(weight - trainer.rate * gradient)}.`);
    else lines.push(`${settings.rule} makes its step from this gradient and those before.`);
    const { reached, ends } = gradientEnds(trainer, inspected, layer, unit, inputs);
    if (ends.length) lines.push(`The gradient reaches this weight on ${reached} of ${counted(train.count, "row")}. It ends ${ends.map(([place, count]) => `${place} (${counted(count, "row")})`).join("; ")}.`);
    lines.push(this.difference(trainer, mean));
    this.bars.show(contributions, row, lines[0]);
    this.batch.replaceChildren(this.bars.element, ...lines.map((line) => make("p", {}, line)));
  }

  /** The slope of the mean loss by two values of it, beside the gradient. @param {Trainer} trainer @param {number} mean */
  difference(trainer, mean) {
    const { parameters, train } = trainer;
    const before = parameters[this.parameter];
    const lossAt = (/** @type {number} */ value) => {
      parameters[this.parameter] = value;
      return trainer.measure(train).loss;
    };
    const slope = (lossAt(before + SMALL_STEP) - lossAt(before - SMALL_STEP)) / (2 * SMALL_STEP);
    parameters[this.parameter] = before;
    return `Check by two values of the loss: (L(w + 0.00001) − L(w − 0.00001)) / 0.00002 = ${numberText(slope)}; the chain rule gives ${numberText(mean)}.`;
  }

  /** @type {(trainer: Trainer, picked: Extract<Picked, { kind: "unit" }>, row: number, inspected: ReturnType<Trainer["inspect"]>, chain: Chain) => void} */
  showUnit(trainer, { layer, unit }, row, inspected, chain) {
    const { network, pieces, train } = trainer;
    const isOutput = layer === network.sizes.length - 1;
    const activation = network.activations[layer - 1];
    this.title.textContent = isOutput ? "The output: the score s" : `${unitWords(trainer, layer, unit).replace("unit", "Unit")}, ${activation}`;
    const weights = make("p", { class: "weights" }, "Its weights: ", ...Array.from({ length: network.sizes[layer - 1] }, (_, input) =>
      button(`${weightName(layer, unit, input)} = ${numberText(chain.weight(layer, unit, input))}`, () => this.actions.pick({ kind: "weight", layer, unit, input }))),
    " ", make("span", { class: "bias" }, `${biasName(layer, unit)} = ${numberText(chain.bias(layer, unit))}`));
    if (isOutput) {
      this.batch.replaceChildren(weights);
      return;
    }
    const [z, slopes] = [inspected.z[layer - 1][unit], inspected.slopes[layer - 1][unit]];
    const closed = slopes.reduce((count, slope) => count + (slope === 0 ? 1 : 0), 0);
    const slope = slopes[row];
    const gate = `${sumName(trainer, layer, unit)} = ${numberText(z[row])}: the slope is ${numberText(slope)}${slope === 0 ? ", so the gate is closed" : ""}. ` +
      (closed ? `The gate is closed on ${closed} of ${train.count} rows${closed === train.count ? ": this unit is dead and learns nothing." : "."}` : `No gate is closed; the mean slope over all rows is ${numberText(slopes.reduce((sum, each) => sum + each, 0) / train.count)}.`);
    const learnt = trainer.learnt(layer);
    this.plot.show(pieces.activations[activation], activation, z[row], z, learnt);
    const ofLearnt = learnt.map((number) => make("p", {}, `The layer learns its slope: a = ${numberText(number)}, dL/da = ${numberText(trainer.gradient()[trainer.starts[layer] - 1])} for all rows.`));
    this.batch.replaceChildren(this.plot.element, make("p", {}, gate), ...ofLearnt, weights);
  }

  /** With nothing chosen: how large the gradients are in each layer. @param {ReturnType<Trainer["inspect"]>} inspected */
  showLayers({ delta }) {
    const sizes = delta.map((units) => {
      const all = units.flatMap((numbers) => [...numbers].map(Math.abs));
      return all.reduce((sum, number) => sum + number, 0) / (all.length || 1);
    });
    const largest = Math.max(...sizes, 1e-300);
    this.layers.replaceChildren(make("caption", {}, "Mean size of dL/dz over all rows and units: where it falls from layer to layer, the gradient vanishes"),
      make("tbody", {}, ...sizes.map((size, i) => make("tr", {}, make("th", { scope: "row" }, i === sizes.length - 1 ? "output" : `layer ${i + 1}`),
        make("td", {}, numberText(size)), make("td", { class: "bar" }, make("i", { style: `width:${(100 * size / largest).toFixed(1)}%` }))))));
    this.batch.replaceChildren(this.layers);
  }

  /** @param {KeyboardEvent} event */
  key({ key }) {
    if (key !== "," && key !== ".") return false;
    this.go(this.current + (key === "." ? 1 : -1));
    return true;
  }
}
