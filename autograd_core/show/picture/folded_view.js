// A folded graph in the page: boxes open and close, and the inputs and users of a box are lit. Only places are computed
// here; each number comes from the page's data.
import { Camera } from "../page/camera.js";
import { directionOf, makeTabStop, neighbour } from "../page/card_focus.js";
import { draw, make, press } from "../page/elements.js";
import { placePanel } from "../page/one_screen.js";
import { countText, counted } from "../page/numbers.js";
import { Cards } from "./cards.js";
import { Finder } from "./find.js";
import { ColumnGraph } from "./graph.js";
import { Letters } from "./letters.js";
import { Panel } from "./panel.js";
import { Sheet } from "./sheet.js";
import { Walk } from "./walk.js";

const MOST_UNITS = 700;
const MOST_COUNTED = 100000;

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
    this.open = new Set(data.open);
    this.buildControls(data.reasons);
    const label = { role: "group", "aria-label": data.title };
    this.svg = draw("svg", label);
    this.picture = make("div", { class: "picture", ...label }, this.svg);
    this.camera = new Camera(this.picture, this.svg);
    this.panel = new Panel(this.graph, this.cards, data.reasons);
    this.status = make("p", { class: "said", "aria-live": "polite" });
    const frame = make("div", { class: "frame" }, this.picture, make("div", { class: "foot" }, this.status, this.camera.controls));
    const main = make("div", { class: "main" }, frame, make("div", { class: "side" }, this.panel.element));
    this.root.append(make("div", { class: "live" }, this.controls, this.finder.found, main));
    this.root.addEventListener("click", (event) => this.click(event));
    this.picture.addEventListener("dblclick", (event) => this.toggleAt(event.target));
    this.picture.addEventListener("keydown", (event) => this.cardKey(event));
    this.redraw();
    new ResizeObserver(() => placePanel(this.root, main, this.sheet.layout)).observe(this.root);
    this.root.querySelector("[data-fallback]").setAttribute("aria-hidden", "true");
  }

  buildControls(reasons) {
    const action = (act, label, text) => make("button", { type: "button", "data-act": act, "aria-label": label, title: label }, text);
    const closed = new Set(["composition", "leaves", "rows"]);
    const groups = Array.from({ length: this.graph.groups - 1 }, (_, index) => index + 1);
    this.openable = groups.filter((group) => !closed.has(this.graph.kindOf(this.graph.nodes + group)));
    const deepest = this.openable.reduce((most, group) => Math.max(most, this.graph.depth[group] + 1), 1);
    this.depths = make("span", { class: "buttons", role: "group", "aria-label": "Depth" });
    for (let depth = 1; depth <= Math.min(deepest, 7); depth++) this.depths.append(action(`depth ${depth}`, `Open all boxes to depth ${depth}`, String(depth)));
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
    this.sheet = new Sheet(this.graph, this.cards, this.open, this.svg);
    const { drawn, layout } = this.sheet;
    this.camera.resize(layout.width, layout.height);
    const first = drawn.get(this.selected) ?? [...drawn.values()].at(-1);
    first.setAttribute("tabindex", "0");
    press(this.depths.children, (depth) => this.isAtDepth(+depth.textContent));
    this.light();
    this.walk.enter(this.sheet, (unit) => this.hiddenIn(unit));
  }

  say(words) {
    this.status.textContent = words;
  }

  // ------------------------------------------------------------------------------------------- open and close

  // Change which boxes are open. The box in question stays in its place, and comes wholly into view.
  change(open, anchor, words) {
    const before = this.sheet.boxOf(anchor);
    const former = this.open;
    this.open = open;
    const count = this.countUnits();
    if (count > MOST_UNITS) {
      this.open = former;
      this.say(`That would be ${countText(count)} boxes at once. Open them one by one.`);
      return;
    }
    if (this.selected !== null && this.hiddenIn(this.selected) !== this.selected) this.selected = null;
    this.redraw();
    const after = this.sheet.boxOf(anchor);
    if (before && after) this.camera.jumpBy(before.x - after.x, before.y - after.y);
    if (after) this.camera.showBoxes([after]);
    this.say(words);
    this.showPanel();
  }

  countUnits() {
    let count = 0;
    const waiting = [0];
    while (waiting.length && count <= MOST_COUNTED) {
      for (const unit of this.graph.inside[waiting.pop()]) {
        if (this.graph.isGroup(unit) && this.open.has(unit - this.graph.nodes)) waiting.push(unit - this.graph.nodes);
        else count++;
      }
    }
    return count;
  }

  // Another row of a batch in the place of the one that is shown.
  chooseRow(number) {
    const { graph } = this;
    const open = new Set(this.open);
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
    const open = new Set(this.open);
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
    this.change(new Set(this.openable.filter((group) => this.graph.depth[group] < depth)), 0, `Open to depth ${depth}`);
    this.camera.showWhole(false);
  }

  isAtDepth(depth) {
    const wanted = this.openable.filter((group) => this.graph.depth[group] < depth);
    return wanted.length === this.open.size && wanted.every((group) => this.open.has(group));
  }

  // The closed box that hides a unit, or the unit itself.
  hiddenIn(unit) {
    const outer = this.graph.around(unit).reverse().find((group) => !this.open.has(group));
    return outer === undefined ? unit : this.graph.nodes + outer;
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
    const open = new Set([...this.open, ...this.graph.around(unit)]);
    if (this.walk.step) this.walk.stop();
    this.selected = unit;
    if (open.size > this.open.size) this.change(open, 0, "");
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

  // ------------------------------------------------------------------------------------------ pointer and keyboard

  click(event) {
    const pressed = event.target.closest("[data-act], [data-go], [data-open], .sign, .card");
    if (!pressed) return;
    if (pressed.dataset.go) this.select(+pressed.dataset.go, true);
    else if (pressed.dataset.act) this.openTo(+pressed.dataset.act.split(" ")[1]);
    else if (pressed.dataset.open) this.toggle(+pressed.dataset.open - this.graph.nodes);
    else if (pressed.classList.contains("sign")) this.toggleAt(event.target);
    else this.select(+pressed.dataset.unit, false);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.camera.key(event) && event.key === "Escape" && !/** @type {Element} */ (event.target).matches("input, select")) this.letGo();
  }

  toggleAt(target) {
    const card = target.closest(".card");
    const frame = target.closest("g.frame");
    if (card && this.graph.isGroup(+card.dataset.unit)) this.toggle(+card.dataset.unit - this.graph.nodes);
    else if (frame && target.closest(".sign")) this.toggle(+frame.dataset.group);
  }

  cardKey(event) {
    const card = event.target.closest(".card");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const unit = +card.dataset.unit;
    const direction = directionOf(event);
    if (direction) this.moveFocus(unit, direction);
    else if (event.key === "Enter") this.graph.isGroup(unit) ? this.toggle(unit - this.graph.nodes) : this.select(unit, true);
    else if (event.key === " ") this.select(unit, true);
    else if (event.key === "Backspace") {
      const group = this.graph.around(unit)[0];
      if (group) this.toggle(group);
    } else if (event.key === "/") this.finder.search.focus();
    else if (event.key === "n" || event.key === "b") this.walk.go(event.key === "n" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  /**
   * @param {number} unit
   * @param {import("../page/card_focus.js").Direction} direction
   */
  moveFocus(unit, direction) {
    const next = neighbour(unit, direction, this.sheet.layout.boxes, this.sheet.cut.links);
    if (next === undefined) return;
    this.focus(next);
    this.reveal([next]);
  }
}
