// The network of a model: its units, and a link for each weight, which leads to its slider.
import { make } from "../page/elements.js";
import { numberText } from "../page/numbers.js";
import { LensSwitch, NetworkSheet, paintUnit, unitMap } from "../training/network_sheet.js";

const MOST = 16; // units of a layer that are shown
const FEW = 8; // units, up to which a column has large ones

/**
 * units: their names, by column. weights: by layer, unit and input, its place among the parameters.
 * @typedef {{ units: string[][], weights: number[][][] }} NetworkData
 * @typedef {import("../training/network_sheet.js").Lens} Lens
 * @typedef {object} PanelActions
 * @property {(parameter: number) => void} pick
 * @property {(place: [number, number] | null) => void} look
 * @property {(lens: Lens) => void} setLens
 */

export class NetworkPanel {
  /**
   * @param {NetworkData} network
   * @param {boolean} hasMaps
   * @param {(parameter: number) => string} nameOf
   * @param {PanelActions} actions
   */
  constructor(network, hasMaps, nameOf, actions) {
    this.network = network;
    this.hasMaps = hasMaps;
    this.nameOf = nameOf;
    const { units, weights } = network;
    this.sheet = new NetworkSheet({ look: actions.look,
      pick: (picked) => actions.pick(weights[picked.layer - 1][picked.unit][picked.kind === "weight" ? picked.input : 0]) });
    this.lens = new LensSwitch(actions.setLens);
    this.said = make("p", { class: "note" });
    const isDense = Math.max(...units.map(({ length }) => length)) > FEW;
    this.element = make("section", { class: `network-panel${isDense ? " dense" : ""}`, "aria-label": "The network" }, this.lens.element, make("div", { class: "network" }, this.sheet.element), this.said);
    this.sheet.build(units.map((names, layer) => this.column(names, layer)), weights.flatMap((rows, before) => rows.slice(0, MOST).flatMap((row, unit) =>
      row.slice(0, MOST).map((parameter, input) => ({ layer: before + 1, unit, input, parameter, name: nameOf(parameter) })))));
  }

  /** @type {(names: string[], layer: number) => HTMLElement} */
  column(names, layer) {
    const last = this.network.units.length - 1;
    const title = layer === 0 ? "Inputs" : layer === last ? names.length === 1 ? "Output" : "Outputs" : `Layer ${layer}`;
    const more = names.length > MOST ? [make("span", { class: "muted" }, `${names.length - MOST} more`)] : [];
    return make("div", { class: "column", role: "group", "aria-label": title }, make("h2", {}, title),
      make("div", { class: "units" }, ...names.slice(0, MOST).map((name, unit) => this.unit(name, layer, unit)), ...more));
  }

  /** @type {(name: string, layer: number, unit: number) => HTMLElement} */
  unit(name, layer, unit) {
    const label = make("span", { class: "unit-name" }, name);
    if (layer === 0) return make("div", { class: "input-unit", "data-unit": `0,${unit}` }, label);
    return this.sheet.unitButton(layer, unit, name, [...(this.hasMaps ? [unitMap()] : []), label]);
  }

  /**
   * @param {{ parameters: Float64Array, gradient: Float64Array, lens: Lens, picked: number | null,
   *   maps: Float64Array[] | null, colours: import("../training/colour_map.js").Colours }} shown picked: a parameter. maps: of
   *   the units, column by column, without the inputs
   */
  show({ parameters, gradient, lens, picked, maps, colours }) {
    this.lens.show(lens);
    this.sheet.showLinks(lens === "weight" ? parameters : gradient, lens, ({ parameter }) => parameter === picked);
    this.said.textContent = picked === null ? "" : `${this.nameOf(picked)} is ${numberText(parameters[picked])}, its gradient ${numberText(gradient[picked])}.`;
    if (!maps) return;
    const last = this.network.units.length - 1;
    for (const [element, layer, unit] of this.sheet.units()) paintUnit(element, maps[this.placeOf(layer, unit)], colours, layer === last ? 1 : 0.05);
  }

  /** Of a unit among those of all columns, without the inputs. @type {(layer: number, unit: number) => number} */
  placeOf(layer, unit) {
    return this.network.units.slice(1, layer).reduce((sum, { length }) => sum + length, unit);
  }
}
