// The value over one number, all others fixed, with the line whose slope is the gradient.
import { draw, fill, make } from "../page/elements.js";
import { numberText } from "../page/numbers.js";

const [WIDE, HIGH] = [400, 200];
const POINTS = 81;
const ROOM = 0.08; // above and below the curve

export class SlopePlot {
  constructor() {
    this.curve = draw("path", { class: "curve" });
    this.tangent = draw("path", { class: "tangent" });
    this.dot = draw("circle", { class: "dot", r: 5 });
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" }, this.tangent, this.curve, this.dot);
    this.low = make("span");
    this.title = make("span", { class: "title" });
    this.high = make("span");
    this.element = make("figure", { class: "slope-plot" }, this.svg, make("figcaption", {}, this.low, this.title, this.high));
  }

  /**
   * @param {string} name of the number
   * @param {number} number
   * @param {[number, number]} range
   * @param {(number: number) => number} valueAt
   * @param {number} gradient
   */
  show(name, number, [low, high], valueAt, gradient) {
    const numbers = Array.from({ length: POINTS }, (_, i) => low + i / (POINTS - 1) * (high - low));
    const values = numbers.map(valueAt);
    const value = valueAt(number);
    const finite = [...values, value].filter(Number.isFinite);
    const [least, most] = [Math.min(...finite), Math.max(...finite)];
    const room = ROOM * (most - least || Math.abs(most) || 1);
    const toX = (/** @type {number} */ x) => (x - low) / (high - low) * WIDE;
    const toY = (/** @type {number} */ y) => HIGH * (1 - (y - least + room) / (most - least + 2 * room));
    let before = NaN;
    this.curve.setAttribute("d", numbers.map((x, i) => {
      const begins = !Number.isFinite(before);
      before = values[i];
      return Number.isFinite(before) ? `${begins ? "M" : "L"}${toX(x).toFixed(1)},${toY(before).toFixed(1)}` : "";
    }).join(""));
    const isShown = Number.isFinite(value) && Number.isFinite(gradient);
    const ends = [low, high].map((x) => [toX(x), toY(value + gradient * (x - number))]);
    this.tangent.setAttribute("d", isShown ? `M${ends.map(([x, y]) => `${x.toFixed(1)},${Math.min(Math.max(y, -1e4), 1e4).toFixed(1)}`).join("L")}` : "");
    this.dot.toggleAttribute("hidden", !isShown);
    if (isShown) fill(this.dot, { cx: toX(number), cy: toY(value) });
    this.low.textContent = numberText(+low.toPrecision(3));
    this.high.textContent = numberText(+high.toPrecision(3));
    this.title.textContent = `the value over ${name}, slope ${numberText(gradient)}`;
    this.svg.setAttribute("aria-label", `The value over ${name}: ${numberText(value)} at ${numberText(number)}, where its slope, the gradient, is ${numberText(gradient)}`);
  }
}
