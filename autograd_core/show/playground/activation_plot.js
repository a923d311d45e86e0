// The curve of an activation and its slope, with the place of this row and of all others.
import { draw, fill, make } from "../page/elements.js";
import { run } from "../stepper/operations.js";

const [WIDE, HIGH] = [220, 130];
const EDGE = 4; // of z
const STEPS = 120;

export class ActivationPlot {
  constructor() {
    this.curve = draw("path", { class: "curve" });
    this.slope = draw("path", { class: "slope" });
    this.rug = draw("path", { class: "rug" });
    this.dot = draw("circle", { class: "dot", r: 5 });
    const axes = draw("path", { class: "axes", d: `M0,${toY(0)}H${WIDE}M${toX(0)},0V${HIGH}` });
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" }, axes, this.slope, this.curve, this.rug, this.dot);
    this.element = make("figure", { class: "activation" }, this.svg, make("figcaption", {}, "h over z (line), its slope (dashed), z of all rows (below)"));
  }

  /**
   * @param {import("./network_program.js").Piece} piece
   * @param {string} name
   * @param {number} z of this row
   * @param {Float64Array} all of every row
   * @param {number[]} learnt numbers of the activation
   */
  show(piece, name, z, all, learnt) {
    const points = Array.from({ length: STEPS + 1 }, (_, i) => EDGE * (2 * i / STEPS - 1));
    const line = (/** @type {"value" | "gradient"} */ part) => {
      let before = NaN;
      return points.map((x) => {
        const y = run(piece, [x, 1, ...learnt])[piece[part]];
        const jump = Math.abs(y - before) > 0.5 || Number.isNaN(before);
        before = y;
        return `${jump ? "M" : "L"}${toX(x).toFixed(1)},${toY(y).toFixed(1)}`;
      }).join("");
    };
    this.curve.setAttribute("d", line("value"));
    this.slope.setAttribute("d", line("gradient"));
    const inside = (/** @type {number} */ x) => Math.min(Math.max(x, -EDGE), EDGE);
    this.rug.setAttribute("d", [...all].map((x) => `M${toX(inside(x)).toFixed(1)},${HIGH}v-8`).join(""));
    fill(this.dot, { cx: toX(inside(z)), cy: toY(run(piece, [inside(z), 1, ...learnt])[piece.value]) });
    this.svg.setAttribute("aria-label", `${name} and its slope; z of this row is ${z.toPrecision(3)}`);
  }
}

function toX(/** @type {number} */ z) {
  return (z / EDGE + 1) / 2 * WIDE;
}

function toY(/** @type {number} */ h) {
  return HIGH * 0.62 - h * 34;
}
