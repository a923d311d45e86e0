// The playground: settings, a network in training, and its views.
import { Address } from "../page/address.js";
import { make } from "../page/elements.js";
import { digitsText, numberText } from "../page/numbers.js";
import { changesText, readChanges, replay } from "../training/changes.js";
import { SIDE, coloursOf } from "../training/colour_map.js";
import { Landscape } from "../training/landscape.js";
import { LossCurves } from "../training/loss_curves.js";
import { PlaneView, unitAnswers } from "../training/plane_view.js";
import { PlayLoop } from "../training/play_loop.js";
import { isTyped, trainingKey } from "../training/training_bar.js";
import { ControlBar } from "./control_bar.js";
import { NetworkView } from "./network_view.js";
import { OwnPoints, rounded } from "./own_points.js";
import { unitWords } from "./part_names.js";
import { PresetTask } from "./preset_task.js";
import { REACH } from "./data_sets.js";
import { entriesOf, isRegression, settingsOf } from "./settings.js";
import { Trainer } from "./trainer.js";
import { statesOf } from "./unit_states.js";
import { WhyPanel } from "./why_panel.js";

const ROOMY = 1500; // pixels, from which on the landscape is open
const CURVE = [-2, 2]; // the heights of a curve that are shown

/**
 * @typedef {import("../training/network_sheet.js").Lens} Lens
 * @typedef {import("../training/network_sheet.js").Picked} Picked
 */

