// The choice of a layer, and where its weights are used for several rows or at several times, of one use.
import { all, button, make, press } from "../page/elements.js";
import { countText } from "../page/numbers.js";

const MOST_TABS = 8;

/** @typedef {import("./layer.js").Layer} Layer */

export class LayerChoice {
  /**
   * @param {Layer[]} layers
   * @param {(layer: Layer) => void} open
   */
  constructor(layers, open) {
    this.layers = layers;
    this.open = open;
    const first = layers.filter(({ use }, place) => use === 1 || !layers.slice(0, place).some(({ name }) => name === layers[place].name));
    const sizeOf = (/** @type {Layer} */ { shape }) => `${shape[0]} × ${shape[1]}`;
    /** @type {(layer: Layer) => void} */
    const change = ({ name }) => this.change(name, this.layer.use);
    this.names = first.length > MOST_TABS
      ? make("select", { "aria-label": "Layer" }, ...first.map((layer) => make("option", { value: layer.name }, `${layer.name}, ${sizeOf(layer)}`)))
      : make("span", { class: "buttons" }, ...first.map((layer) => {
        const tab = button(layer.name, () => change(layer), { "data-layer": layer.name });
        tab.append(make("small", {}, ` ${sizeOf(layer)}`));
        return tab;
      }));
    this.names.addEventListener("change", ({ target }) => this.change(/** @type {HTMLSelectElement} */ (target).value, this.layer.use));
    this.uses = make("select", { "aria-label": "Use" });
    this.uses.addEventListener("change", () => this.change(this.layer.name, +this.uses.value));
    this.ofUses = make("label", {}, "use ", this.uses);
    this.element = make("div", { class: "tabs", role: "group", "aria-label": "Layers" }, this.names, this.ofUses);
    this.element.hidden = layers.length < 2;
  }

  /**
   * The use of that number of a layer, or its first.
   * @param {string} name
   * @param {number} use
   */
  change(name, use) {
    const uses = this.layers.filter((layer) => layer.name === name);
    this.layer = uses.find((layer) => layer.use === use) ?? uses[0];
    press(all(this.names, "button"), (tab) => tab.dataset.layer === name);
    this.ofUses.hidden = uses.length < 2;
    const options = uses.map((layer) => make("option", { value: layer.use }, `${countText(layer.use)} of ${countText(layer.uses)}`));
    this.uses.replaceChildren(...options);
    this.uses.value = String(this.layer.use);
    this.open(this.layer);
  }
}
