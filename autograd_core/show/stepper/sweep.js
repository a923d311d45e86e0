// The sweep that is stepped through, forward and back: its steps, the numbers at each, and the text of these numbers.
import { bracketed, numberText, productRelation, roleOf, signedText, sumOf } from "../page/numbers.js";
import { numbersOf, recompute } from "./recompute.js";

/**
 * @typedef {{ text: string, role: string }} NumberText
 * @typedef {{ phase: string, node: number, source: number | null, link: number | null, words: string,
 *   formulas: [string, number[], number[]?][], changes: { card: number, what: string, text: string, role: string }[] }} Step
 * @typedef {{ steps: number[], computed: number, changes: (NumberText & { what: string, number: number })[],
 *   incoming: Link[] }} Card steps: those at this card; computed: the one that computes it, -1 for none
 * @typedef {{ index: number, tail: number, tip: number, step: number }} Link step: the one that goes back along it
 */

/**
 * A step as the page's data has it.
 * @param {any[]} written
 * @returns {Step}
 */
function stepOf([phase, node, source, link, words, formulas, changes]) {
  return { phase, node, source, link, words, formulas,
    changes: changes.map((/** @type {any[]} */ [card, what, text, role]) => ({ card, what, text, role })) };
}

const THINNEST = 1.5, THICKEST = 6; // pixels of a link

export class Sweep {
  /** @param {any} data */
  constructor(data) {
    this.data = data;
    /** @type {Step[]} */
    this.steps = data.moments.map(stepOf);
    /** @type {(string | null)[]} */
    this.names = data.cards;
    this.last = this.steps.length - 1;
    this.at = -1;
    this.atRest = false; // all of it is shown as done, and no step as at work
    this.turn = this.firstOf("backward");
    this.update = this.firstOf("update");
    this.output = this.steps[this.turn]?.node ?? -1;
    this.base = this.now = numbersOf(data.numbers);
    /** @type {Link[]} */
    this.links = data.links.map((/** @type {[number, number]} */ [tail, tip], /** @type {number} */ index) => ({ index, tail, tip, step: -1 }));
    /** @type {Card[]} */
    this.cards = this.names.map(() => /** @type {Card} */ ({ steps: [], computed: -1, changes: [], incoming: [] }));
    this.steps.forEach((step, number) => this.enter(step, number));
    /** @type {Map<string, number>} the card whose name is typeset as this piece */
    this.cardOfName = new Map();
    for (const [card, [name]] of Object.entries(data.expression)) {
      if (name.length === 1 && typeof this.names[+card] === "string") this.cardOfName.set(JSON.stringify(data.pieces[name[0]]), +card);
    }
    const open = this.links.filter((link) => link.step >= 0).sort((a, b) => a.step - b.step);
    for (const link of open) this.cards[link.tail].incoming.push(link);
  }

  /**
   * @param {Step} step
   * @param {number} number
   */
  enter({ phase, node, source, link, changes }, number) {
    this.cards[node].steps.push(number);
    if (phase === "forward") this.cards[node].computed = number;
    if (source !== null) this.cards[source].steps.push(number);
    if (phase !== "update" && link !== null) this.links[link].step = number;
    for (const { card, ...change } of changes) this.cards[card].changes.push({ ...change, number });
  }

  /**
   * The first step of a phase; where it has none, the end: an unfinished graph has values and no gradients.
   * @param {string} phase
   */
  firstOf(phase) {
    const found = this.steps.findIndex((step) => step.phase === phase);
    return found < 0 ? this.steps.length : found;
  }

  get step() {
    return this.steps[this.at];
  }

  get changed() {
    return this.now !== this.base;
  }

  // The updates belong to the original numbers.
  get end() {
    return this.changed ? this.update - 1 : this.last;
  }

  /**
   * Other numbers for the leaves, or null for the original ones.
   * @param {number[] | null} leaves
   */
  recompute(leaves) {
    this.now = leaves ? recompute(this.data.program, leaves) : this.base;
  }

  /**
   * The contributions to a card up to a step, whether these are all, and their sum.
   * @param {number} card
   * @param {number} upTo
   */
  arrivedAt(card, upTo) {
    const { incoming } = this.cards[card];
    const done = incoming.filter((link) => link.step <= upTo);
    const terms = done.map((link) => this.now.links[link.index]).filter((edge) => edge.flows).map((edge) => edge.contribution);
    const complete = done.length === incoming.length;
    return { terms, complete, total: complete ? this.now.grads[card] : sumOf(terms) };
  }

  /**
   * @param {number} card
   * @param {string} what
   * @returns {NumberText}
   */
  numberAt(card, what) {
    if (what === "value") return { text: numberText(this.now.values[card]), role: "ink" };
    if (card === this.output) return { text: "+1", role: "positive" };
    const { terms, complete, total } = this.arrivedAt(card, this.at);
    if (complete) return { text: signedText(total), role: roleOf(total) };
    return { text: terms.length ? `${numberText(total)} + …` : "–", role: "ink" };
  }

  /**
   * Whether the gradient of a card is complete at this step.
   * @param {number} card
   */
  isComplete(card) {
    const last = this.cards[card].changes.findLast(({ what, number }) => what === "grad" && number < this.update);
    return !last || last.number <= this.at;
  }

  /** @param {number} index */
  cardState(index) {
    const card = this.cards[index];
    if (this.atRest) return "done";
    if (index === this.step.node) return "now";
    if (index === this.step.source) return "receiving";
    if (!card || card.computed < 0) return "done"; // a constant
    return (this.at < this.turn ? card.computed < this.at : this.isComplete(index)) ? "done" : "to-come";
  }

  /** @param {Link} link */
  linkState(link) {
    const { phase } = this.step;
    if (phase === "update") return "idle";
    if (this.atRest) return phase === "forward" ? "computed" : link.step < 0 ? "idle" : "done";
    if (phase === "backward") return link.index === this.step.link ? "now" : link.step < 0 ? "idle" : link.step < this.at ? "done" : "to-come";
    const { computed } = this.cards[link.tip];
    return computed === this.at ? "feeding" : computed < this.at ? "computed" : "to-come";
  }

  /**
   * The contribution of a link in words: as a product at its step, its result after that; the width is by size.
   * @param {Link} link
   */
  contributionOf(link) {
    const edge = this.now.links[link.index];
    if (!edge) return null;
    const { partial, contribution } = edge;
    if (!edge.flows) return { flows: false, role: "ink", width: THINNEST, text: "", product: edge.blocked ?? "nothing flows" };
    const upstream = this.now.grads[link.tip];
    const share = this.now.largest && Number.isFinite(contribution) ? Math.abs(contribution) / this.now.largest : 0;
    // Most links keep their words in a step, and writing them takes long.
    return { flows: true, role: roleOf(contribution), width: THINNEST + (THICKEST - THINNEST) * Math.sqrt(share),
      get text() {
        return signedText(contribution);
      },
      get product() {
        return `${numberText(upstream)} · ${bracketed(partial)} ${productRelation([upstream, partial], contribution)} ${numberText(contribution)}`;
      } };
  }
}