export class PlaygroundView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {{ pieces: import("./network_program.js").Pieces, presets: import("./preset_task.js").Preset[] }} data */
  build({ pieces, presets }) {
    this.pieces = pieces;
    /** @type {Lens} */
    this.lens = "weight";
    /** @type {Picked | null} */
    this.picked = null;
    /** @type {number | null} */
    this.row = null;
    /** @type {[number, number] | null} layer and place of the unit that the plane shows instead of the score */
    this.lookedAt = null;
    this.loop = new PlayLoop({ steps: () => this.trainer, speed: () => +this.bar.training.speed.value, record: () => this.record(), show: () => this.show() });
    this.actions = { toggle: () => this.loop.toggle(), forward: () => this.move(1), back: () => this.move(-1), reset: () => this.reset() };
    this.bar = new ControlBar({ ...this.actions, change: (part) => this.change(part), setLens: (lens) => this.setLens(lens) }, this.root, Object.keys(pieces.rules));
    this.network = new NetworkView({ pick: (picked) => this.pick(picked), look: (place) => this.look(place), setFeatures: (features) => this.change({ features }), setLayers: (layers) => this.change({ layers }) });
    this.own = new OwnPoints((points, row) => {
      this.row = row ?? this.row;
      this.change({ points });
    });
    this.plane = new PlaneView({ pickRow: (row) => this.pickRow(row), add: (x, y) => this.own.add(x, y), move: (row, x, y) => this.own.move(row, x, y) });
    this.why = new WhyPanel({ light: () => this.show(), pickRow: (row) => this.pickRow(row), pick: (picked) => this.pick(picked), setWeight: (parameter, value) => this.setParameter(parameter, value) });
    this.curves = new LossCurves();
    this.landscape = new Landscape({ steps: () => this.trainer, filters: () => this.trainer.filters(), colours: () => this.colours });
    this.task = new PresetTask(presets, pieces, (preset) => this.restore(preset ? [["preset", preset.name]] : []));
    this.status = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    this.figures = make("dl", { class: "figures" });
    this.problem = make("p", { class: "problem", role: "alert" });
    const output = make("section", { class: "output-panel", "aria-label": "Output" }, this.plane.element, this.figures, this.problem, this.curves.element);
    this.bar.data.querySelector(".sets").after(this.own.element);
    this.root.append(make("div", { class: "live" }, this.task.element, this.bar.element, this.status, make("div", { class: "stage" }, this.bar.data,
      make("div", { class: "middle" }, this.bar.lens.element, this.network.element), output, this.landscape.element), this.why.element));
    this.landscape.element.open = this.root.clientWidth >= ROOMY;
    this.root.tabIndex = -1;
    const recolour = () => { this.colours = coloursOf(this.root); this.network.showFeatures(this.colours); this.landscape.recolour(); this.show(); };
    this.colours = coloursOf(this.root);
    this.start(settingsOf([], pieces));
    this.address = new Address((entries) => this.restore(entries));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  // ---- changing

  /** @param {import("./settings.js").Settings} settings */
  start(settings) {
    this.loop.pause();
    this.settings = settings;
    this.trainer = new Trainer(this.pieces, settings);
    this.row = this.trainer.train.count ? Math.min(this.row ?? 0, this.trainer.train.count - 1) : null;
    this.own.show(settings, this.row);
    if (this.picked && !this.exists(this.picked)) this.picked = null;
    this.curves.clear();
    this.landscape.clear();
    this.lookedAt = null;
    this.network.build(this.trainer);
    this.plane.build({ frame: { x: [-REACH, REACH], y: isRegression(settings) ? CURVE : [-REACH, REACH] }, isCurve: isRegression(settings), canAdd: settings.data === "own", train: this.trainer.train.points, test: this.trainer.test.points });
    this.network.showFeatures(this.colours);
    this.record();
    this.bar.showSettings(settings, this.lens);
    this.show();
  }

  /** @param {Picked} picked */
  exists(picked) {
    const { sizes } = this.trainer.network;
    return picked.layer < sizes.length && picked.unit < sizes[picked.layer] && (picked.kind === "unit" || picked.input < sizes[picked.layer - 1]);
  }

  /** @param {Partial<import("./settings.js").Settings>} part */
  change(part) {
    const again = this.loop.isPlaying;
    if (part.data === "own" && !this.settings.points.length && this.settings.data !== "sine") { // begin with the points that are there
      part.points = this.trainer.train.points.map(([x, y, label]) => [rounded(x), rounded(y), label]);
    }
    // In the middle of a training the rate is that of the next steps.
    if (Object.keys(part).join() === "rate" && this.trainer.step) this.setParameter(-1, part.rate);
    else {
      this.start({ ...this.settings, ...part });
      if (again) this.loop.toggle();
    }
  }

  /** @param {number} parameter -1 for the rate @param {number} value */
  setParameter(parameter, value) {
    this.trainer.set(parameter, value);
    this.record();
    this.show();
  }

  /** @param {[string, string][]} entries */
  restore(entries) {
    const preset = this.task.named(new Map(entries).get("preset"));
    this.task.set(preset);
    const given = new Map([...new URLSearchParams(preset?.address ?? ""), ...entries]);
    this.lens = given.get("lens") === "gradient" ? "gradient" : "weight";
    const [kind, ...places] = (given.get("pick") ?? "").split(".");
    const [layer, unit, input] = places.map(Number);
    this.picked = kind === "w" && places.length === 3 ? { kind: "weight", layer, unit, input } : kind === "u" && places.length === 2 ? { kind: "unit", layer, unit } : null;
    this.row = Math.max(0, Math.floor(Number(given.get("row")) || 0));
    this.start(settingsOf(entries, this.pieces, this.task.first));
    const { trainer } = this;
    const watched = { isWanted: () => this.trainer === trainer, record: () => this.record(), show: () => this.show() };
    replay(trainer, Math.floor(Number(given.get("step")) || 0), readChanges(given.get("changes") ?? ""), watched);
  }

  /** @returns {[string, string][]} */
  entries() {
    const { picked } = this;
    /** @type {[string, string][]} */
    const entries = entriesOf(this.settings, this.task.first);
    if (this.task.preset) entries.unshift(["preset", this.task.preset.name]);
    if (this.lens === "gradient" || this.task.preset) entries.push(["lens", this.lens]);
    if (!picked && this.task.preset) entries.push(["pick", ""]);
    if (picked) entries.push(["pick", picked.kind === "weight" ? `w.${picked.layer}.${picked.unit}.${picked.input}` : `u.${picked.layer}.${picked.unit}`]);
    if (this.row) entries.push(["row", String(this.row)]);
    if (this.trainer.step) entries.push(["step", String(this.trainer.step)]);
    if (this.trainer.changes.length) entries.push(["changes", changesText(this.trainer.changes)]);
    return entries;
  }

  /** @param {Lens} lens */
  setLens(lens) {
    this.lens = lens;
    this.bar.showSettings(this.settings, lens);
    this.show();
  }

  /** @param {Picked | null} picked */
  pick(picked) {
    this.picked = picked;
    this.why.at = Infinity;
    this.show();
  }

  /** Shows a unit in the plane while the pointer is on it. @param {[number, number] | null} place */
  look(place) {
    this.lookedAt = place;
    if (!this.loop.isPlaying) this.show();
  }

  /** @param {number} row */
  pickRow(row) {
    this.row = Math.min(Math.max(row, 0), this.trainer.train.count - 1);
    this.own.show(this.settings, this.row);
    this.show();
  }

  // ---- training

  /** @param {1 | -1} direction */
  move(direction) {
    this.loop.pause();
    if (direction === 1) this.trainer.advance(1);
    else this.trainer.back();
    this.record();
    this.show();
  }

  reset() {
    this.start(this.settings);
  }

  record() {
    const { trainer } = this;
    this.measured = { train: trainer.measure(trainer.train), test: trainer.measure(trainer.test) };
    this.curves.add({ step: trainer.step, train: this.measured.train.loss, test: this.measured.test.loss });
  }

  // ---- showing

  show() {
    const { trainer, colours, picked } = this;
    const maps = trainer.maps();
    const gradient = trainer.gradient();
    const inspected = trainer.inspect(trainer.train);
    const states = statesOf(trainer, inspected);
    this.why.show(trainer, picked, this.row, inspected);
    this.network.show({ maps, colours, lens: this.lens, gradient, states, picked, lit: this.why.lit });
    this.plane.show(this.answers(maps), colours, this.row, this.sentence());
    this.curves.show();
    this.landscape.show(this.loop.isPlaying);
    const { test } = this.measured;
    this.task.show({ settings: this.settings, right: test.accuracy, loss: test.loss, states, stepped: picked?.kind === "weight" });
    const { isPlaying } = this.loop;
    this.bar.showStep(trainer, this.loop);
    this.showFigures();
    this.problem.textContent = trainer.problem;
    this.status.setAttribute("aria-live", isPlaying ? "off" : "polite");
    if (isPlaying) return;
    this.status.textContent = this.sentence();
    this.address?.write(this.entries());
  }

  /** What the plane shows: the score, or the unit under the pointer. @param {Float64Array[][]} maps */
  answers(maps) {
    const [layer, unit] = this.lookedAt ?? [maps.length, 0];
    const numbers = maps[layer - 1]?.[unit] ?? maps.at(-1)[0];
    const isCurve = isRegression(this.settings);
    const shown = isCurve ? numbers.subarray(0, SIDE) : numbers;
    if (layer < maps.length) return unitAnswers(unitWords(this.trainer, layer, unit), shown, isCurve);
    if (isCurve) return { lines: [shown] };
    return { shares: this.trainer.network.loss === "hinge" ? numbers : numbers.map((score) => Math.tanh(score / 2)), boundaries: [numbers] };
  }

  showFigures() {
    const { train, test } = this.measured;
    const curve = isRegression(this.settings);
    const figure = (/** @type {string} */ name, /** @type {string} */ text) => make("div", {}, make("dt", {}, name), make("dd", {}, text));
    const percent = (/** @type {number} */ share) => (Number.isNaN(share) ? "–" : `${digitsText(100 * share, 3)} %`);
    this.figures.replaceChildren(figure("loss, train", numberText(train.loss)), figure("loss, test", numberText(test.loss)),
      ...(curve ? [] : [figure("right, train", percent(train.accuracy)), figure("right, test", percent(test.accuracy))]));
  }

  sentence() {
    const { measured: { train, test }, trainer } = this;
    if (!trainer.train.count) return "There are no points yet.";
    const right = isRegression(this.settings) ? "" : `, ${Math.round(1000 * test.accuracy) / 10} % of the test rows right`;
    const ofTest = trainer.test.count ? `, ${numberText(test.loss)} on the test rows${right}` : "";
    return `After ${trainer.step} steps: loss ${numberText(train.loss)} on the training rows${ofTest}.`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (isTyped(event)) return;
    if (this.why.key(event)) return event.preventDefault();
    trainingKey(event, this.actions);
  }
}
