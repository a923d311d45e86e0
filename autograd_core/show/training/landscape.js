// The landscape: the loss over a plane through the parameters, and on it the path that the training has taken.
import { button, draw, fill, make } from "../page/elements.js";
import { countText, numberText } from "../page/numbers.js";
import { SIDE, paintMap } from "./colour_map.js";
import { contour } from "./contour.js";
import { dot, mainDirections, randomDirections } from "./directions.js";
import { SeededRandom } from "./seeded_random.js";
import { chooser } from "./training_bar.js";

const WIDE = 320; // of the picture, in its own units
const MOST_POINTS = 60; // from which the path's directions are found
const FRAME = 12; // milliseconds of computing in a frame
const ROOM = 1.35; // of the plane around the path
const LINES = 9;
const DEPTH = 0.6;
const SEED = 20; // of random directions
const OUTSIDE = { cx: -99, cy: -99 }; // of a slice that is not there yet
const KINDS = /** @type {[string, string][]} */ ([["path", "the path's two main directions"], ["random", "two random directions"]]);

/**
 * @typedef {import("./training_steps.js").TrainingSteps} TrainingSteps
 * @typedef {{ centre: Float64Array, directions: [Float64Array, Float64Array], held: number, middle: [number, number], half: number,
 *   step: number, kind: string, losses: Float64Array, done: number }} Plane
 */

export class Landscape {
  /** @param {{ steps: () => TrainingSteps, filters: () => number[][], colours: () => import("./colour_map.js").Colours }} about */
  constructor(about) {
    this.about = about;
    /** @type {Plane | null} */
    this.plane = null;
    this.kind = chooser("directions", KINDS, () => this.compute());
    this.kind.setAttribute("aria-label", "Directions of the slice");
    this.canvas = make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    this.lines = draw("path", { class: "lines", fill: "none" });
    this.track = draw("path", { class: "track", fill: "none" });
    this.start = draw("circle", { class: "start", r: 5, ...OUTSIDE });
    this.here = draw("circle", { class: "here", r: 6, ...OUTSIDE });
    this.svg = draw("svg", { viewBox: `0 0 ${WIDE} ${WIDE}`, role: "img" }, this.lines, this.track, this.start, this.here);
    this.note = make("p", { class: "note" });
    this.again = button("Compute again", () => this.compute());
    this.element = make("details", { class: "landscape" }, make("summary", {}, "Landscape: a slice of the loss, with the path"),
      make("div", { class: "landscape-body" }, make("div", { class: "slice" }, this.canvas, this.svg), make("div", {}, make("div", { class: "landscape-choice" }, this.kind, this.again), this.note)));
    this.element.addEventListener("toggle", () => { this.show(false); });
  }

  /** Forgets the slice. */
  clear() {
    this.plane = null;
  }

  // ---- the slice

  /** Chooses the plane, and computes its losses over some frames. */
  compute() {
    const steps = this.about.steps();
    if (!steps.parameters.every(Number.isFinite)) {
      this.note.textContent = "A parameter is not a finite number, so there is no slice through it.";
      return;
    }
    const random = new SeededRandom(SEED);
    const centre = steps.parameters.slice();
    const kind = this.kind.value;
    const { directions, held } = kind === "path" ? mainDirections(this.fewPoints(), centre, random)
      : randomDirections(centre, this.about.filters(), random);
    /** @type {Plane} */
    const plane = { centre, directions, held, middle: [0, 0], half: 1, step: steps.step, kind, losses: new Float64Array(SIDE * SIDE).fill(NaN), done: 0 };
    if (kind === "path" && !Number.isNaN(held)) this.frameThePath(plane);
    this.plane = plane;
    this.goOn(plane);
  }

  /** Whether the slice was chosen before there was a path to show. */
  isEmpty() {
    return this.plane.kind === "path" && Number.isNaN(this.plane.held) && this.about.steps().path.length > 2;
  }

  /** Points of the path, few enough to find its directions at once. */
  fewPoints() {
    const { path } = this.about.steps();
    const every = Math.ceil(path.length / MOST_POINTS);
    return path.filter((_, i) => i % every === 0).map(({ parameters }) => parameters);
  }

  /** The square that shows the whole path. @param {Plane} plane */
  frameThePath(plane) {
    const places = this.about.steps().path.map(({ parameters }) => coordinates(plane, parameters));
    const ends = [0, 1].map((axis) => [Math.min(0, ...places.map((place) => place[axis])), Math.max(0, ...places.map((place) => place[axis]))]);
    plane.middle = [(ends[0][0] + ends[0][1]) / 2, (ends[1][0] + ends[1][1]) / 2];
    plane.half = ROOM * Math.max(...ends.map(([low, high]) => (high - low) / 2));
  }

