// Your turn: upstream, partial and contribution are filled in edge by edge, each checked at once.
import { button, make, switchOff } from "../page/elements.js";
import { exactText, numberText } from "../page/numbers.js";
import { readNumber } from "../page/typed_number.js";
import { findMistake, isRight } from "./turn_check.js";
import { planBlanks } from "./turn_plan.js";

const MOST_BLANKS = 20;
const SPREAD = 0.6; // of other numbers around the original ones

/**
 * @typedef {import("./turn_plan.js").BlankKind} BlankKind
 * @typedef {import("./turn_plan.js").PlannedEdge} PlannedEdge
 * @typedef {{ goTo: (step: number) => void, show: (link: number | null) => void, setNumbers: ((numbers: number[]) => void) | null,
 *   wrongPartials?: (link: number) => import("./turn_check.js").WrongPartial[] }} TurnActions
 */

export class YourTurn {
  /**
   * goTo: shows the picture as it is after a step, and nothing later. show: shows an edge in the picture. setNumbers: computes
   * everything for other numbers of the leaves; null where the page cannot.
   * @param {import("./sweep.js").Sweep} sweep
   * @param {number} number
   * @param {TurnActions} actions
   */
  constructor(sweep, number, actions) {
    this.sweep = sweep;
    this.id = `autograd-turn-${number}`;
    this.actions = actions;
    this.active = false;
    this.heading = make("p", { class: "heading" });
    this.words = make("p", { class: "turn-words" });
    this.form = make("div", { class: "turn-form" });
    this.verdict = make("div", { class: "turn-verdict", role: "status", "aria-live": "polite" });
    this.score = make("p", { class: "hint" });
    this.reveal = button("Show this number", () => this.showNumber());
    this.again = button("Again", () => this.start());
    this.others = button("Other numbers", () => this.drawNumbers());
    switchOff(this.others, !actions.setNumbers);
    this.element = make("section", { class: "panel turn", "aria-label": "Your turn" }, this.heading, this.words, this.form, this.verdict, this.score,
      make("div", { class: "buttons" }, this.reveal, this.again, this.others));
  }

  // The panel is opened: a turn that was left goes on.
  begin() {
    this.active = true;
    if (this.plan && this.numbers === this.sweep.now) this.present();
    else this.start();
  }

  end() {
    this.active = false;
    this.actions.show(null);
  }

  start() {
    const { sweep } = this;
    this.numbers = sweep.now;
    const edges = sweep.links.filter(({ step }) => step >= 0).sort((a, b) => a.step - b.step).map(({ index, step, tail }) => {
      const { incoming } = sweep.cards[tail];
      const open = incoming.filter((link) => sweep.now.links[link.index].flows).length;
      return { link: index, step, flows: sweep.now.links[index].flows, completes: open > 1 && incoming.at(-1).index === index };
    });
    this.plan = planBlanks(edges, MOST_BLANKS);
    this.blankCount = this.plan.reduce((sum, { blanks }) => sum + blanks.length, 0);
    this.place = 0;
    this.filled = 0;
    this.firstTry = 0;
    this.present();
  }

  get edge() {
    return this.plan[this.place];
  }

  // The edge that is asked for, or the end.
  present() {
    const { sweep, edge } = this;
    this.tried = false;
    if (!edge) {
      this.finish();
      return;
    }
    this.actions.goTo(edge.step - 1);
    this.actions.show(edge.link);
    const { tip, tail } = sweep.links[edge.link];
    const names = [sweep.names[tip], sweep.names[tail]];
    this.heading.textContent = `Edge ${this.place + 1} of ${this.plan.length}`;
    this.words.textContent = `Back from ${names[0]} to ${names[1]}. Fill in to three digits; Enter checks.`;
    this.blank = 0;
    this.rows = this.rowsOf(edge, names);
    this.form.replaceChildren(...this.rows.map(({ row }) => row));
    this.reveal.hidden = false;
    this.showScore();
    this.focus();
  }

