// The bar of the page: play, steps, and what can be chosen of the training and of the data.
import { projectorButton } from "../page/camera.js";
import { button, make, press } from "../page/elements.js";
import { LensSwitch } from "../training/network_sheet.js";
import { RATES, TrainingBar, chooser, field, nameOptions, numberOptions, showChoice } from "../training/training_bar.js";
import { DATA_SETS } from "./data_sets.js";
import { BATCHES, FIRST_WEIGHTS, STRENGTHS } from "./settings.js";

/**
 * @typedef {import("./settings.js").Settings} Settings
 * @typedef {import("../training/training_bar.js").TrainingActions & {
 *   change: (change: Partial<Settings>) => void, setLens: (lens: import("../training/network_sheet.js").Lens) => void }} BarActions
 */

export class ControlBar {
  /**
   * @param {BarActions} actions
   * @param {HTMLElement} root
   * @param {string[]} rules
   */
  constructor(actions, root, rules) {
    this.actions = actions;
    /** @type {Record<string, HTMLSelectElement | HTMLInputElement>} */
    this.fields = {};
    const choice = (/** @type {keyof Settings} */ name, /** @type {string} */ label, /** @type {[string, string][]} */ options, isNumber = false) => {
      this.fields[name] = chooser(name, options, (value) => actions.change({ [name]: isNumber ? Number(value) : value }));
      return field(label, this.fields[name]);
    };
    const seed = make("input", { type: "number", min: 0, max: 9999, name: "seed" });
    seed.addEventListener("change", () => actions.change({ seed: Math.min(Math.max(Math.round(Number(seed.value)) || 0, 0), 9999) }));
    this.fields.seed = seed;
    this.training = new TrainingBar(actions, [
      choice("rate", "Learning rate", numberOptions(RATES), true), choice("rule", "Optimiser", nameOptions(rules)),
      choice("batch", "Batch", BATCHES.map((size) => [String(size), size ? String(size) : "all"]), true),
      choice("loss", "Loss", nameOptions(["logistic", "hinge"])),
      choice("penalty", "Penalty", [["", "none"], ["L2", "L2"], ["L1", "L1"]]), choice("strength", "Strength", numberOptions(STRENGTHS), true),
      choice("weights", "First weights", FIRST_WEIGHTS), projectorButton(root, () => window.dispatchEvent(new Event("resize")))]);
    this.element = this.training.element;
    this.lens = new LensSwitch(actions.setLens);
    this.data = this.dataChoice(field("Seed", seed));
  }

  /** @param {HTMLElement} seed */
  dataChoice(seed) {
    this.sets = DATA_SETS.map(([name, title]) => button(title, () => this.actions.change({ data: name }), { "data-set": name }));
    const noise = make("input", { type: "range", min: 0, max: 0.5, step: 0.05, name: "noise" });
    noise.addEventListener("input", () => this.actions.change({ noise: Number(noise.value) }));
    this.fields.noise = noise;
    this.noiseText = make("output");
    return make("section", { class: "data", "aria-label": "Data" }, make("h2", {}, "Data"), make("div", { class: "sets" }, ...this.sets),
      make("label", { class: "field" }, make("span", {}, "Noise ", this.noiseText), noise), seed);
  }

  /** @param {Settings} settings @param {import("../training/network_sheet.js").Lens} lens */
  showSettings(settings, lens) {
    for (const [name, element] of Object.entries(this.fields)) {
      showChoice(element, String(settings[/** @type {keyof Settings} */ (name)]));
    }
    this.fields.loss.disabled = settings.data === "sine";
    this.fields.strength.disabled = !settings.penalty;
    this.fields.noise.parentElement.hidden = settings.data === "own";
    this.noiseText.textContent = String(settings.noise);
    press(this.sets, (element) => element.dataset.set === settings.data);
    this.lens.show(lens);
  }

  /** @param {import("./trainer.js").Trainer} trainer @param {import("../training/play_loop.js").PlayLoop} loop */
  showStep(trainer, loop) {
    showChoice(this.fields.rate, String(trainer.rate));
    this.training.show(trainer, loop);
  }
}
