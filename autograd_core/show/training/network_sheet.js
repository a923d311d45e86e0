// Units in columns, and between them a link for each weight: its width and colour are the weight or its gradient.
import { all, button, draw, fill, make, press } from "../page/elements.js";
import { numberText } from "../page/numbers.js";
import { SIDE, largestSize, paintMap } from "./colour_map.js";

const WIDEST = 6; // pixels of a link
const THINNEST = 0.4;
const DEPTH = 0.85;

/**
 * layer: of a weight, the layer it leads to, from 1; of a unit its layer; the output is the last.
 * @typedef {{ kind: "unit", layer: number, unit: number } | { kind: "weight", layer: number, unit: number, input: number }} Picked
 * @typedef {"weight" | "gradient"} Lens
 * @typedef {{ layer: number, unit: number, input: number, parameter: number, name: string }} Weight parameter: its place among the parameters
 * @typedef {object} SheetActions
 * @property {(picked: Picked) => void} pick
 * @property {(place: [number, number] | null) => void} look called when the pointer comes to a unit, and when it leaves
 */

export class NetworkSheet {
  /** @param {SheetActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.svg = draw("svg", { class: "links", "aria-hidden": "true" });
    this.columns = make("div", { class: "columns" });
    this.element = make("div", { class: "sheet-of-units" }, this.svg, this.columns);
    this.element.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target).closest("[data-weight]");
      if (!target) return;
      const [layer, unit, input] = /** @type {SVGElement} */ (target).dataset.weight.split(",").map(Number);
      actions.pick({ kind: "weight", layer, unit, input });
    });
    new ResizeObserver(() => this.placeLinks()).observe(this.element);
  }

  /** @param {Node[]} columns with an element for each unit, marked "layer,unit" @param {Weight[]} weights */
  build(columns, weights) {
    this.columns.replaceChildren(...columns);
    this.links = weights.map((weight) => {
      const title = draw("title");
      const key = `${weight.layer},${weight.unit},${weight.input}`;
      return { weight, key, title, path: draw("path", { class: "link-line" }), touch: draw("path", { class: "touch", "data-weight": key }, title) };
    });
    this.svg.replaceChildren(...this.links.map(({ path }) => path), ...this.links.map(({ touch }) => touch));
    this.placeLinks();
  }

  /** @type {(layer: number, unit: number, label: string, inside: Node[]) => HTMLElement} */
  unitButton(layer, unit, label, inside) {
    const element = make("button", { type: "button", class: "unit", "data-unit": `${layer},${unit}`, "aria-label": label, title: label }, ...inside);
    element.addEventListener("click", () => this.actions.pick({ kind: "unit", layer, unit }));
    element.addEventListener("pointerenter", () => this.actions.look([layer, unit]));
    element.addEventListener("pointerleave", () => this.actions.look(null));
    return element;
  }

  placeLinks() {
    if (!this.links) return;
    const around = this.element.getBoundingClientRect();
    const boxes = new Map(all(this.element, "[data-unit]").map((element) => [element.dataset.unit, element.getBoundingClientRect()]));
    for (const { path, touch, weight: { layer, unit, input } } of this.links) {
      const [from, to] = [boxes.get(`${layer - 1},${input}`), boxes.get(`${layer},${unit}`)];
      if (!from || !to) continue;
      const [x, y] = [from.right - around.left, from.top + from.height / 2 - around.top];
      const [right, down] = [to.left - around.left, to.top + to.height / 2 - around.top];
      const middle = (x + right) / 2;
      const d = `M${x},${y}C${middle},${y} ${middle},${down} ${right},${down}`;
      for (const each of [path, touch]) each.setAttribute("d", d);
    }
  }

  /** @type {(numbers: ArrayLike<number>, lens: Lens, isPicked: (weight: Weight) => boolean, lit?: Set<string>) => void} */
  showLinks(numbers, lens, isPicked, lit = new Set()) {
    const scale = largestSize(this.links.map(({ weight }) => numbers[weight.parameter]), lens === "weight" ? 1 : 1e-300);
    for (const { weight, key, path, title } of this.links) {
      const number = numbers[weight.parameter];
      fill(path, { "stroke-width": (THINNEST + WIDEST * Math.min(Math.abs(number) / scale, 1)).toFixed(2),
        class: `link-line ${number > 0 ? "positive" : number < 0 ? "negative" : Number.isNaN(number) ? "nonfinite" : ""}${isPicked(weight) ? " picked" : ""}${lit.has(key) ? " lit" : ""}` });
      title.textContent = `${weight.name}: ${lens} ${numberText(number)}`;
    }
  }

  /** Each unit with its layer and its place. @returns {[HTMLElement, number, number][]} */
  units() {
    return all(this.element, ".unit").map((element) => {
      const [layer, unit] = element.dataset.unit.split(",").map(Number);
      return [element, layer, unit];
    });
  }
}

/** The map of a unit. */
export const unitMap = () => make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });

/** @type {(element: Element, values: ArrayLike<number>, colours: import("./colour_map.js").Colours, least: number) => void} */
export const paintUnit = (element, values, colours, least) => paintMap(element.querySelector("canvas"), values, colours, largestSize(values, least), DEPTH);

/** The one switch of what the links show. */
export class LensSwitch {
  /** @param {(lens: Lens) => void} set */
  constructor(set) {
    this.buttons = /** @type {Lens[]} */ (["weight", "gradient"]).map((lens) => button(`${lens}s`, () => set(lens), { "data-lens": lens }));
    this.element = make("div", { class: "lens", role: "group", "aria-label": "Links show" }, make("span", {}, "Links show"), ...this.buttons);
  }

  /** @param {Lens} lens */
  show(lens) {
    press(this.buttons, (element) => element.dataset.lens === lens);
  }
}
