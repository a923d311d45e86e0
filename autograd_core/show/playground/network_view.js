// The network: features to tick, a small map in each unit, and a link for each weight.
import { all, button, make } from "../page/elements.js";
import { run } from "../stepper/operations.js";
import { NetworkSheet, paintUnit, unitMap } from "../training/network_sheet.js";
import { weightName } from "./part_names.js";
import { MOST_LAYERS, MOST_UNITS } from "./settings.js";

/**
 * @typedef {import("../training/network_sheet.js").Picked} Picked
 * @typedef {import("../training/network_sheet.js").SheetActions & {
 *   setFeatures: (features: string[]) => void, setLayers: (layers: import("./settings.js").Layer[]) => void }} NetworkActions
 */

export class NetworkView {
  /** @param {NetworkActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.sheet = new NetworkSheet(actions);
    this.element = make("section", { class: "network", "aria-label": "The network" }, this.sheet.element);
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
    this.element.querySelector(".depth")?.remove();
    this.element.append(ends);
    this.sheet.build([features, ...layers, output], this.weights(trainer));
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
    return make("label", { class: "feature", ...(on && { "data-unit": `0,${settings.features.indexOf(name)}` }) }, tick, make("span", {}, pieces.features[name].text), unitMap());
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
    return this.sheet.unitButton(layer, unit, label, [unitMap(), make("span", { class: "badge" })]);
  }

  /** @param {import("./trainer.js").Trainer} trainer */
  weights({ network: { sizes }, starts }) {
    return sizes.slice(1).flatMap((units, before) => Array.from({ length: units * sizes[before] }, (_, place) => {
      const [layer, unit, input] = [before + 1, Math.floor(place / sizes[before]), place % sizes[before]];
      return { layer, unit, input, parameter: starts[before] + place, name: weightName(layer, unit, input) };
    }));
  }

  // ---- showing

  /**
   * @param {{ maps: Float64Array[][], colours: import("../training/colour_map.js").Colours, lens: import("../training/network_sheet.js").Lens, gradient: Float64Array,
   *   states: ("" | "dead" | "saturated")[][], picked: Picked | null, lit: Set<string> }} shown
   */
  show({ maps, colours, lens, gradient, states, picked, lit }) {
    this.sheet.showLinks(lens === "weight" ? this.trainer.parameters : gradient, lens, (weight) =>
      picked?.kind === "weight" && weight.layer === picked.layer && weight.unit === picked.unit && weight.input === picked.input, lit);
    for (const [element, layer, unit] of this.sheet.units()) {
      const isOutput = layer === maps.length;
      paintUnit(element, maps[layer - 1][unit], colours, isOutput ? 1 : 0.05);
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
    for (const box of all(this.sheet.element, ".feature")) {
      const piece = pieces.features[box.querySelector("input").dataset.feature];
      const values = grid.points.map(([x1, x2]) => run(piece, [x1, x2])[piece.value]);
      paintUnit(box, values, colours, 1);
    }
  }
}
