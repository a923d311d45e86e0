// A slot for a guess: a number, a choice or a sketch on sliders. The guess is kept in the reader's browser.
import { button, make } from "../../show/page/elements.js";
import { numberText } from "../../show/page/numbers.js";
import { readNumber } from "../../show/page/typed_number.js";
import { howFar } from "./how_far.js";

const STEPS = 200; // of a slider

/**
 * @typedef {number | string} Item
 * @typedef {{ question: string, labels: string[], answers: Item[], choices: string[], between: [number, number] | null, log: boolean }} Question
 */

/** @param {Item} item */
const written = (item) => (typeof item === "string" ? item : numberText(item));

export class Slot {
  /**
   * @param {HTMLElement} root
   * @param {Question} data
   */
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.key = `autograd-guess ${data.question} ${data.labels.join(" ")}`;
    /** @type {(() => Item)[]} what is entered at each label; NaN or "" for nothing */
    this.entered = [];
    /** @type {((item: Item) => void)[]} */
    this.enter = [];
    /** @type {HTMLElement[]} */
    this.lines = [];
  }

  build() {
    const { root, data } = this;
    const rows = data.choices.length ? data.choices.map((choice) => this.choice(choice))
      : data.labels.map((label) => (data.between ? this.slider(label) : this.field()));
    this.problem = make("p", { role: "alert" });
    this.result = make("div", { role: "status" });
    this.look = button("Guess", () => this.compare());
    this.again = button("Guess again", () => this.forget(), { hidden: "" });
    const set = make("fieldset", {}, make("legend", {}, data.question), ...rows);
    root.append(set, this.look, this.again, this.problem, this.result);
    root.classList.add("ready");
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab keeps its one-letter commands off the fields
    root.addEventListener("keydown", (event) => event.stopPropagation());
    const kept = this.kept();
    if (kept) {
      kept.forEach((item, index) => this.enter[index](item));
      this.show(kept);
    }
  }

  /** @param {string} text */
  choice(text) {
    const input = make("input", { type: "radio", name: this.key, value: text });
    if (!this.entered.length) {
      this.entered.push(() => this.root.querySelector("input:checked")?.getAttribute("value") ?? "");
      this.enter.push((item) => {
        for (const one of this.root.querySelectorAll("input")) one.checked = one.value === item;
      });
    }
    return make("label", {}, input, text);
  }

  field() {
    const input = make("input", { type: "text", class: "field", inputmode: "text", autocomplete: "off", "aria-label": "Your guess, a number" });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") this.compare(); });
    this.entered.push(() => {
      const { number, problem = "" } = readNumber(input.value);
      this.problem.textContent = problem;
      return number ?? NaN;
    });
    this.enter.push((item) => { input.value = String(item); });
    return make("span", {}, input, " ");
  }

  /** @param {string} label */
  slider(label) {
    const input = make("input", { type: "range", min: 0, max: STEPS, value: STEPS / 2, "aria-label": label || "Your guess" });
    const number = make("span", { "aria-hidden": "true" });
    const tell = () => {
      number.textContent = numberText(this.numberAt(+input.value));
      input.setAttribute("aria-valuetext", number.textContent);
    };
    input.addEventListener("input", tell);
    tell();
    this.entered.push(() => this.numberAt(+input.value));
    this.enter.push((item) => {
      input.value = String(STEPS * this.placeOf(+item));
      tell();
    });
    const line = make("div", { class: "line" }, input);
    this.lines.push(line);
    return make("div", { class: "row" }, make("span", {}, label), line, number);
  }

  /** @param {number} place of a slider */
  numberAt(place) {
    const [low, high] = this.data.between;
    const share = place / STEPS;
    return Number((this.data.log ? low * (high / low) ** share : low + (high - low) * share).toPrecision(3));
  }

  /**
   * From 0 to 1 along the slider.
   * @param {number} number
   */
  placeOf(number) {
    const [low, high] = this.data.between;
    return this.data.log ? Math.log(number / low) / Math.log(high / low) : (number - low) / (high - low);
  }

  compare() {
    const guess = this.entered.map((read) => read());
    if (guess.some((item) => item === "")) this.problem.textContent = "Choose one first.";
    if (guess.some((item) => item === "" || Number.isNaN(item))) return;
    this.keep(guess);
    this.show(guess);
  }

  /** @param {Item[]} guess */
  show(guess) {
    const { labels, answers } = this.data;
    this.problem.textContent = "";
    if (labels.length === 1) {
      const far = howFar(guess[0], answers[0]);
      const found = far === "right" ? "Right" : `The answer: ${written(answers[0])}${far && `, ${far}`}`;
      this.result.textContent = `Your guess: ${written(guess[0])}. ${found}.`;
    } else {
      const head = make("tr", {}, ...["", "guess", "answer", ""].map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))));
      const rows = labels.map((label, index) => make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, written(guess[index])),
        make("td", {}, written(answers[index])), make("td", { class: "far" }, howFar(guess[index], answers[index]))));
      this.result.replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
    }
    this.lines.forEach((line, index) => {
      line.querySelector(".answer")?.remove();
      line.append(make("i", { class: "answer", style: `--place:${this.placeOf(+answers[index])}`, title: `the answer: ${written(answers[index])}` }));
    });
    this.look.textContent = "Compare again";
    this.again.hidden = false;
  }

  forget() {
    this.keep(null);
    this.result.replaceChildren();
    for (const line of this.lines) line.querySelector(".answer")?.remove();
    this.look.textContent = "Guess";
    this.look.focus();
    this.again.hidden = true;
  }

  // A page from a disk or in a closed frame may have no storage: then the guess is kept until it is closed.
  /** @returns {Item[] | null} */
  kept() {
    try {
      const guess = JSON.parse(localStorage.getItem(this.key) ?? "null");
      return Array.isArray(guess) && guess.length === this.entered.length ? guess : null;
    } catch {
      return null;
    }
  }

  /** @param {Item[] | null} guess */
  keep(guess) {
    try {
      if (guess) localStorage.setItem(this.key, JSON.stringify(guess));
      else localStorage.removeItem(this.key);
    } catch { /* no storage */ }
  }
}
