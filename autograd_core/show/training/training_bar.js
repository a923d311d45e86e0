// The bar of a training: play, steps, how far it is, and the speed.
import { button, make } from "../page/elements.js";
import { countText } from "../page/numbers.js";

/**
 * @typedef {object} TrainingActions
 * @property {() => void} toggle
 * @property {() => void} forward
 * @property {() => void} back
 * @property {() => void} reset
 */

const SPEEDS = /** @type {[string, string][]} */ ([["0.03", "slow"], ["4", "normal"], ["0", "fast"]]); // steps a frame, 0 for as many as fit
export const RATES = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

export class TrainingBar {
  /**
   * @param {TrainingActions} actions
   * @param {Element[]} choices behind the speed
   */
  constructor(actions, choices) {
    this.play = button("Play", actions.toggle, { class: "play", title: "Play (space)" });
    this.count = make("output", { class: "count" });
    this.pace = make("span", { class: "pace" });
    this.speed = chooser("Speed", SPEEDS, () => {});
    this.speed.value = "4";
    const buttons = make("div", { class: "buttons" },
      button("Reset", actions.reset, { title: "Reset to the first weights (R)" }), button("Step back", actions.back, { title: "One step back (left arrow)" }),
      this.play, button("Step", actions.forward, { title: "One step (right arrow)" }));
    this.element = make("div", { class: "controls", role: "toolbar", "aria-label": "Training" }, buttons, make("div", { class: "counts" }, this.pace, this.count),
      field("Speed", this.speed), ...choices);
  }

  /** @param {import("./training_steps.js").TrainingSteps} steps @param {import("./play_loop.js").PlayLoop} loop */
  show({ step, epoch }, { isPlaying, pace }) {
    this.play.textContent = isPlaying ? "Pause" : "Play";
    this.play.setAttribute("aria-pressed", String(isPlaying));
    this.count.textContent = `step ${countText(step)}, epoch ${countText(Math.floor(epoch))}`;
    this.pace.textContent = isPlaying && pace > 1 ? `${countText(+pace.toPrecision(2))} steps a second` : "";
  }
}

/** An element under its name. @type {(label: string, element: Element) => HTMLElement} */
export const field = (label, element) => make("label", { class: "field" }, make("span", {}, label), element);

/** @type {(name: string, options: [string, string][], change: (value: string) => void) => HTMLSelectElement} */
export function chooser(name, options, change) {
  const select = make("select", { name }, ...options.map(([value, text]) => make("option", { value }, text)));
  select.addEventListener("change", () => change(select.value));
  return select;
}

/** Numbers as options. @type {(numbers: number[]) => [string, string][]} */
export const numberOptions = (numbers) => numbers.map((number) => [String(number), String(number)]);

/** Names as options. @type {(names: string[]) => [string, string][]} */
export const nameOptions = (names) => names.map((name) => [name, name]);

/** A value that is none of the options becomes one. @type {(element: HTMLSelectElement | HTMLInputElement, value: string) => void} */
export function showChoice(element, value) {
  if (element instanceof HTMLSelectElement && ![...element.options].some((option) => option.value === value)) element.add(new Option(value, value));
  element.value = value;
}

/**
 * The keys of a training: space, arrows and R; whether the key was one of them.
 * @param {KeyboardEvent} event
 * @param {TrainingActions} actions
 */
export function trainingKey(event, actions) {
  const act = { " ": actions.toggle, ArrowRight: actions.forward, ArrowLeft: actions.back, r: actions.reset }[event.key];
  if (!act) return false;
  act();
  event.preventDefault();
  event.stopPropagation();
  return true;
}

/** Whether a key belongs to the element it is pressed on. @param {KeyboardEvent} event */
export function isTyped(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return true;
  const on = /** @type {Element} */ (event.target);
  return on.matches("select, textarea, input") || (event.key === " " && on.matches("button"));
}
