// Steps through the chain rule.
import { Address } from "../page/address.js";
import { directionOf } from "../page/card_focus.js";
import { button, make, pictureOf, press } from "../page/elements.js";
import { lightUp } from "../page/lighting.js";
import { Player } from "../page/player.js";
import { saveButtons } from "../page/saved_picture.js";
import { Expression } from "./expression.js";
import { GraphPicture } from "./graph_picture.js";
import { Ledger } from "./ledger.js";
import { legend } from "./legend.js";
import { partsAt } from "./related_parts.js";
import { NumberHandles } from "./number_handles.js";
import { orderPanel } from "./order_panel.js";
import { PathPanel } from "./path_panel.js";
import { spokenStep } from "./spoken.js";
import { Sweep } from "./sweep.js";
import { WhatIf } from "./what_if.js";
import { YourTurn } from "./your_turn.js";

const SECONDS_A_STEP = 1.6;
/** @type {Record<string, string>} */
const PHASES = { forward: "values", backward: "gradients", update: "parameters" };
const PANELS = { step: "This step", whatIf: "What if", paths: "Paths", order: "Order", derivation: "Derivation", turn: "Your turn" };

export class Stepper {
  /**
   * @param {HTMLElement} root
   * @param {number} number
   */
  constructor(root, number) {
    this.root = root;
    this.number = number;
  }

  /** @param {any} data */
  build(data) {
    const { root } = this;
    const sweep = new Sweep(data);
    const fallback = root.querySelector("[data-fallback]");
    this.sweep = sweep;
    this.picture = new GraphPicture(root, this.sweep, pictureOf(fallback));
    this.expression = new Expression(this.sweep);
    this.ledger = new Ledger(this.sweep, (step) => this.go(step));
    this.buildPlayer();
    this.buildPanels(data);
    root.tabIndex = -1;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", data.title);
    this.spoken = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    const save = saveButtons(this.picture.svg, () => `step-${sweep.at + 1}`);
    const frame = make("div", { class: "frame" }, this.picture.pane, make("div", { class: "foot" }, ...legend(this.picture.svg, data), save, this.picture.camera.controls));
    const side = make("div", { class: "side" }, this.tabs, ...Object.values(this.panels));
    root.append(make("div", { class: "live" }, this.expression.element, this.player.element, make("div", { class: "main" }, frame, side), this.spoken));
    fallback.setAttribute("aria-hidden", "true");
    this.picture.svg.addEventListener("click", (event) => this.click(/** @type {Element} */ (event.target)));
    this.picture.camera.arrange();
    lightUp(root, (target) => partsAt(root, sweep, this.picture, target));
    this.handles = new NumberHandles(this.picture, this.whatIf, () => this.open("whatIf"));
    this.show(0);
    if (data.turn) this.turn.begin();
    this.address = new Address((state) => this.restore(state));
  }

  /**
   * From an address: the step, counted from 1, and the numbers that were changed.
   * @param {[string, string][]} state
   */
  restore([[, step], ...numbers]) {
    const { sweep, whatIf } = this;
    const changed = new Map(numbers);
    if (whatIf.leaves) {
      const wanted = whatIf.leaves.map((card) => Number(changed.get(sweep.names[card]) ?? sweep.base.values[card]));
      if (wanted.every(Number.isFinite)) whatIf.set(wanted);
    }
    if (Number.isInteger(Number(step))) this.go(Number(step) - 1);
  }

  // The address that leads back to this step and these numbers.
  writeAddress() {
    const { sweep, whatIf } = this;
    const moved = sweep.changed ? whatIf.leaves.filter((card) => sweep.now.values[card] !== sweep.base.values[card]) : [];
    this.address?.write([["step", String(sweep.at + 1)], ...moved.map((card) => /** @type {[string, string]} */ ([sweep.names[card], String(sweep.now.values[card])]))]);
  }

  buildPlayer() {
    const { turn, update, last } = this.sweep;
    const ends = { forward: [0, turn], backward: [turn, update], update: [update, last + 1] };
    const spans = Object.entries(ends).filter(([, [start, end]]) => end > start).map(([phase, [start, end]]) =>
      make("span", { class: phase, style: `flex-grow:${end - start}` }, phase, make("i", {}, `: ${PHASES[phase]}`)));
    this.player = new Player({
      name: "Steps", unit: "Step", last, root: this.root, slider: { class: "step" }, seconds: SECONDS_A_STEP, wait: 0.5,
      show: (step) => this.show(step), fit: () => this.picture.camera.arrange(),
      playing: (playing) => {
        this.root.classList.toggle("playing", playing);
        this.spoken.setAttribute("aria-live", playing ? "off" : "polite");
      },
      speeds: [["0.5", "slow"], ["1", "normal"], ["2", "fast"], ["5", "very fast"]],
      under: [make("div", { class: "phases", "aria-hidden": "true" }, ...spans)],
    });
  }

