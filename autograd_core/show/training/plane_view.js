// The plane: what a model answers everywhere, its boundary, and the points; for a curve, the answer over x.
import { draw, fill, make } from "../page/elements.js";
import { SIDE, largestSize, paintClasses, paintMap } from "./colour_map.js";
import { contour } from "./contour.js";

const WIDE = 320; // of the picture, in its own units
const RADIUS = 3.6;
const DEPTH = 0.55;
const NEAR = 14; // so near, a click is on a point
const TEST_LOOK = { "fill-opacity": 0.35 };
const SHAPES = /** @type {[number, number][]} */ ([[16, 0], [4, 45], [3, 0], [4, 0], [3, 180], [6, 0]]); // sides and turn, by class

/**
 * The first input, the second one, and the target: the number of a class, or what a curve is there.
 * @typedef {[number, number, number]} Point
 * @typedef {object} PlaneActions
 * @property {(row: number) => void} pickRow
 * @property {(x: number, y: number) => void} add a point, where that is allowed
 * @property {(row: number, x: number, y: number) => void} move for a curve, y is the target
 *
 * @typedef {object} Plane
 * @property {{ x: number[], y: number[] }} frame what is shown of the inputs
 * @property {boolean} isCurve
 * @property {boolean} canAdd whether a click adds a point, and points can be moved
 * @property {Point[]} train
 * @property {Point[]} test
 *
 * lines: of a curve, over x. shares: from -1 to 1, the depth of the colour of - or +. classes: of each point of the grid, with
 * the lead over the next class as its share. boundaries: numbers whose sign changes at a boundary.
 * title: what is shown, where that is not the model's answer.
 * @typedef {{ title?: string, lines?: Float64Array[], shares?: Float64Array, classes?: number[], boundaries?: Float64Array[] }} Answers
 */

export class PlaneView {
  /** @param {PlaneActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.canvas = make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    this.boundary = draw("path", { class: "boundary", fill: "none" });
    this.points = draw("g");
    this.ring = draw("circle", { class: "ring", r: 8, fill: "none" });
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${WIDE}`, role: "img" }, this.boundary, this.points, this.ring);
    this.title = make("span", { class: "title" });
    this.element = make("div", { class: "plane" }, this.canvas, this.svg, this.title);
    this.listen();
  }

  listen() {
    /** @type {number | null} the row that is moved */
    let held = null;
    let moved = false;
    const placeOf = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const { left, top, width } = this.svg.getBoundingClientRect();
      return [(clientX - left) / width * WIDE, (clientY - top) / width * WIDE];
    };
    this.svg.addEventListener("pointerdown", (event) => {
      const [x, y] = placeOf(event);
      const row = this.nearest(x, y);
      moved = false;
      if (row === null) {
        if (this.canAdd) this.actions.add(...this.inputsAt(x, y));
        return;
      }
      this.actions.pickRow(row);
      if (!this.canAdd) return;
      held = row;
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (held === null) return;
      const [x, y] = placeOf(event);
      moved = true;
      fill(this.points.children[held], { transform: `translate(${x.toFixed(1)},${y.toFixed(1)})` });
    });
    this.svg.addEventListener("pointerup", (event) => {
      const [x, y] = placeOf(event);
      if (held !== null && moved) this.actions.move(held, ...this.inputsAt(x, y));
      held = null;
    });
  }

  /** What stands at a place of the picture. @type {(x: number, y: number) => [number, number]} */
  inputsAt(x, y) {
    const at = (/** @type {number[]} */ [low, high], /** @type {number} */ share) => low + share * (high - low);
    return [at(this.frame.x, x / WIDE), at(this.frame.y, 1 - y / WIDE)];
  }

  /** @type {(x: number, y: number) => [number, number]} */
  placeAt(x, y) {
    const share = (/** @type {number[]} */ [low, high], /** @type {number} */ number) => (number - low) / (high - low);
    return [WIDE * share(this.frame.x, x), WIDE * (1 - share(this.frame.y, y))];
  }

  /** The row of training near a place. @type {(x: number, y: number) => number | null} */
  nearest(x, y) {
    let [best, least] = [/** @type {number | null} */ (null), NEAR];
    this.places.forEach(([left, top], row) => {
      const distance = Math.hypot(left - x, top - y);
      if (distance < least) [best, least] = [row, distance];
    });
    return best;
  }

  /** @param {Plane} plane */
  build({ frame, isCurve, canAdd, train, test }) {
    this.frame = frame;
    this.isCurve = isCurve;
    this.canAdd = canAdd;
    const place = (/** @type {Point} */ [x1, x2, target]) => this.placeAt(x1, isCurve ? target : x2);
    this.places = train.map(place);
    const marks = (/** @type {Point[]} */ points, /** @type {Record<string, number>} */ look) => points.map((point) => {
      const [x, y] = place(point);
      const kind = isCurve ? 0 : point[2];
      return draw("path", { class: `point ${isCurve ? "curve-point" : `of-class-${kind}`}`, d: markOf(kind), transform: `translate(${x.toFixed(1)},${y.toFixed(1)})`, ...look });
    });
    this.points.replaceChildren(...marks(train, {}), ...marks(test, TEST_LOOK));
    this.svg.classList.toggle("own", canAdd);
    this.canvas.hidden = isCurve;
  }

  /**
   * @param {Answers} answers over the plane
   * @param {import("./colour_map.js").Colours} colours
   * @param {number | null} row
   * @param {string} sentence
   */
  show({ title = "", lines, shares, classes, boundaries = [] }, colours, row, sentence) {
    this.svg.setAttribute("aria-label", sentence);
    this.title.textContent = title;
    this.ring.toggleAttribute("hidden", row === null);
    if (row !== null && this.places[row]) fill(this.ring, { cx: this.places[row][0], cy: this.places[row][1] });
    if (lines) {
      const { x: [low, high] } = this.frame;
      const written = lines.map((line) => [...line].map((y, i) => this.placeAt(low + i / (line.length - 1) * (high - low), y))
        .map(([x, y]) => `${x.toFixed(1)},${Math.min(Math.max(y, -WIDE), 2 * WIDE).toFixed(1)}`).join("L"));
      this.boundary.setAttribute("d", written.map((line) => `M${line}`).join(""));
      return;
    }
    if (classes) paintClasses(this.canvas, classes, shares, colours, DEPTH);
    else paintMap(this.canvas, shares, colours, 1, DEPTH);
    this.boundary.setAttribute("d", boundaries.map((numbers) => contour(numbers, SIDE, WIDE)).join(""));
  }
}

/** What the plane, or the curve, shows of one unit. @type {(title: string, numbers: Float64Array, isCurve: boolean) => Answers} */
export function unitAnswers(title, numbers, isCurve) {
  if (isCurve) return { title, lines: [numbers] };
  const scale = largestSize(numbers, 1e-300);
  return { title, shares: numbers.map((number) => number / scale), boundaries: [numbers] };
}

/** The mark of a class. @param {number} kind */
function markOf(kind) {
  const [sides, turn] = SHAPES[kind % SHAPES.length];
  const radius = RADIUS * (sides === 16 ? 1 : 1.4);
  const corners = Array.from({ length: sides }, (_, i) => Math.PI * (2 * i / sides + turn / 180));
  return `M${corners.map((angle) => `${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`).join("L")}z`;
}
