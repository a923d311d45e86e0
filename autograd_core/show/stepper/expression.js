// The expression of the output at the top of the page, with the part at work lit: whole where it fits into one line,
// else as far as it fits around the node at work.
import { all, make } from "../page/elements.js";
import { buildMath, mathNumber } from "./typeset.js";

const LONGEST = 110; // characters
const FIRST_PLACE = 0xe000; // of the characters that stand for operands
const DOTS = ["mo", "⋯"];

/**
 * @typedef {import("./typeset.js").Piece} Piece
 * @typedef {[number[], number, number[]?, number?, (number | null)[]?]} Part the pieces and the length of a name; of a
 *   computed node also those of its formula, and the cards of its operands
 */

export class Expression {
  /** @param {import("./sweep.js").Sweep} sweep */
  constructor(sweep) {
    this.sweep = sweep;
    /** @type {Record<string, Part>} */
    this.parts = sweep.data.expression;
    this.element = make("div", { class: "expression", role: "region", "aria-label": "The expression", tabindex: "0" });
    this.whole = this.opened(sweep.output, true);
    this.start = -1;
    this.numbers = sweep.now;
  }

  /**
   * The cards whose formulas stand in the place of their names, from a card down, as long as the line has room. whole:
   * an empty set where not all of them have room.
   * @param {number} start
   */
  opened(start, whole = false) {
    const opened = new Set();
    let length = this.parts[start][1];
    const waiting = [start];
    for (const card of waiting) {
      const [, nameLength, pieces, formulaLength, operands] = this.parts[card];
      if (!pieces) continue;
      const cards = operands.filter((operand) => operand !== null);
      const longer = formulaLength - nameLength + cards.reduce((sum, operand) => sum + this.parts[operand][1] - 1, 0);
      if (card !== start && length + longer > LONGEST) {
        if (whole) return new Set();
        continue;
      }
      opened.add(card);
      length += longer;
      waiting.push(...cards);
    }
    return opened;
  }

  // At the sweep's step.
  show() {
    const { step, output, now } = this.sweep;
    const start = this.whole.size ? output : step.node;
    if (start !== this.start || this.numbers !== now) this.build(start);
    const parts = all(this.element, "[data-card]");
    for (const part of parts) {
      part.classList.toggle("now", +part.dataset.card === step.node);
      part.classList.toggle("receiving", +part.dataset.card === step.source);
    }
    const lit = parts.find((part) => part.matches(".receiving")) ?? parts.find((part) => part.matches(".now"));
    if (!lit || this.element.scrollWidth <= this.element.clientWidth) return;
    const { left, width } = lit.getBoundingClientRect();
    const frame = this.element.getBoundingClientRect();
    this.element.scrollLeft += left + width / 2 - frame.left - frame.width / 2;
  }

  /** @param {number} start */
  build(start) {
    const { output, now } = this.sweep;
    Object.assign(this, { start, numbers: now });
    const opened = start === output && this.whole.size ? this.whole : this.opened(start);
    const around = start === output ? [] : [DOTS];
    const left = this.pieces(this.parts[output][0]);
    this.element.replaceChildren(buildMath(["math", ["mrow", ...left, ["mo", "="], ...around, this.row(start, opened), ...around,
      ["mo", "="], mathNumber(now.values[output])]]));
  }

  /** @param {number[]} numbers */
  pieces(numbers) {
    return numbers.map((number) => /** @type {Piece} */ (this.sweep.data.pieces[number]));
  }

  /**
   * @param {number} card
   * @param {Set<number>} opened
   * @returns {Piece}
   */
  row(card, opened) {
    const [name, , formula, , operands] = this.parts[card];
    const isOpened = formula && opened.has(card);
    /** @type {(piece: any) => any} */
    const fillIn = (piece) => {
      if (!Array.isArray(piece)) return piece;
      const place = piece[0] === "mi" ? String(piece.at(-1)).charCodeAt(0) - FIRST_PLACE : -1;
      return place >= 0 && place < operands.length ? this.row(operands[place], opened) : piece.map(fillIn);
    };
    const pieces = isOpened ? this.pieces(formula).map(fillIn) : this.pieces(name);
    return ["mrow", { "data-card": String(card) }, ...pieces];
  }
}
