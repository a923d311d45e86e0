// A folded graph in the page: boxes open and close, and the inputs and users of a box are lit. Only places are computed
// here; each number comes from the page's data.
import { Address } from "../page/address.js";
import { Camera } from "../page/camera.js";
import { makeTabStop } from "../page/card_focus.js";
import { all, draw, make, press } from "../page/elements.js";
import { lightUp } from "../page/lighting.js";
import { countText, counted } from "../page/numbers.js";
import { placePanel } from "../page/one_screen.js";
import { saveButtons } from "../page/saved_picture.js";
import { Cards } from "./cards.js";
import { Finder } from "./find.js";
import { ColumnGraph } from "./graph.js";
import { listen } from "./input.js";
import { Letters } from "./letters.js";
import { OpenBoxes } from "./open_boxes.js";
import { Panel } from "./panel.js";
import { Sheet } from "./sheet.js";
import { Walk } from "./walk.js";

const MOST_UNITS = 700;

export class FoldedView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.selected = null;
  }

  // ----------------------------------------------------------------------------------------------- building

  /** @param {any} data */
  build(data) {
    this.graph = new ColumnGraph(data);
    this.cards = new Cards(this.graph, new Letters(data.theme));
    this.boxes = new OpenBoxes(this.graph, data.open);
    this.buildControls(data.reasons);
    const label = { role: "group", "aria-label": data.title };
    this.svg = draw("svg", label);
    this.picture = make("div", { class: "picture", ...label }, this.svg);
    this.camera = new Camera(this.picture, this.svg);
    this.panel = new Panel(this.graph, this.cards, data.reasons);
    this.status = make("p", { class: "said", "aria-live": "polite" });
    const frame = make("div", { class: "frame" }, this.picture, make("div", { class: "foot" }, this.status, saveButtons(this.svg, () => "graph"), this.camera.controls));
    const main = make("div", { class: "main" }, frame, make("div", { class: "side" }, this.panel.element));
    this.root.append(make("div", { class: "live" }, this.controls, this.finder.found, main));
    listen(this);
    this.redraw();
    new ResizeObserver(() => placePanel(this.root, main, this.sheet.layout)).observe(this.root);
    this.root.querySelector("[data-fallback]").setAttribute("aria-hidden", "true");
    lightUp(this.root, (target) => this.partsAt(target));
    this.address = new Address((state) => this.restore(new Map(state)));
  }

  /**
   * From an address: the row, the open boxes, and the selected box or the step. Boxes go by their numbers.
   * @param {Map<string, string>} state
   */
  restore(state) {
    const { graph } = this;
    const isBox = (/** @type {number} */ group) => Number.isInteger(group) && group > 0 && group < graph.groups;
    const [row, unit, step] = ["row", "box", "step"].map((key) => (state.has(key) ? Number(state.get(key)) : -1));
    if (row > 0 && row <= graph.rows.count) this.chooseRow(row - 1);
    if (state.has("open")) this.change(new Set(state.get("open").split(".").map(Number).filter(isBox)), 0, "");
    if (Number.isInteger(unit) && unit >= 0 && unit < graph.nodes + graph.groups) this.select(unit, true);
    else if (step >= 1) this.walk.goTo(step - 1);
    else if (this.walk.step) this.walk.stop();
  }

  // The address that leads back to these boxes.
  writeAddress() {
    const { graph: { rows }, selected, walk: { step } } = this;
    /** @type {[string, string][]} */
    const state = [["open", [...this.boxes.groups].sort((a, b) => a - b).join(".")]];
    if (rows.count) state.push(["row", String(+this.row.value + 1)]);
    if (selected !== null) state.push(["box", String(selected)]);
    else if (step) state.push(["step", String(step.number + 1)]);
    this.address?.write(state);
  }

  /**
   * The parts that show a box: its card, and the lines of the panel on it or on what is inside it.
   * @param {Element} target
   */
  partsAt(target) {
    const { standsFor } = this.sheet.cut;
    const at = /** @type {HTMLElement | null} */ (target.closest(".card, [data-card], [data-go]"));
    const unitsOf = (/** @type {HTMLElement} */ { dataset: { unit, card, go } }) =>
      (unit ? [+unit] : (card ?? go).split(" ").map((node) => standsFor[+node]));
    if (!at) return [];
    const units = unitsOf(at);
    return [...units.map((unit) => this.sheet.drawn.get(unit)), at,
      ...all(this.panel.element, "[data-card], [data-go]").filter((line) => unitsOf(line).some((unit) => units.length === 1 && unit === units[0]))];
  }

  buildControls(reasons) {
    const action = (act, label, text) => make("button", { type: "button", "data-act": act, "aria-label": label, title: label }, text);
    this.depths = make("span", { class: "buttons", role: "group", "aria-label": "Depth" });
    for (let depth = 1; depth <= Math.min(this.boxes.deepest, 7); depth++) this.depths.append(action(`depth ${depth}`, `Open all boxes to depth ${depth}`, String(depth)));
    this.finder = new Finder(this.graph, reasons, (words) => {
      this.say(words);
      this.light();
    });
    this.walk = new Walk(this.graph, (step) => this.show(step));
    const most = this.graph.rows.count;
    this.row = make("select", { "aria-label": "Row" }, ...Array.from({ length: most }, (_, row) => make("option", { value: row }, `${row + 1} of ${most}`)));
    this.row.addEventListener("change", () => this.chooseRow(+this.row.value));
    this.controls = make("div", { class: "controls" },
      make("label", {}, "Depth ", this.depths), make("label", {}, "Step ", this.walk.controls), ...(most ? [make("label", {}, "Row ", this.row)] : []), ...this.finder.controls);
  }

  redraw() {
    this.sheet = new Sheet(this.graph, this.cards, this.boxes.groups, this.svg);
    const { drawn, layout } = this.sheet;
    this.camera.resize(layout.width, layout.height);
    const first = drawn.get(this.selected) ?? [...drawn.values()].at(-1);
    first.setAttribute("tabindex", "0");
    press(this.depths.children, (depth) => this.boxes.isAtDepth(+depth.textContent));
    this.light();
    this.walk.enter(this.sheet, (unit) => this.boxes.hiding(unit));
  }

  /** @param {string} words */
  say(words) {
    this.status.textContent = words;
  }

  // ------------------------------------------------------------------------------------------- open and close

  // Change which boxes are open. The box in question stays in its place, and comes wholly into view.
  change(open, anchor, words) {
    const before = this.sheet.boxOf(anchor);
    const former = this.boxes.groups;
    this.boxes.groups = open;
    const count = this.boxes.count();
    if (count > MOST_UNITS) {
      this.boxes.groups = former;
      this.say(`That would be ${countText(count)} boxes at once. Open them one by one.`);
      return;
    }
    if (this.selected !== null && this.boxes.hiding(this.selected) !== this.selected) this.selected = null;
    this.redraw();
    const after = this.sheet.boxOf(anchor);
    if (before && after) this.camera.jumpBy(before.x - after.x, before.y - after.y);
    if (after) this.camera.showBoxes([after]);
    this.say(words);
    this.showPanel();
  }

  // Another row of a batch in the place of the one that is shown.
  chooseRow(number) {
    const { graph } = this;
    const open = new Set(this.boxes.groups);
    graph.rows.choose(number, open);
    for (const { rest } of graph.rows.sets) {
      this.cards.forget(graph.nodes + rest);
      this.sheet.drawn.get(graph.nodes + rest)?.remove();
    }
    this.row.value = String(number);
    const anchor = graph.rows.sets.find(({ repeat }) => open.has(repeat)) ?? graph.rows.sets[0];
    this.change(open.add(anchor.repeat), anchor.repeat, `row ${number + 1}`);
  }

  toggle(group) {
    const rows = this.graph.rows.sets.find(({ rest }) => rest === group);
    if (rows) return this.chooseRow((rows.at + 1) % rows.members.length);
    const open = new Set(this.boxes.groups);
    const hadFocus = this.picture.contains(document.activeElement);
    const name = this.graph.nameOf(this.graph.nodes + group);
    if (!open.delete(group)) open.add(group);
    const opened = open.has(group);
    const inside = this.graph.inside[group].length;
    this.change(open, group, opened ? `${name} opened: ${counted(inside, "box", "boxes")} inside` : `${name} closed`);
    const units = opened ? this.graph.inside[group].filter((unit) => this.sheet.drawn.has(unit)) : [this.graph.nodes + group];
    if (hadFocus && units.length) this.focus(units[0]);
  }

  openTo(depth) {
    this.change(this.boxes.toDepth(depth), 0, `Open to depth ${depth}`);
    this.camera.showWhole(false);
  }

  // ---------------------------------------------------------------------------------------------- select and follow

  /**
   * reveal: the box is not yet under the pointer.
   * @param {number} unit
   * @param {boolean} reveal
   */
  select(unit, reveal) {
    const row = this.graph.rows.rowOf(unit);
    if (row >= 0) this.chooseRow(row);
    const open = new Set([...this.boxes.groups, ...this.graph.around(unit)]);
    if (this.walk.step) this.walk.stop();
    this.selected = unit;
    if (open.size > this.boxes.groups.size) this.change(open, 0, "");
    if (!this.sheet.drawn.has(unit)) return;
    this.light();
    this.showPanel();
    this.focus(unit);
    if (reveal) this.reveal([unit]);
  }

  focus(unit) {
    const card = this.sheet.drawn.get(unit);
    makeTabStop(this.sheet.drawn.values(), card);
    card.focus({ preventScroll: true });
  }

  reveal(units) {
    this.camera.showBoxes(units.map((unit) => this.sheet.layout.boxes.get(unit)));
  }

  light() {
    const members = this.selected === null ? [] : this.graph.membersOf(this.selected);
    this.below = this.graph.reach(members, true);
    this.above = this.graph.reach(members, false);
    this.sheet.light(this.selected, this.below, this.above, this.finder.hits);
  }

  showPanel() {
    this.writeAddress();
    if (this.walk.step) this.panel.step(this.walk.step, this.sheet);
    else if (this.selected !== null) this.panel.select(this.selected, this.sheet, this.below, this.above);
    else this.panel.explainKeys();
  }

  // A step, or none.
  show(step) {
    this.selected = null;
    this.light();
    this.sheet.trace([]);
    this.showPanel();
    if (!step) return;
    this.reveal([step.unit, ...this.sheet.cut.links.filter(({ to }) => to === step.unit).map(({ from }) => from)]);
    const name = this.graph.nameOf(step.unit);
    this.say(step.phase === "forward" ? `Forward: ${name} computes` : `Backward: ${name} passes its gradient on`);
  }

  letGo() {
    this.selected = null;
    this.sheet.trace([]);
    if (this.walk.step) this.walk.stop();
    this.light();
    this.showPanel();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.camera.key(event) && event.key === "Escape" && !/** @type {Element} */ (event.target).matches("input, select")) this.letGo();
  }
}
