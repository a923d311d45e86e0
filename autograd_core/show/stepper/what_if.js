// What if: other numbers for the inputs; the change that the gradient predicts, beside the true one.
import { button, make } from "../page/elements.js";
import { bracketed, numberText, productRelation, signedText, sumOf } from "../page/numbers.js";
import { whyNot } from "./operations.js";

const STEPS = 100; // of a slider on either side

export class WhatIf {
  /**
   * changed: called with other numbers for the leaves, or with null for the original ones.
   * @param {import("./sweep.js").Sweep} sweep
   * @param {(leaves: number[] | null) => void} changed
   */
  constructor(sweep, changed) {
    this.sweep = sweep;
    this.changed = changed;
    this.element = make("section", { class: "panel what-if", "aria-label": "What if" });
    const { program } = sweep.data;
    const reason = typeof program === "string" ? program : whyNot(program);
    if (reason) {
      this.element.append(make("p", {}, `What if is off here: ${reason}`));
      return;
    }
    /** @type {number[]} */
    this.leaves = program.leaves;
    this.inputs = this.leaves.map((card) => this.input(sweep.names[card], sweep.base.values[card]));
    this.back = button("Back to the original numbers", () => this.reset());
    this.result = make("div", { class: "prediction", role: "status", "aria-live": "polite" });
    const hint = "Change a number: everything is computed again, here in the page, by the same chain rule." +
      (sweep.update <= sweep.last ? " The update steps belong to the original numbers, and return with them." : "");
    this.element.append(make("p", { class: "hint" }, hint),
      make("div", { class: "rows" }, ...this.inputs.map(({ row }) => row)), this.result, this.back);
    this.show();
  }

  /**
   * @param {string} name
   * @param {number} number
   */
  input(name, number) {
    const reach = Math.max(1, Math.abs(number));
    const field = make("input", { type: "number", step: "any", value: number, "aria-label": `${name}, a number` });
    const slider = make("input", { type: "range", min: number - reach, max: number + reach, step: reach / STEPS, "aria-label": `${name}, a slider` });
    slider.value = String(number);
    const was = make("span", { class: "was", role: "status" });
    const input = { row: make("div", { class: "row" }, make("span", { class: "name" }, name), field, slider, was), field, slider, number,
      // A text that is not a finite number changes nothing: the previous number stays in use.
      showValid(/** @type {boolean} */ valid) {
        field.setAttribute("aria-invalid", String(!valid));
        was.textContent = valid ? `was ${numberText(number)}` : `not a finite number: still ${numberText(input.number)}`;
      } };
    was.textContent = `was ${numberText(number)}`;
    field.addEventListener("input", () => {
      const valid = field.value.trim() !== "" && Number.isFinite(+field.value);
      input.showValid(valid);
      if (!valid) return;
      input.number = +field.value;
      slider.value = field.value;
      this.recompute();
    });
    slider.addEventListener("input", () => {
      field.value = String(+(+slider.value).toPrecision(6));
      field.dispatchEvent(new Event("input"));
    });
    return input;
  }

  get numbers() {
    return this.inputs.map(({ number }) => number);
  }

  /** @param {number[]} numbers */
  set(numbers) {
    this.inputs.forEach((input, index) => {
      input.number = numbers[index];
      input.field.value = input.slider.value = String(numbers[index]);
      input.showValid(true);
    });
    this.recompute();
  }

  /** @param {number} card */
  numberOf(card) {
    return this.inputs[this.leaves.indexOf(card)].number;
  }

  /** @param {number} card */
  stepOf(card) {
    return +this.inputs[this.leaves.indexOf(card)].slider.step;
  }

  /**
   * @param {number} card
   * @param {number} number
   */
  change(card, number) {
    const { field } = this.inputs[this.leaves.indexOf(card)];
    field.value = String(+number.toPrecision(6));
    field.dispatchEvent(new Event("input"));
  }

  reset() {
    this.set(this.leaves.map((card) => this.sweep.base.values[card]));
  }

  recompute() {
    const { numbers } = this;
    const moved = this.leaves.some((card, index) => numbers[index] !== this.sweep.base.values[card]);
    this.changed(moved ? numbers : null);
    this.show();
  }

  // The change of the output: predicted by the gradient, and actual.
  show() {
    const { names, base, now, output } = this.sweep;
    const name = names[output];
    const before = base.values[output];
    const moved = this.leaves.filter((card) => now.values[card] !== base.values[card]);
    this.back.disabled = !moved.length;
    if (!moved.length) {
      this.result.replaceChildren(make("p", {}, `${name} is ${numberText(before)}.`));
      return;
    }
    const products = moved.map((card) => {
      const change = now.values[card] - base.values[card];
      const product = base.grads[card] * change;
      return { card, product, factors: `${numberText(base.grads[card])} · ${bracketed(change)}`,
        relation: productRelation([base.grads[card], change], product) };
    });
    const predicted = sumOf(products.map(({ product }) => product));
    const change = now.values[output] - before;
    /** @type {(words: string, number: number, text: string, kind?: string) => HTMLTableRowElement} */
    const row = (words, number, text, kind = "") => make("tr", kind ? { class: kind } : {}, make("th", { scope: "row" }, words),
      make("td", {}, signedText(number)), make("td", {}, text));
    const terms = products.map(({ card, product, factors, relation }) =>
      row(`gradient · change of ${names[card]}`, product, `${factors} ${relation} ${numberText(product)}`));
    const heading = products.length === 1 ? `Predicted, ${products[0].factors}` : "Predicted";
    const difference = change - predicted;
    const rows = [...(products.length === 1 ? [] : terms), row(heading, predicted, `${name} = ${numberText(before + predicted)}`, "predicted"),
      row("Actual", change, `${name} = ${numberText(now.values[output])}`, "actual")];
    if (difference !== 0 && Number.isFinite(difference)) rows.push(row("Off by", difference, "the slope may change on the way"));
    this.result.replaceChildren(make("table", {}, make("caption", {}, `${name} was ${numberText(before)}`), make("tbody", {}, ...rows)));
  }
}