  /**
   * One of several panels is beside or below the picture, chosen by its tab.
   * @param {any} data
   */
  buildPanels(data) {
    this.whatIf = new WhatIf(this.sweep, (leaves) => this.recompute(leaves));
    this.paths = new PathPanel(this.sweep, this.number, (links) => this.picture.trace(links));
    this.turn = new YourTurn(this.sweep, this.number, {
      goTo: (step) => this.lockAt(step),
      show: (link) => this.picture.point(link),
      setNumbers: this.whatIf.leaves ? (numbers) => this.whatIf.set(numbers) : null,
    });
    this.panels = { step: this.ledger.element, whatIf: this.whatIf.element, paths: this.paths.element, order: orderPanel(data.order),
      derivation: this.ledger.derivation, turn: this.turn.element };
    for (const panel of Object.values(this.panels)) panel.tabIndex = 0; // one that scrolls, scrolls by keys
    this.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Panels" },
      ...Object.entries(PANELS).map(([name, words]) => button(words, () => this.open(name), { "data-panel": name })));
    this.open(data.turn ? "turn" : "step");
  }

  /** @param {string} name */
  open(name) {
    for (const [other, panel] of Object.entries(this.panels)) panel.hidden = other !== name;
    press(this.tabs.children, (element) => element.dataset.panel === name);
    this.picture.trace([]);
    if (this.turn.active && name !== "turn") this.leaveTurn();
    if (name === "turn" && this.at >= 0) this.turn.begin();
    if (name === "paths") this.paths.show();
    if (name === "derivation" && this.at >= 0) this.ledger.showDerivation();
    // The picture at the end of the sweep has all values and gradients.
    const { at, update } = this.sweep;
    if (name === "whatIf" && at >= 0 && at !== update - 1) this.go(update - 1);
  }

  get at() {
    return this.sweep.at;
  }

  /**
   * To a step, and no further: what comes after it is to be filled in.
   * @param {number} step
   */
  lockAt(step) {
    this.player.steps.last = step;
    this.go(step);
  }

  leaveTurn() {
    this.turn.end();
    this.player.steps.last = this.sweep.end;
    this.player.steps.show(this.at, ...this.countWords());
  }

  /** @returns {[string, string]} the step for a screen reader, and beside the slider */
  countWords() {
    const { sweep } = this;
    const count = sweep.end + 1;
    return [`step ${sweep.at + 1} of ${count}, ${sweep.step.phase}`, `${sweep.at + 1} / ${count}`];
  }

  /** @param {number} step */
  go(step) {
    this.player.go(step);
  }

  pause() {
    this.player.pause();
  }

  /** @param {number} at */
  show(at) {
    const { sweep, root } = this;
    if (at === sweep.at) return;
    const isLater = sweep.at >= 0; // at first the whole graph is in sight
    sweep.at = at;
    root.dataset.step = String(at);
    root.dataset.phase = sweep.step.phase;
    this.picture.show();
    this.player.steps.show(at, ...this.countWords());
    this.expression.show();
    this.ledger.show();
    this.spoken.textContent = spokenStep(sweep);
    if (at > 0 || isLater) this.picture.follow();
    this.writeAddress();
    root.dispatchEvent(new CustomEvent("autograd-step", { detail: { step: at, last: sweep.last } }));
  }

  /**
   * At other numbers for the leaves, or null for the original ones.
   * @param {number[] | null} leaves
   */
  recompute(leaves) {
    const { sweep } = this;
    sweep.recompute(leaves);
    this.root.classList.toggle("changed", sweep.changed);
    this.ledger.clear();
    this.player.steps.last = sweep.end;
    const at = Math.min(sweep.at, sweep.end);
    sweep.at = -1;
    this.show(at);
    if (this.turn.active) this.turn.begin();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const card = /** @type {SVGGElement | null} */ (/** @type {Element} */ (event.target).closest("g.card"));
    const isForCard = card && !event.defaultPrevented && !event.altKey && !event.ctrlKey && !event.metaKey && this.cardKey(event, +card.dataset.index);
    if (!isForCard) {
      if (!this.player.key(event)) this.picture.camera.key(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Handles a key on a card; returns whether it was one of its keys.
   * @param {KeyboardEvent} event
   * @param {number} index
   */
  cardKey(event, index) {
    const direction = event.shiftKey ? undefined : directionOf(event);
    if (direction) this.picture.moveFocus(index, direction);
    else if (event.key === "Enter") this.visit(index);
    else return this.handles.key(event, index);
    return true;
  }

  /** @param {Element} target */
  click(target) {
    const group = /** @type {SVGGElement} */ (target.closest("g.card, g.link, g.carried"));
    if (!group) return;
    if (group.matches(".card")) this.visit(Number(group.dataset.index));
    else this.visitLink(this.picture.links.find((drawn) => drawn.group === group || drawn.label === group).link);
  }

  /**
   * A node leads to the step that computes it, on the way back to the one that completes its gradient; again, to its next step.
   * @param {number} index
   */
  visit(index) {
    const { sweep } = this;
    const card = sweep.cards[index];
    if (!card?.steps.length) return;
    const here = card.steps.indexOf(sweep.at);
    const received = card.changes.findLast(({ what, number }) => what === "grad" && number < sweep.update);
    const goal = this.ledger.node === card && here >= 0 ? card.steps[(here + 1) % card.steps.length]
      : sweep.at >= sweep.turn && received ? received.number : card.computed;
    this.go(goal);
    this.ledger.showCard(card, sweep.names[index]);
  }

  /** @param {import("./sweep.js").Link} link */
  visitLink({ step, tip, tail }) {
    const { sweep } = this;
    this.go(sweep.at >= sweep.turn && step >= 0 ? step : sweep.cards[tip].computed);
    if (typeof sweep.names[tail] === "string") this.ledger.showCard(sweep.cards[tail], sweep.names[tail]);
  }

  /**
   * The printed derivation has the numbers of the printed picture: the original ones.
   * @param {boolean} onPaper
   */
  print(onPaper) {
    if (onPaper) this.changedNumbers = this.sweep.changed ? this.whatIf.numbers : null;
    if (onPaper && this.changedNumbers) this.whatIf.reset();
    this.ledger.print(onPaper);
    if (!onPaper && this.changedNumbers) this.whatIf.set(this.changedNumbers);
  }
}
