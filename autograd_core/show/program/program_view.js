// The page of a compiled program: a slider for each number, the value and its gradient, and training.
import { Address } from "../page/address.js";
import { projectorButton } from "../page/camera.js";
import { numberOf } from "../page/data.js";
import { button, make } from "../page/elements.js";
import { counted, numberText } from "../page/numbers.js";
import { changesText, readChanges, replay } from "../training/changes.js";
import { coloursOf } from "../training/colour_map.js";
import { Landscape } from "../training/landscape.js";
import { LossCurves } from "../training/loss_curves.js";
import { PlaneView, unitAnswers } from "../training/plane_view.js";
import { PlayLoop } from "../training/play_loop.js";
import { RATES, TrainingBar, chooser, field, isTyped, nameOptions, numberOptions, showChoice, trainingKey } from "../training/training_bar.js";
import { NetworkPanel } from "./network_panel.js";
import { NumberGroups } from "./number_groups.js";
import { ProgramSteps } from "./program_steps.js";

const ROOMY = 1200; // pixels, from which on the landscape is open
const BATCHES = [1, 10, 32];

export class ProgramView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {import("./program_steps.js").PageData} page */
  build(page) {
    const { root } = this;
    this.page = page;
    this.at = 0; // the row that is shown
    /** @type {import("../training/network_sheet.js").Lens} */
    this.lens = "weight";
    /** @type {[number, number] | null} layer and place of the unit that the plane shows instead of the output */
    this.lookedAt = null;
    this.steps = new ProgramSteps(page);
    this.canTrain = page.parameters.length > 0;
    this.loop = new PlayLoop({ steps: () => this.steps, speed: () => +this.bar.speed.value, record: () => this.record(), show: () => this.show() });
    this.actions = { toggle: () => this.loop.toggle(), forward: () => this.move(1), back: () => this.move(-1), reset: () => this.reset() };
    this.fields = {
      rate: chooser("rate", numberOptions(RATES), (value) => this.choose({ rate: Number(value) })),
      optimiser: chooser("optimiser", nameOptions(Object.keys(page.optimisers)), (value) => this.choose({ optimiser: value })),
      batch: chooser("batch", [...numberOptions(BATCHES), ["0", "all"]], (value) => this.choose({ batch: Number(value) })),
    };
    const projector = projectorButton(root, () => window.dispatchEvent(new Event("resize")));
    this.bar = new TrainingBar(this.actions, [field("Learning rate", this.fields.rate), field("Optimiser", this.fields.optimiser), field("Batch", this.fields.batch), projector]);
    this.status = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    this.figures = make("dl", { class: "figures" });
    this.problem = make("p", { class: "problem", role: "alert" });
    this.curves = new LossCurves();
    this.landscape = new Landscape({ steps: () => this.steps, filters: () => page.filters, colours: () => this.colours });
    this.numbers = new NumberGroups(this.steps, { row: () => this.at, changed: () => this.showChange(), show: () => this.show() });
    this.plane = page.plane && new PlaneView({ pickRow: (row) => this.pickRow(row), add: (x, y) => this.addPoint(x, y), move: (row, x, y) => this.movePoint(row, x, y) });
    this.network = page.network && new NetworkPanel(page.network, page.plane !== null && page.plane.kind !== "curve", (parameter) => this.numbers.nameOf(parameter),
      { pick: (parameter) => this.numbers.focus(parameter), look: (place) => this.look(place), setLens: (lens) => this.setLens(lens) });
    this.buildRows();
    const plane = this.plane ? [this.plane.element, make("p", { class: "note" }, "Click the plane to add a row with the target of the present one; drag a point to move it.")] : [];
    const output = make("section", { class: "output-panel", "aria-label": "Value" }, make("div", { class: "main-value" }, this.figures, this.problem, ...plane),
      make("div", { class: "curves" }, ...(this.canTrain ? [this.curves.element] : []), ...(this.numbers.groups.length ? [this.numbers.plot.element] : []), ...(page.parameters.length > 1 ? [this.landscape.element] : [])));
    const numbers = make("section", { class: "lists", "aria-label": "Numbers" }, ...(this.network ? [this.network.element] : []), this.rowChoice, ...this.numbers.elements);
    root.append(make("div", { class: "live" }, this.canTrain ? this.bar.element : make("div", { class: "controls" }, projector), this.status, make("div", { class: "stage" }, numbers, output)));
    this.landscape.element.open = root.clientWidth >= ROOMY && page.parameters.length > 1;
    root.tabIndex = -1;
    const recolour = () => { this.colours = coloursOf(root); this.landscape.recolour(); this.show(); };
    this.colours = coloursOf(root);
    this.begin();
    this.show();
    this.address = new Address((entries) => this.restore(entries));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  buildRows() {
    this.rowInput = make("input", { type: "number", min: 1, value: 1, "aria-label": "Row" });
    this.rowInput.addEventListener("change", () => this.pickRow(Math.round(+this.rowInput.value) - 1));
    this.rowCount = make("span");
    this.remove = button("Delete the row", () => this.changeRows(() => this.steps.deleteRow(this.at)));
    this.rowChoice = make("div", { class: "row-choice" }, make("label", {}, "Row ", this.rowInput), this.rowCount,
      button("Add a row", () => this.changeRows(() => { this.steps.copyRow(this.at); this.at = this.steps.count - 1; })), this.remove);
    this.rowChoice.hidden = this.page.count === 1;
  }

  // ---- changing

  /** The curve begins with what was trained before, one step for each batch of its epochs. */
  begin() {
    this.curves.clear();
    this.landscape.clear();
    const { losses } = this.page;
    const perEpoch = Math.ceil(this.steps.count / this.steps.batch);
    const last = losses.at(-1)?.[0];
    for (const [epoch, loss] of losses.slice(0, -1)) this.curves.add({ step: (epoch - last) * perEpoch, train: numberOf(loss), test: NaN });
    this.buildPlane();
    this.record();
  }

  buildPlane() {
    if (!this.plane) return;
    const { frame, kind } = this.page.plane;
    this.plane.build({ frame, isCurve: kind === "curve", canAdd: true, train: this.steps.points().map(([x, y, mark], row) => [x, y, kind === "curve" ? this.steps.input(1, row, 0) : mark]), test: [] });
  }

  /** Behind a change of a number by the reader. */
  showChange() {
    this.steps.problem = "";
    this.buildPlane();
    this.record();
    this.show();
  }

  /** @param {Partial<import("./program_steps.js").PageData["settings"]>} part */
  choose(part) {
    this.steps.choose(part);
    this.show();
  }

  /** @param {import("../training/network_sheet.js").Lens} lens */
  setLens(lens) {
    this.lens = lens;
    this.show();
  }

  /** Shows a unit in the plane while the pointer is on it. @param {[number, number] | null} place */
  look(place) {
    this.lookedAt = place;
    if (this.plane && !this.loop.isPlaying) this.show();
  }

  /** @param {() => void} change */
  changeRows(change) {
    this.loop.pause();
    change();
    this.at = Math.min(this.at, this.steps.count - 1);
    this.showChange();
  }

  /** @param {number} row */
  pickRow(row) {
    this.at = Math.min(Math.max(row || 0, 0), this.steps.count - 1);
    this.show();
  }

  /** @type {(x: number, y: number) => void} */
  addPoint(x, y) {
    this.changeRows(() => {
      this.steps.copyRow(this.at);
      this.at = this.steps.count - 1;
      this.place(this.at, x, y);
    });
  }

  /** @type {(row: number, x: number, y: number) => void} */
  movePoint(row, x, y) {
    this.place(row, x, y);
    this.showChange();
  }

  /** @type {(row: number, x: number, y: number) => void} */
  place(row, x, y) {
    this.steps.setInput(0, row, 0, x);
    if (this.page.plane.kind === "curve") this.steps.setInput(1, row, 0, y);
    else this.steps.setInput(0, row, 1, y);
  }

  // ---- training

  /** @param {1 | -1} direction */
  move(direction) {
    this.loop.pause();
    if (direction === 1) this.steps.advance(1);
    else this.steps.back();
    this.record();
    this.show();
  }

  reset() {
    this.loop.pause();
    this.steps.reset();
    this.begin();
    this.show();
  }

  record() {
    this.whole = this.steps.evaluate();
    this.curves.add({ step: this.steps.step, train: this.whole.value, test: NaN });
  }

  /** @param {[string, string][]} entries */
  restore(entries) {
    const given = new Map(entries);
    this.loop.pause();
    const { steps } = this;
    const batch = given.has("batch") ? Math.max(0, Math.floor(Number(given.get("batch"))) || 0) : this.page.settings.batch;
    const optimiser = given.get("optimiser") in this.page.optimisers ? given.get("optimiser") : this.page.settings.optimiser;
    steps.settings = { ...this.page.settings, batch, optimiser };
    steps.batch = steps.batchOf(steps.count);
    this.lens = given.get("lens") === "gradient" ? "gradient" : "weight";
    this.reset();
    this.pickRow(Math.floor(Number(given.get("row")) || 0));
    replay(steps, Math.floor(Number(given.get("step")) || 0), readChanges(given.get("changes") ?? ""),
      { isWanted: () => !this.loop.isPlaying, record: () => this.record(), show: () => this.show() });
  }

  /** @returns {[string, string][]} */
  entries() {
    const { settings, step, changes } = this.steps;
    /** @type {[string, string][]} */
    const entries = [["row", String(this.at)]];
    for (const name of /** @type {const} */ (["optimiser", "batch"])) if (settings[name] !== this.page.settings[name]) entries.push([name, String(settings[name])]);
    if (this.lens === "gradient") entries.push(["lens", this.lens]);
    if (step) entries.push(["step", String(step)]);
    if (changes.length) entries.push(["changes", changesText(changes)]);
    return entries;
  }

  // ---- showing

  show() {
    const { steps, at } = this;
    const one = steps.count > 1 ? steps.evaluate(at, 1) : this.whole;
    this.numbers.show(one, this.whole, this.loop.isPlaying);
    this.rowInput.max = String(steps.count);
    this.rowInput.value = String(at + 1);
    this.rowCount.textContent = `of ${steps.count}`;
    this.remove.hidden = steps.count === 1;
    this.showNetwork();
    this.curves.show();
    this.landscape.show(this.loop.isPlaying);
    this.bar.show(steps, this.loop);
    showChoice(this.fields.rate, String(steps.rate));
    showChoice(this.fields.optimiser, steps.settings.optimiser);
    showChoice(this.fields.batch, String(steps.settings.batch));
    const figure = (/** @type {string} */ name, /** @type {number} */ number) => make("div", {}, make("dt", {}, name), make("dd", {}, numberText(number)));
    this.figures.replaceChildren(...(steps.count > 1 ? [figure(`${this.page.name}, this row`, one.value), figure(`${this.page.reduce} of ${counted(steps.count, "row")}`, this.whole.value)] : [figure(this.page.name, one.value)]));
    this.problem.textContent = steps.problem;
    this.status.setAttribute("aria-live", this.loop.isPlaying ? "off" : "polite");
    if (this.loop.isPlaying) return;
    this.status.textContent = this.sentence();
    this.address?.write(this.entries());
  }

  /** The plane and the units, and between them the links. */
  showNetwork() {
    const { steps, network, plane, whole: { gradient }, lookedAt } = this;
    const over = plane && steps.overPlane();
    const answers = over && steps.answers(over.outputs);
    const maps = over && [...over.hidden, ...(answers.classes ? over.outputs : [answers.shares])];
    network?.show({ parameters: steps.parameters, gradient, lens: this.lens, picked: this.numbers.parameter, maps: network.hasMaps ? maps : null, colours: this.colours });
    if (!plane) return;
    const numbers = lookedAt && lookedAt[0] < network.network.units.length - 1 ? over.hidden[network.placeOf(...lookedAt)] : null;
    plane.show(numbers ? unitAnswers(network.network.units[lookedAt[0]][lookedAt[1]], numbers, this.page.plane.kind === "curve") : answers, this.colours, this.at, this.sentence());
  }

  sentence() {
    const { steps } = this;
    return `${steps.step ? `After ${counted(steps.step, "step")}: ` : ""}${this.page.name} is ${numberText(this.whole.value)}${steps.count > 1 ? `, the ${this.page.reduce} of ${counted(steps.count, "row")}` : ""}.`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!isTyped(event) && this.canTrain) trainingKey(event, this.actions);
  }
}