  /** @param {Plane} plane */
  goOn(plane) {
    const steps = this.about.steps();
    const frame = () => {
      if (this.plane !== plane || this.about.steps() !== steps) return; // something else is computed by now
      for (const end = performance.now() + FRAME; performance.now() < end && plane.done < SIDE * SIDE; plane.done++) {
        plane.losses[plane.done] = steps.valueAt(pointOf(plane, plane.done));
      }
      this.paint();
      if (plane.done < SIDE * SIDE) requestAnimationFrame(frame);
    };
    frame();
  }

  // ---- showing

  /** The slice as colours and lines; equal steps of the logarithm of the loss above its least. */
  paint() {
    const { losses, done } = this.plane;
    const finite = losses.filter(Number.isFinite);
    if (!finite.length) {
      this.note.textContent = "The loss is not a finite number on this slice.";
      return;
    }
    const [least, most] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
    const floor = (most - least) / 1000 || 1;
    const heights = losses.map((loss) => Math.log((loss - least + floor) / floor) / Math.log((most - least + floor) / floor) || 0);
    paintMap(this.canvas, heights, this.about.colours(), 1, DEPTH);
    const levels = Array.from({ length: LINES }, (_, i) => (i + 1) / (LINES + 1));
    this.lines.setAttribute("d", done < SIDE * SIDE ? "" : levels.map((level) => contour(heights.map((height, i) => (Number.isFinite(losses[i]) ? height - level : NaN)), SIDE, WIDE)).join(""));
    this.range = `from ${numberText(least)} to ${numberText(most)}`;
    this.show(true);
  }

  /** The path and the present point on the slice. @param {boolean} isPlaying */
  show(isPlaying) {
    if (this.element.open && !isPlaying && !this.about.steps().isReplaying && (!this.plane || this.isEmpty())) this.compute();
    const { plane } = this;
    this.again.hidden = !plane || this.about.steps().step === plane.step;
    if (!plane || !this.element.open || !plane.losses.some(Number.isFinite)) return;
    const places = this.about.steps().path.map(({ parameters }) => placeOf(plane, parameters));
    this.track.setAttribute("d", places.length > 1 ? `M${places.map((place) => place.map((number) => number.toFixed(1)).join(",")).join("L")}` : "");
    [[this.start, places[0]], [this.here, placeOf(plane, this.about.steps().parameters)]].forEach(([mark, place]) => {
      if (place) fill(/** @type {Element} */ (mark), { cx: /** @type {number[]} */ (place)[0], cy: /** @type {number[]} */ (place)[1] });
    });
    const share = Number.isNaN(plane.held) ? "" : ` The two directions hold ${numberText(+(100 * plane.held).toPrecision(3))} % of the path's movement.`;
    const how = plane.kind === "random" ? "Each unit's part is as long as the unit's weights." : share.trim() || "The path has not moved yet, so both are random.";
    this.note.textContent = `Loss ${this.range}, the stronger the colour the higher, through the parameters of step ${countText(plane.step)}. ${how} Circle: the start; dot: now.`;
    this.svg.setAttribute("aria-label", this.note.textContent);
  }

  /** Behind a change of the theme. */
  recolour() {
    if (this.plane) this.paint();
  }
}

/** How far parameters lie along both directions; these need not be at right angles. @type {(plane: Plane, parameters: Float64Array) => [number, number]} */
function coordinates({ centre, directions: [first, second] }, parameters) {
  const moved = parameters.map((number, i) => number - centre[i]);
  const [a, b, c] = [dot(first, first), dot(first, second), dot(second, second)];
  const [p, q] = [dot(moved, first), dot(moved, second)];
  const determinant = a * c - b * b;
  return [(c * p - b * q) / determinant, (a * q - b * p) / determinant];
}

/** @type {(plane: Plane, parameters: Float64Array) => number[]} */
function placeOf(plane, parameters) {
  const [x, y] = coordinates(plane, parameters);
  const { middle, half } = plane;
  return [((x - middle[0]) / half + 1) / 2 * WIDE, (1 - (y - middle[1]) / half) / 2 * WIDE];
}

/** The parameters at a place of the slice, as pixels go. @type {(plane: Plane, place: number) => Float64Array} */
function pointOf({ centre, directions: [first, second], middle, half }, place) {
  const x = middle[0] + half * (2 * (place % SIDE) / (SIDE - 1) - 1);
  const y = middle[1] + half * (1 - 2 * Math.floor(place / SIDE) / (SIDE - 1));
  return centre.map((number, i) => number + x * first[i] + y * second[i]);
}
