// Going from step to step: buttons, a slider, keys, and playing.
import { clamp, projectorButton } from "./camera.js";
import { button, make, switchOff } from "./elements.js";

/**
 * @typedef {"first" | "back" | "next" | "last"} Goal
 * @typedef {object} StepOptions
 * @property {string} unit the name of a step
 * @property {number} last the number of the last step
 * @property {(step: number) => void} go
 * @property {Partial<Record<Goal, string>>} words the texts of the buttons
 * @property {Record<string, string>} [slider] further attributes
 */

/** @type {Record<Goal, string>} */
const KEYS = { first: "Home", back: "left arrow", next: "right arrow", last: "End" };

/** Buttons, slider and count of the steps of a view. */
export class Steps {
  /** @param {StepOptions} options */
  constructor({ unit, last, go, words, slider = {} }) {
    this.last = last;
    this.at = 0;
    const goals = { first: () => 0, back: () => this.at - 1, next: () => this.at + 1, last: () => this.last };
    this.buttons = /** @type {[Goal, string][]} */ (Object.entries(words)).map(([act, text]) =>
      button(text, () => go(goals[act]()), { "data-act": act, title: `${text} (${KEYS[act]})` }));
    this.slider = make("input", { type: "range", min: 0, max: last, value: 0, "aria-label": unit, ...slider });
    this.slider.addEventListener("input", () => go(+this.slider.value));
    const widest = 2 * String(last + 1).length + 3;
    this.count = make("output", { class: "count", style: `min-width:${widest}ch` });
  }

  /**
   * Shows the step. spoken: for a screen reader; count: the text beside the slider.
   * @param {number} at
   * @param {string} spoken
   * @param {string} count
   */
  show(at, spoken, count) {
    this.at = at;
    this.slider.max = String(this.last);
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", spoken);
    this.count.textContent = count;
    for (const element of this.buttons) switchOff(element, at === (/first|back/.test(element.dataset.act) ? 0 : this.last));
  }
}

/**
 * @typedef {object} PlayerOptions
 * @property {string} name of the toolbar
 * @property {string} unit
 * @property {number} last
 * @property {HTMLElement} root
 * @property {(step: number) => void} show
 * @property {(playing: boolean) => void} playing called when playing begins and when it ends
 * @property {() => void} fit
 * @property {number} seconds that a step is shown at normal speed
 * @property {number} [wait] the part of that time before the first step
 * @property {[string, string][]} speeds factor and words of each
 * @property {number} [leap] how many steps the page keys go, none where it is 0
 * @property {Record<string, string>} [slider]
 * @property {Element[]} [under] elements below the slider
 */

/** The bar of a view that is played step by step. */
export class Player {
  /** @param {PlayerOptions} options */
  constructor({ name, unit, last, root, show, playing, fit, seconds, wait = 1, speeds, leap = 0, slider, under = [] }) {
    this.show = show;
    this.playing = playing;
    this.seconds = seconds;
    this.wait = wait;
    this.leap = leap;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    const words = { first: "First", back: "Back", next: "Next", last: "Last" };
    this.steps = new Steps({ unit, last, slider, words, go: (step) => this.go(step) });
    const [first, back, next, end] = this.steps.buttons;
    this.play = button("Play", () => this.toggle(), { "data-act": "play", title: "Play (space)" });
    this.speed = make("select", { "aria-label": "Speed" }, ...speeds.map(([factor, text]) => make("option", { value: factor }, text)));
    this.speed.value = "1";
    this.element = make("div", { class: "controls", role: "toolbar", "aria-label": name },
      make("div", { class: "buttons" }, first, back, this.play, next, end),
      make("div", { class: "track" }, this.steps.slider, ...under), this.steps.count,
      make("div", { class: "settings" }, make("label", {}, make("span", {}, "Speed "), this.speed), projectorButton(root, fit)));
  }

  /** @param {number} step */
  go(step) {
    this.pause();
    this.show(clamp(step, 0, this.steps.last));
  }

  toggle() {
    if (this.timer !== null) return this.pause();
    const { steps } = this;
    if (steps.at === steps.last) this.show(0);
    this.play.textContent = "Pause";
    this.playing(true);
    const milliseconds = () => (1000 * this.seconds) / +this.speed.value;
    const advance = () => {
      this.show(steps.at + 1);
      if (steps.at === steps.last) this.pause();
      else this.timer = setTimeout(advance, milliseconds());
    };
    this.timer = setTimeout(advance, this.wait * milliseconds());
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
    this.playing(false);
  }

  /**
   * Handles a key of the player; returns whether it was one.
   * @param {KeyboardEvent} event
   */
  key(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return false;
    const on = /** @type {Element} */ (event.target);
    if (on !== this.steps.slider && on.matches("select, textarea, input")) return false;
    if (event.key === " " && on.matches("button")) return false;
    const { at, last } = this.steps;
    const goal = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last,
      ...(this.leap && { PageDown: at + this.leap, PageUp: at - this.leap }) }[event.key];
    if (goal !== undefined) this.go(goal);
    else if (event.key === " ") this.toggle();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
