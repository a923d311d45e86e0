// Numbers of one kind, each with its name, a slider, and its gradient.
import { button, fill, make, press } from "../page/elements.js";
import { digitsText, numberText } from "../page/numbers.js";
import { largestSize } from "../training/colour_map.js";

const MOST = 120; // numbers that are listed at first, and by each click on "more"

/**
 * @typedef {object} Listed
 * @property {string} title
 * @property {string[]} names
 * @property {(number: number) => [number, number]} range of a slider
 * @property {(number: number) => number} [places] of an index, how many there are; 0 for another number
 * @property {(number: number, value: number) => void} set
 * @property {(number: number) => void} pick called when a name is clicked
 * @property {boolean} isOpen
 * @property {string[]} heads of the gradients that are shown
 */

export class NumberList {
  /** @param {Listed} listed */
  constructor(listed) {
    this.listed = listed;
    /** @type {{ name: HTMLElement, slider: HTMLInputElement, typed: HTMLInputElement, gradients: HTMLElement[], bar: HTMLElement }[]} */
    this.lines = [];
    this.body = make("div", { class: "numbers" });
    this.more = button("Show more", () => this.grow());
    const { title, names, heads, isOpen } = listed;
    const head = make("div", { class: "number head", "aria-hidden": "true" }, make("span", {}, ""), make("span", {}, ""), make("span", {}, "value"), ...heads.map((words) => make("span", {}, words)), make("span", {}, ""));
    this.element = make("details", { class: "number-list", ...(isOpen && { open: "" }) },
      make("summary", {}, title, make("span", { class: "muted" }, names.length > 1 ? ` ${names.length} numbers` : "")), head, this.body, this.more);
    this.element.addEventListener("toggle", () => this.refresh());
    if (isOpen) this.grow();
  }

  /** Lists further numbers. */
  grow() {
    const { names } = this.listed;
    for (const end = Math.min(this.lines.length + MOST, names.length); this.lines.length < end;) this.body.append(this.line(this.lines.length));
    this.more.hidden = this.lines.length === names.length;
    this.refresh();
  }

  /** @param {number} number */
  line(number) {
    const { names, range, places, set, pick, heads } = this.listed;
    const [low, high] = range(number);
    const count = places?.(number) ?? 0;
    const limits = count ? { min: 0, max: count - 1, step: 1 } : { min: low, max: high, step: "any" };
    const slider = make("input", { type: "range", ...limits, "aria-label": names[number] });
    const typed = make("input", { type: "number", step: count ? 1 : "any", "aria-label": `${names[number]}, exactly` });
    const change = (/** @type {HTMLInputElement} */ element) => { if (element.value && Number.isFinite(+element.value)) set(number, +element.value); };
    slider.addEventListener("input", () => change(slider));
    typed.addEventListener("change", () => change(typed));
    const gradients = heads.map((words) => make("output", { class: "gradient", "data-head": words }));
    const bar = make("i", { class: "signed-bar", "aria-hidden": "true" });
    const name = button(names[number], () => pick(number), { class: "name", title: `Show the value over ${names[number]}` });
    this.lines.push({ name, slider, typed, gradients, bar });
    return make("div", { class: "number" }, name, slider, typed, ...gradients, make("span", { class: "bar" }, bar));
  }

  /** @param {ArrayLike<number>} values @param {ArrayLike<number>[]} gradients one for each head @param {number | null} picked */
  show(values, gradients, picked) {
    this.shown = { values, gradients, picked };
    this.refresh();
  }

  /** Leads to the slider of a number. @param {number} number */
  focus(number) {
    this.element.open = true;
    while (this.lines.length <= number) this.grow();
    this.refresh();
    this.lines[number].slider.focus();
  }

  /** Of the slider of a number, which may have grown. @param {number} number @returns {[number, number]} */
  rangeOf(number) {
    const slider = this.lines[number]?.slider;
    return slider ? [+slider.min, +slider.max] : this.listed.range(number);
  }

  refresh() {
    if (!this.shown || !this.element.open) return;
    if (!this.lines.length) this.grow();
    const { values, gradients, picked } = this.shown;
    press(this.lines.map(({ name }) => name), (name) => name === this.lines[picked]?.name);
    const last = gradients.at(-1);
    const largest = last ? largestSize(last, 1e-300) : 1;
    this.lines.forEach(({ slider, typed, gradients: texts, bar }, i) => {
      const value = values[i];
      if (value > +slider.max) slider.max = String(value);
      if (value < +slider.min) slider.min = String(value);
      slider.value = String(value);
      slider.setAttribute("aria-valuetext", numberText(value));
      if (document.activeElement !== typed) typed.value = Number.isFinite(value) ? String(+value.toPrecision(5)) : "";
      typed.placeholder = Number.isFinite(value) ? "" : numberText(value); // which a field of numbers cannot hold
      texts.forEach((text, column) => { text.textContent = digitsText(gradients[column][i], 4); });
      if (!last) return;
      const share = Math.min(Math.abs(last[i]) / largest, 1) || 0;
      fill(bar, { style: `width:${(50 * share).toFixed(1)}%`, class: `signed-bar ${last[i] < 0 ? "below" : "above"}` });
    });
  }
}
