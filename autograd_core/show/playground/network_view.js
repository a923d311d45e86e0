// The network: features to tick, a small map in each unit, and a link for each weight.
import { all, button, draw, fill, make } from "../page/elements.js";
import { numberText, subscript } from "../page/numbers.js";
import { run } from "../stepper/operations.js";
import { SIDE, largestSize, paintMap } from "../training/colour_map.js";
import { MOST_LAYERS, MOST_UNITS } from "./settings.js";

const WIDEST = 6; // pixels of a link
const DEPTH = 0.85;
const THINNEST = 0.4;

/**
 * layer: of a weight or bias, the layer it leads to, from 1; of a unit its layer; the output is the last.
 * @typedef {{ kind: "unit", layer: number, unit: number } | { kind: "weight", layer: number, unit: number, input: number }} Picked
 * @typedef {object} NetworkActions
 * @property {(picked: Picked) => void} pick
 * @property {(place: [number, number] | null) => void} look called when the pointer comes to a unit, and when it leaves
 * @property {(features: string[]) => void} setFeatures
 * @property {(layers: import("./settings.js").Layer[]) => void} setLayers
 */

export class NetworkView {
  /** @param {NetworkActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.svg = draw("svg", { class: "links", "aria-hidden": "true" });
    this.columns = make("div", { class: "columns" });
    this.sheet = make("div", { class: "sheet-of-units" }, this.svg, this.columns);
    this.element = make("section", { class: "network", "aria-label": "The network" }, this.sheet);
    this.sheet.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target).closest("[data-weight]");
      if (!target) return;
      const [layer, unit, input] = /** @type {SVGElement} */ (target).dataset.weight.split(",").map(Number);
      actions.pick({ kind: "weight", layer, unit, input });
    });
    new ResizeObserver(() => this.placeLinks()).observe(this.sheet);
  }

  // ---- building

  /** @param {import("./trainer.js").Trainer} trainer */
  build(trainer) {
    const { settings, pieces, network } = trainer;
    this.trainer = trainer;
    const layers = settings.layers.map((_, layer) => this.layerColumn(trainer, layer + 1));
    const names = Object.keys(pieces.features).filter((name) => settings.data !== "sine" || !name.includes("x2"));
    const features = make("div", { class: "column features", role: "group", "aria-label": "Features" }, make("h2", {}, "Features"),
      make("div", { class: "units" }, ...names.map((name) => this.featureBox(trainer, name))));
    const output = make("div", { class: "column output" }, make("h2", {}, "Output"),
      make("div", { class: "units" }, this.unitButton(network.sizes.length - 1, 0, "Output unit: the score")));
    const more = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {boolean} */ off, /** @type {() => void} */ act) =>
      button(sign, act, { "aria-label": label, class: "sign", ...(off && { disabled: "" }) });
    const count = settings.layers.length;
    const ends = make("div", { class: "depth" },
      more("−", "One hidden layer fewer", count === 0, () => this.actions.setLayers(settings.layers.slice(0, -1))),
      make("span", {}, `${count} hidden layer${count === 1 ? "" : "s"}`),
      more("+", "One hidden layer more", count >= MOST_LAYERS, () => this.actions.setLayers([...settings.layers, { units: 3, activation: settings.layers.at(-1)?.activation ?? "tanh" }])));
    this.columns.replaceChildren(features, ...layers, output);
    this.element.querySelector(".depth")?.remove();
    this.element.append(ends);
    this.buildLinks(network.sizes);
    this.placeLinks();
  }

  /** @type {(trainer: import("./trainer.js").Trainer, name: string) => HTMLElement} */
  featureBox({ settings, pieces }, name) {
    const on = settings.features.includes(name);
    const tick = make("input", { type: "checkbox", "data-feature": name });
    tick.checked = on;
    tick.addEventListener("change", () => {
      const wanted = Object.keys(pieces.features).filter((each) => (each === name ? tick.checked : settings.features.includes(each)));
      if (wanted.length) this.actions.setFeatures(wanted);
      else tick.checked = true; // a network needs an input
    });
    return make("label", { class: "feature", ...(on && { "data-unit": `0,${settings.features.indexOf(name)}` }) }, tick, make("span", {}, pieces.features[name].text), canvas());
  }

  /** @type {(trainer: import("./trainer.js").Trainer, layer: number) => HTMLElement} */
  layerColumn({ settings, pieces }, layer) {
    const { units, activation } = settings.layers[layer - 1];
    const change = (/** @type {Partial<import("./settings.js").Layer>} */ part) =>
      this.actions.setLayers(settings.layers.map((each, i) => (i === layer - 1 ? { ...each, ...part } : each)));
    const choice = make("select", { "aria-label": `Activation of layer ${layer}` }, ...Object.keys(pieces.activations).map((name) => make("option", { value: name }, name)));
    choice.value = activation;
    choice.addEventListener("change", () => change({ activation: choice.value }));
    const size = make("div", { class: "size" },
      button("−", () => change({ units: units - 1 }), { class: "sign", "aria-label": `One unit fewer in layer ${layer}`, ...(units === 1 && { disabled: "" }) }),
      make("span", { "aria-label": `${units} units` }, String(units)),
      button("+", () => change({ units: units + 1 }), { class: "sign", "aria-label": `One unit more in layer ${layer}`, ...(units === MOST_UNITS && { disabled: "" }) }));
    return make("div", { class: "column layer", role: "group", "aria-label": `Layer ${layer}` }, make("h2", {}, `Layer ${layer}`), size, choice,
      make("div", { class: "units" }, ...Array.from({ length: units }, (_, unit) => this.unitButton(layer, unit, `Unit ${unit + 1} of layer ${layer}, ${activation}`))));
  }

  /** @type {(layer: number, unit: number, label: string) => HTMLElement} */
  unitButton(layer, unit, label) {
    const element = make("button", { type: "button", class: "unit", "data-unit": `${layer},${unit}`, "aria-label": label, title: label }, canvas(), make("span", { class: "badge" }));
    element.addEventListener("click", () => this.actions.pick({ kind: "unit", layer, unit }));
    element.addEventListener("pointerenter", () => this.actions.look([layer, unit]));
    element.addEventListener("pointerleave", () => this.actions.look(null));
    return element;
  }

  /** @param {number[]} sizes */
  buildLinks(sizes) {
    /** @type {{ path: SVGPathElement, touch: SVGPathElement, title: SVGTitleElement, layer: number, unit: number, input: number, parameter: number }[]} */
    this.links = [];
    for (let layer = 1; layer < sizes.length; layer++) {
      for (let unit = 0; unit < sizes[layer]; unit++) {
        for (let input = 0; input < sizes[layer - 1]; input++) {
          const title = draw("title");
          const touch = draw("path", { class: "touch", "data-weight": `${layer},${unit},${input}` }, title);
          const parameter = this.trainer.starts[layer - 1] + unit * sizes[layer - 1] + input;
          this.links.push({ path: draw("path", { class: "link-line" }), touch, title, layer, unit, input, parameter });
        }
      }
    }
    this.svg.replaceChildren(...this.links.map(({ path }) => path), ...this.links.map(({ touch }) => touch));
  }

  placeLinks() {
    if (!this.links) return;
    const around = this.sheet.getBoundingClientRect();
    const boxes = new Map(all(this.sheet, "[data-unit]").map((element) => [element.dataset.unit, (element.querySelector("canvas") ?? element).getBoundingClientRect()]));
    for (const { path, touch, layer, unit, input } of this.links) {
      const [from, to] = [boxes.get(`${layer - 1},${input}`), boxes.get(`${layer},${unit}`)];
      if (!from || !to) continue;
      const [x, y] = [from.right - around.left, from.top + from.height / 2 - around.top];
      const [right, down] = [to.left - around.left, to.top + to.height / 2 - around.top];
      const middle = (x + right) / 2;
      const d = `M${x},${y}C${middle},${y} ${middle},${down} ${right},${down}`;
      for (const each of [path, touch]) each.setAttribute("d", d);
    }
  }

  // ---- showing

  /**
   * @param {{ maps: Float64Array[][], colours: import("../training/colour_map.js").Colours, lens: "weight" | "gradient", gradient: Float64Array,
   *   states: ("" | "dead" | "saturated")[][], picked: Picked | null, lit: Set<string> }} shown
   */
  show({ maps, colours, lens, gradient, states, picked, lit }) {
    const numbers = lens === "weight" ? this.trainer.parameters : gradient;
    const scale = largestSize(this.links.map(({ parameter }) => numbers[parameter]), lens === "weight" ? 1 : 1e-300);
    for (const link of this.links) {
      const number = numbers[link.parameter];
      const name = `${link.layer},${link.unit},${link.input}`;
      const isPicked = picked?.kind === "weight" && name === `${picked.layer},${picked.unit},${picked.input}`;
      fill(link.path, { "stroke-width": (THINNEST + WIDEST * Math.min(Math.abs(number) / scale, 1)).toFixed(2),
        class: `link-line ${number > 0 ? "positive" : number < 0 ? "negative" : Number.isNaN(number) ? "nonfinite" : ""}${isPicked ? " picked" : ""}${lit.has(name) ? " lit" : ""}` });
      link.title.textContent = `W${subscript(link.layer)}[${link.unit + 1}][${link.input + 1}]: ${lens} ${numberText(number)}`;
    }
    for (const element of all(this.sheet, ".unit")) {
      const [layer, unit] = element.dataset.unit.split(",").map(Number);
      const values = maps[layer - 1][unit];
      const isOutput = layer === maps.length;
      paintMap(element.querySelector("canvas"), values, colours, isOutput ? largestSize(values, 1) : largestSize(values, 0.05), DEPTH);
      const state = isOutput ? "" : states[layer - 1][unit];
      element.querySelector(".badge").textContent = state;
      element.classList.toggle("dead", state === "dead");
      element.classList.toggle("saturated", state === "saturated");
      element.classList.toggle("picked", picked?.kind === "unit" && picked.layer === layer && picked.unit === unit);
      element.classList.toggle("lit", lit.has(`${layer},${unit}`));
      const { label } = element.dataset;
      element.dataset.label = label ?? element.getAttribute("aria-label");
      element.setAttribute("aria-label", element.dataset.label + (state && `: ${state}`));
    }
  }

  /** The maps of the features do not change in training. @param {import("../training/colour_map.js").Colours} colours */
  showFeatures(colours) {
    const { grid, pieces } = this.trainer;
    for (const box of all(this.sheet, ".feature")) {
      const piece = pieces.features[box.querySelector("input").dataset.feature];
      const values = grid.points.map(([x1, x2]) => run(piece, [x1, x2])[piece.value]);
      paintMap(box.querySelector("canvas"), values, colours, largestSize(values, 1), DEPTH);
    }
  }
}

const canvas = () => make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
