// A step in words and formulas, and the list of the steps so far.
import { button, make } from "../page/elements.js";
import { typeset } from "./typeset.js";
import { formulasOf, piecesOf, wordsOf } from "./wording.js";

const LISTED_AT_ONCE = 100;
const NEAR_THE_TOP = 40; // pixels
const IN_THE_LEDGER_ONLY = ["partial", "stands for", "update"]; // on the screen; on paper the list contains them too

export class Ledger {
  /**
   * @param {import("./sweep.js").Sweep} sweep
   * @param {(step: number) => void} go
   */
  constructor(sweep, go) {
    this.sweep = sweep;
    this.go = go;
    this.onPaper = false;
    /** @type {import("./sweep.js").Card | null} the card whose steps alone are listed */
    this.node = null;
    this.heading = make("p", { class: "heading" });
    this.words = make("p", { class: "words" });
    this.formulas = make("dl", { class: "formulas" });
    this.element = make("section", { class: "ledger", "aria-label": "This step" }, this.heading, this.words, this.formulas);
    /** @type {HTMLLIElement[]} */
    this.items = [];
    this.list = make("ol");
    this.title = make("h2", {}, "The derivation so far");
    this.whole = button("Show the whole derivation", () => this.showCard(null), { hidden: "" });
    this.derivation = make("section", { class: "derivation" }, make("header", {}, this.title, this.whole), this.list);
    // A long list is built only as far as it is scrolled.
    this.list.addEventListener("scroll", () => {
      if (this.list.scrollTop > NEAR_THE_TOP || !this.hidden) return;
      const before = this.list.scrollHeight;
      this.room += LISTED_AT_ONCE;
      this.showList();
      this.list.scrollTop = this.list.scrollHeight - before;
    });
  }

  // At the sweep's step.
  show() {
    const { step, changed } = this.sweep;
    this.heading.textContent = `${step.phase[0].toUpperCase()}${step.phase.slice(1)}${changed ? ", at your numbers" : ""}`;
    this.words.textContent = wordsOf(this.sweep, step);
    const formulas = formulasOf(this.sweep, step);
    this.formulas.replaceChildren(...formulas.map((formula, index) =>
      make("div", index === formulas.length - 1 ? { class: "result" } : {}, make("dt", {}, formula[0]),
        make("dd", {}, typeset(piecesOf(this.sweep, step, formula))))));
    this.showDerivation();
  }

  // The list is built while it is in sight.
  showDerivation() {
    this.room = LISTED_AT_ONCE;
    if (!this.derivation.hidden) this.showList();
  }

  /** @param {number} number */
  item(number) {
    if (this.items[number]) return this.items[number];
    const step = this.sweep.steps[number];
    const element = button("", () => this.go(number));
    element.append(make("span", { class: "number" }, String(number + 1)), make("span", { class: "spoken" }, ` ${wordsOf(this.sweep, step)}`));
    for (const formula of formulasOf(this.sweep, step)) {
      if (this.onPaper || !IN_THE_LEDGER_ONLY.includes(formula[0])) element.append(typeset(piecesOf(this.sweep, step, formula)));
    }
    this.items[number] = make("li", { class: step.phase, "data-step-number": number }, element);
    return this.items[number];
  }

  showList() {
    const { at } = this.sweep;
    const reached = this.node ? this.node.steps.filter((number) => number <= at) : [...Array(at + 1).keys()];
    const listed = reached.slice(-this.room);
    this.hidden = reached.length - listed.length;
    const items = listed.map((number) => this.item(number));
    // Only the difference is changed, so that a long list stays fast.
    const { children } = this.list;
    while (children.length && children[0] !== items[0] && !items.includes(/** @type {HTMLLIElement} */ (children[0]))) children[0].remove();
    items.forEach((item, place) => {
      if (children[place] !== item) this.list.insertBefore(item, children[place] ?? null);
    });
    while (children.length > items.length) this.list.lastElementChild.remove();
    this.marked?.removeAttribute("aria-current");
    this.marked = this.items[at];
    this.marked?.setAttribute("aria-current", "step");
    if (!this.node) this.list.scrollTop = this.list.scrollHeight;
  }

  /**
   * The steps at one card alone, or all of them where it is null.
   * @param {import("./sweep.js").Card | null} card
   */
  showCard(card, name = "") {
    this.node = card;
    this.title.textContent = card ? `The steps at ${name}` : "The derivation so far";
    this.whole.hidden = !card;
    this.showDerivation();
  }

  // After the numbers have changed.
  clear() {
    this.items = [];
    this.list.replaceChildren();
  }

  /**
   * All steps with all their formulas, for paper; on the screen they are made as they are reached.
   * @param {boolean} onPaper
   */
  print(onPaper) {
    this.onPaper = onPaper;
    this.clear();
    if (onPaper) this.list.append(...this.sweep.steps.map((_, number) => this.item(number)));
    else this.showDerivation();
  }
}
