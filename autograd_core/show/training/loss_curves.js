// The loss over the steps: of the training rows as a line, of the test rows dashed.
import { draw, make } from "../page/elements.js";
import { countText, numberText } from "../page/numbers.js";

const [WIDE, HIGH] = [320, 74];
const MOST = 600; // moments that are kept; then every other one is left out

/** test: nan where there are no test rows. @typedef {{ step: number, train: number, test: number }} Moment */

export class LossCurves {
  constructor() {
    /** @type {Moment[]} */
    this.moments = [];
    this.train = draw("path", { class: "train", fill: "none" });
    this.test = draw("path", { class: "test", fill: "none" });
    this.start = draw("path", { class: "start", fill: "none" });
    this.svg = draw("svg", { viewBox: `0 -4 ${WIDE} ${HIGH + 8}`, role: "img", preserveAspectRatio: "none" }, this.start, this.test, this.train);
    this.top = make("span");
    this.end = make("span");
    this.element = make("figure", { class: "losses" }, this.svg, make("figcaption", {}, this.top, this.end));
  }

  clear() {
    this.moments = [];
  }

  /** @param {Moment} moment what is known of later steps goes */
  add(moment) {
    while (this.moments.length && this.moments.at(-1).step >= moment.step) this.moments.pop();
    this.moments.push(moment);
    if (this.moments.length > MOST) this.moments = this.moments.filter((_, i) => i % 2 === 0 || i === MOST);
  }

  show() {
    const { moments } = this;
    const [first, last] = [moments[0], moments.at(-1)];
    const placeOf = (/** @type {number} */ step) => (last.step === first.step ? 0 : (step - first.step) / (last.step - first.step) * WIDE).toFixed(1);
    const finite = moments.flatMap(({ train, test }) => [train, test]).filter(Number.isFinite);
    const sorted = finite.toSorted((a, b) => a - b);
    const top = Math.min(sorted.at(-1) ?? 1, 4 * (sorted[Math.floor(sorted.length / 2)] ?? 1)) || 1;
    const line = (/** @type {"train" | "test"} */ name) => {
      const points = moments.filter((moment) => Number.isFinite(moment[name]));
      return points.length ? `M${points.map((moment) => `${placeOf(moment.step)},${(HIGH - Math.min(moment[name] / top, 1) * HIGH).toFixed(1)}`).join("L")}` : "";
    };
    this.train.setAttribute("d", line("train"));
    this.test.setAttribute("d", line("test"));
    this.start.setAttribute("d", first?.step < 0 ? `M${placeOf(0)},0V${HIGH}` : ""); // before it, what was trained elsewhere
    this.top.textContent = `loss, 0 to ${numberText(+top.toPrecision(2))}`;
    this.end.textContent = last ? `${countText(last.step)} steps` : "";
    this.svg.setAttribute("aria-label", last ? `Loss after ${last.step} steps: ${numberText(last.train)} on the training rows${Number.isNaN(last.test) ? "" : `, ${numberText(last.test)} on the test rows`}` : "No step yet");
  }
}