  /**
   * @param {PlannedEdge} edge
   * @param {(string | null)[]} names
   */
  rowsOf(edge, [tip, tail]) {
    const { symbol } = this.sweep.data;
    const of = this.sweep.links[edge.link].tip === this.sweep.output ? symbol : tip;
    /** @type {[BlankKind, string, string][]} */
    const lines = [["upstream", "upstream", `d${symbol}/d${of}`], ["partial", "partial", `∂${of}/∂${tail}`], ["contribution", "contribution", `${tip} → ${tail}`],
      ["sum", "sum of all", `d${symbol}/d${tail}`]];
    const shown = lines.filter(([kind]) => edge.blanks.includes(kind) || kind === "upstream" || (kind === "partial" && edge.flows));
    return shown.map(([kind, word, derivative], place) => {
      const label = make("label", {}, `${word} `, make("span", { class: "of" }, derivative));
      if (!edge.blanks.includes(kind)) {
        return { kind, field: null, row: make("div", { class: "turn-row" }, label, make("span", { class: "given" }, numberText(this.exact(kind)))) };
      }
      const id = `${this.id}-${place}`;
      label.setAttribute("for", id);
      const field = make("input", { type: "text", id, autocomplete: "off", inputmode: "text", "aria-label": `${word}, ${derivative}` });
      field.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key !== "Enter") return;
        event.preventDefault(); // the focus goes on, and Enter would press a button there
        this.check(kind, field);
      });
      field.addEventListener("change", () => { if (field.value.trim()) this.check(kind, field); });
      return { kind, field, row: make("div", { class: "turn-row" }, label, field) };
    });
  }

  // The numbers at the edge.
  get facts() {
    const { sweep, edge } = this;
    const { tip, tail } = sweep.links[edge.link];
    const { flows, partial, contribution } = sweep.now.links[edge.link];
    const arrived = sweep.arrivedAt(tail, edge.step);
    return { upstream: sweep.now.grads[tip] ?? 0, partial: flows ? partial : 0, contribution: flows ? contribution : 0, sum: arrived.total, terms: arrived.terms,
      value: sweep.now.values[tip], source: sweep.now.values[tail], arrived: sweep.arrivedAt(tip, edge.step).terms };
  }

  /** @param {BlankKind} kind */
  exact(kind) {
    return this.facts[kind];
  }

  // The first field that is not filled in, and its row.
  get open() {
    return this.rows.find(({ field }) => field && !field.readOnly);
  }

  focus() {
    this.open?.field.focus({ preventScroll: true });
  }

  /**
   * @param {BlankKind} kind
   * @param {HTMLInputElement} field
   */
  check(kind, field) {
    if (field.readOnly) return;
    const { number, problem } = readNumber(field.value);
    if (problem) {
      this.tell(make("p", {}, problem));
      field.setAttribute("aria-invalid", "true");
      return;
    }
    if (isRight(number, this.exact(kind))) {
      if (!this.tried) this.firstTry++;
      this.tell(make("p", { class: "right" }, `✓ Right: ${kind} ${numberText(this.exact(kind))}.`));
      this.accept(field);
      return;
    }
    this.tried = true;
    field.setAttribute("aria-invalid", "true");
    const mistake = findMistake(kind, number, this.facts, this.wrongPartials());
    const { flows, blocked } = this.sweep.now.links[this.edge.link];
    const hint = flows ? { upstream: "the upstream is the gradient of the node from which the edge goes back.", partial: "how fast does the operation change with this input?",
      contribution: "upstream times partial.", sum: "add all contributions that meet there." }[kind] : `${blocked ?? "nothing flows"}: what does a closed gate pass on?`;
    this.tell(make("p", { class: "wrong" }, "✗ Not right."), ...(mistake ? [make("p", {}, make("b", {}, mistake.kind), `: ${mistake.sentence}.`)] : []),
      make("p", {}, make("b", {}, "Hint: "), mistake?.hint ?? hint));
  }

  // Of the original numbers alone, where the page has no wrong rules, but their results.
  wrongPartials() {
    if (this.actions.wrongPartials) return this.actions.wrongPartials(this.edge.link);
    const { turn } = this.sweep.data;
    const known = turn && !this.sweep.changed ? turn.partials[this.edge.link] ?? [] : [];
    return known.map((/** @type {[number, number]} */ [number, mistake]) => {
      const [kind, sentence, hint] = turn.mistakes[mistake];
      return { number, mistake: { kind, sentence, hint } };
    });
  }

  /** @param {HTMLInputElement} field */
  accept(field) {
    field.readOnly = true;
    field.removeAttribute("aria-invalid");
    this.filled++;
    this.tried = false;
    if (this.open) {
      this.showScore();
      this.focus();
      return;
    }
    this.place++;
    this.present();
  }

  showNumber() {
    const { kind, field } = this.open;
    field.value = exactText(Number(this.exact(kind).toPrecision(4)));
    this.tell(make("p", {}, `The ${kind} is ${numberText(this.exact(kind))}.`));
    this.accept(field);
  }

  drawNumbers() {
    const { leaves } = this.sweep.data.program;
    const { values } = this.sweep.base;
    this.actions.setNumbers(leaves.map((/** @type {number} */ card) => {
      const number = values[card] || 1;
      return Number((number * (1 + SPREAD * (2 * Math.random() - 1))).toPrecision(2));
    }));
  }

  finish() {
    this.actions.goTo(this.sweep.update - 1);
    this.actions.show(null);
    this.heading.textContent = "All edges are filled in";
    this.words.textContent = this.plan.length ? `${this.firstTry} of ${this.blankCount} numbers were right at the first try.` : "No edge carries a gradient here.";
    this.form.replaceChildren();
    this.reveal.hidden = true;
    this.showScore();
    this.again.focus({ preventScroll: true });
  }

  showScore() {
    this.score.textContent = `${this.filled} of ${this.blankCount} blanks, ${this.firstTry} right at the first try`;
  }

  /** @param {Node[]} lines */
  tell(...lines) {
    this.verdict.replaceChildren(...lines);
  }
}
