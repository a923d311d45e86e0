// An exercise: its question, and what is still to be reached.
import { make } from "../page/elements.js";
import { counted, digitsText, numberText } from "../page/numbers.js";
import { settingsOf } from "./settings.js";

/**
 * @typedef {{ right?: number, loss?: number, units?: number, penalty?: string, keep?: string[], alive?: boolean, stepped?: boolean }} Goal
 * @typedef {{ name: string, notebook: string, title: string, question: string, address: string, goal: Goal }} Preset
 * @typedef {{ settings: import("./settings.js").Settings, right: number, loss: number, states: string[][], stepped: boolean }} Reached
 */

const SPOKEN = /** @type {Record<string, string>} */ ({ data: "the data", features: "the features", net: "the layers and their activations",
  sizes: "the sizes of the layers", rule: "the optimiser", weights: "the first weights", batch: "the batch", rate: "the rate" });

/** @type {(settings: import("./settings.js").Settings, name: string) => string} */
const textOf = (settings, name) => (name === "sizes" ? settings.layers.map(({ units }) => units).join()
  : name === "net" ? settings.layers.map(({ units, activation }) => units + activation).join() : String(settings[/** @type {"data"} */ (name)]));

/**
 * What a goal still asks for, in words; empty when it is reached.
 * @param {Goal} goal
 * @param {import("./settings.js").Settings} first the settings that the exercise begins with
 * @param {Reached} reached
 */
export function missing({ right, loss, units, penalty, keep = [], alive, stepped }, first, reached) {
  const words = [];
  const count = reached.settings.layers.reduce((sum, layer) => sum + layer.units, 0);
  const changed = keep.filter((name) => textOf(first, name) !== textOf(reached.settings, name));
  const flat = reached.states.flat().filter((state) => state === "dead" || state === "saturated").length;
  if (right !== undefined && !(reached.right >= right)) words.push(`${digitsText(100 * reached.right, 3)} % of the test rows are right, ${100 * right} % are asked for`);
  if (loss !== undefined && !(reached.loss <= loss)) words.push(`the test loss is ${numberText(reached.loss)}, at most ${loss} is asked for`);
  if (units !== undefined && count > units) words.push(`${counted(count, "hidden unit")}, at most ${units} allowed`);
  if (alive && flat) words.push(`${counted(flat, "unit")} dead or saturated`);
  if (penalty && reached.settings.penalty !== penalty) words.push(`choose the penalty ${penalty}`);
  if (stepped && !reached.stepped) words.push("click a link");
  if (changed.length) words.push(`keep ${changed.map((name) => SPOKEN[name]).join(" and ")} as given`);
  return words;
}

export class PresetTask {
  /**
   * @param {Preset[]} presets
   * @param {import("./network_program.js").Pieces} pieces
   * @param {(preset: Preset | null) => void} choose
   */
  constructor(presets, pieces, choose) {
    this.presets = presets;
    this.pieces = pieces;
    /** @type {Preset | null} */
    this.preset = null;
    const number = (/** @type {Preset} */ { notebook }) => notebook.slice(0, 2);
    this.choice = make("select", {}, make("option", { value: "" }, "Free play"), ...presets.map((preset) => make("option", { value: preset.name }, `${number(preset)} ${preset.title}`)));
    this.choice.addEventListener("change", () => choose(this.named(this.choice.value)));
    this.question = make("span", { class: "question" });
    this.verdict = make("span", { class: "verdict", role: "status" });
    this.element = make("div", { class: "task" }, make("label", { class: "field" }, make("span", {}, "Exercise"), this.choice), make("p", {}, this.question, " ", this.verdict));
  }

  /** @param {string | undefined} name */
  named(name) {
    return this.presets.find((preset) => preset.name === name) ?? null;
  }

  /** The settings it begins with. */
  get first() {
    return settingsOf(new URLSearchParams(this.preset?.address ?? ""), this.pieces);
  }

  /** @param {Preset | null} preset */
  set(preset) {
    this.preset = preset;
    this.choice.value = preset?.name ?? "";
    this.question.textContent = preset?.question ?? "";
    this.verdict.textContent = "";
  }

  /** @param {Reached} reached */
  show(reached) {
    if (!this.preset) return;
    const words = missing(this.preset.goal, this.first, reached);
    const text = words.length ? `To do: ${words.join("; ")}.` : "Reached.";
    this.verdict.classList.toggle("reached", !words.length);
    if (this.verdict.textContent !== text) this.verdict.textContent = text;
  }
}
