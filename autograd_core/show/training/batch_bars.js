// The sum over the batch: a bar for what each row adds to a gradient, from the largest to the smallest.
import { draw, make } from "../page/elements.js";
import { barShare } from "../page/bars.js";

const [WIDE, HIGH] = [300, 76];
const LOWEST = 0.015; // of the height, so that each row is seen

export class BatchBars {
  /** @param {(row: number) => void} pick */
  constructor(pick) {
    this.above = draw("path", { class: "above" });
    this.below = draw("path", { class: "below" });
    this.chosen = draw("path", { class: "chosen" });
    const zero = draw("path", { class: "zero", d: `M0,${HIGH / 2}H${WIDE}` });
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img" }, zero, this.above, this.below, this.chosen);
    this.element = make("div", { class: "batch-bars" }, this.svg);
    /** @type {number[]} */
    this.order = [];
    this.svg.addEventListener("click", (event) => {
      const { left, width } = this.svg.getBoundingClientRect();
      const row = this.order[Math.floor((event.clientX - left) / width * this.order.length)];
      if (row !== undefined) pick(row);
    });
  }

  /** @param {Float64Array} contributions by row @param {number} row @param {string} label */
  show(contributions, row, label) {
    this.order = [...contributions.keys()].sort((a, b) => contributions[b] - contributions[a]);
    const largest = Math.max(...contributions.map(Math.abs)) || 1;
    const width = WIDE / this.order.length;
    const bar = (/** @type {number} */ place, /** @type {number} */ number) => `M${(place * width).toFixed(2)},${HIGH / 2}v${(-HIGH / 2 * barShare(number, largest, LOWEST)).toFixed(2)}h${(0.8 * width).toFixed(2)}V${HIGH / 2}z`;
    const path = (/** @type {(number: number) => boolean} */ is) => this.order.map((each, place) => (is(contributions[each]) ? bar(place, contributions[each]) : "")).join("");
    this.above.setAttribute("d", path((number) => number > 0));
    this.below.setAttribute("d", path((number) => number < 0));
    const place = this.order.indexOf(row);
    this.chosen.setAttribute("d", place < 0 ? "" : `M${((place + 0.4) * width).toFixed(2)},0v${HIGH}`);
    this.svg.setAttribute("aria-label", label);
  }
}
