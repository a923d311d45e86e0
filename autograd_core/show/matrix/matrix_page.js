// The page: for each affine layer its scalars on the left, its matrices on the right, and which entries correspond.
import { Address } from "../page/address.js";
import { Camera, clamp, projectorButton } from "../page/camera.js";
import { all, button, make, pictureOf } from "../page/elements.js";
import { listenFor } from "../page/lighting.js";
import { countText } from "../page/numbers.js";
import { Steps } from "../page/player.js";
import { saveButtons } from "../page/saved_picture.js";
import { layerOf } from "./layer.js";
import { LayerChoice } from "./layer_choice.js";
import { keyOf, litWith, partsOf, scalarMoves, wholeMoves } from "./layer_steps.js";
import { MoveTimes } from "./move_times.js";
import { equationsOf } from "./tables.js";
import { Words, signedWritten } from "./words.js";

const ASKED = "Point at an entry, or go to it with the tab and arrow keys, to see its scalars. Step through from the start: in whole moves, or scalar by scalar.";

export class MatrixPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.scalar = false;
    /** @type {string | null} */
    this.pinned = null;
    this.text = ""; // of the status
    /** @type {import("./layer_steps.js").Move[]} */
    this.moves = [];
  }

  // ------------------------------------------------------------------------------------------------ frame

  /** @param {{ layers: any[], note: string }} data */
  build({ layers, note }) {
    this.layers = layers.map(layerOf);
    this.fallbacks = [...this.root.querySelectorAll("[data-fallback] > section")];
    this.choice = new LayerChoice(this.layers, (layer) => this.open(layer));
    this.steps = new Steps({ unit: "Step", last: 0, go: (number) => this.show(number), words: { first: "From the start", back: "Back", next: "Next" } });
    this.kind = button("Scalar by scalar", () => this.choose(!this.scalar), { "data-act": "scalar" });
    this.frame = make("div", { class: "frame" });
    this.caption = make("p", { class: "hint" });
    this.equations = make("div", { class: "side", tabindex: "0", role: "region", "aria-label": "The matrices" });
    this.status = make("div", { class: "status", role: "status", "aria-live": "polite" });
    this.main = make("div", { class: "main" }, this.frame, this.equations);
    this.live = make("div", { class: "live" }, this.choice.element,
      make("div", { class: "controls" }, make("div", { class: "buttons" }, ...this.steps.buttons), this.steps.slider, this.steps.count,
        this.kind, projectorButton(this.root, () => this.fit())),
      this.main, this.status);
    if (note) this.live.append(make("p", { class: "hint" }, note));
    this.root.append(this.live);
    this.listen();
    this.choice.change(this.layers[0].name, this.layers[0].use);
    this.address = new Address((state) => this.restore(new Map(state)));
  }

  /**
   * From an address: the layer and its use, the step, whole or scalar by scalar, and the chosen entry.
   * @param {Map<string, string>} state
   */
  restore(state) {
    const name = state.get("layer") ?? this.layer.name;
    if (this.layers.some((layer) => layer.name === name)) this.choice.change(name, Number(state.get("use") ?? 1));
    if (state.has("scalar")) this.choose(true);
    const step = Number(state.get("scalar") ?? state.get("step") ?? NaN);
    if (Number.isInteger(step)) this.show(step);
    const entry = state.get("entry");
    if (this.cells.some((cell) => cell.dataset.key === entry)) this.pin(entry);
  }

  // The address that leads back to this layer, step and entry.
  writeAddress() {
    /** @type {[string, string][]} */
    const state = [["layer", this.layer.name]];
    if (this.layer.use > 1) state.push(["use", String(this.layer.use)]);
    if (!this.idle) state.push([this.scalar ? "scalar" : "step", String(this.at)]);
    if (this.pinned) state.push(["entry", this.pinned]);
    this.address?.write(state);
  }

  listen() {
    const keyAt = (/** @type {Element} */ target) => target.closest("[data-key]")?.getAttribute("data-key");
    listenFor(this.main, (target, byFocus) => this.light((target && keyAt(target)) || this.pinned, byFocus));
    this.main.addEventListener("click", ({ target }) => {
      const key = keyAt(/** @type {Element} */ (target));
      if (key) this.pin(key === this.pinned ? null : key);
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.camera.key(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const on = /** @type {Element} */ (event.target);
    const cell = /** @type {HTMLTableCellElement} */ (on.closest("td[data-key]"));
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (cell && moves[event.key]) {
      const [down, across] = moves[event.key];
      const table = cell.closest("table");
      const next = table.rows[[...table.rows].findIndex((row) => row.contains(cell)) + down]?.cells[cell.cellIndex + across];
      if (next?.dataset.key) this.focus(next);
    } else if (cell && (event.key === "Enter" || event.key === " ")) {
      this.pin(cell.dataset.key === this.pinned ? null : cell.dataset.key);
    } else if (event.key === "Escape") {
      this.pin(null);
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && on !== this.steps.slider && !on.matches("select")) {
      this.show(this.at + (event.key === "ArrowRight" ? 1 : -1));
    } else return;
    event.preventDefault();
  }

  /** The tab key stops at one cell of each table, and the arrow keys move from there.
   * @param {HTMLTableCellElement} cell
   */
  focus(cell) {
    const table = cell.closest("table");
    for (const other of all(table, "td[tabindex='0']")) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  }

  /** @param {string | null} key */
  pin(key) {
    this.pinned = key;
    this.writeAddress();
    for (const element of all(this.root, "[data-key]")) element.classList.toggle("pinned", element.dataset.key === key);
    this.light(key);
  }

  // ------------------------------------------------------------------------------------------------ a layer

  /** @param {import("./layer.js").Layer} layer */
  open(layer) {
    this.layer = layer;
    this.words = new Words(layer);
    this.pinned = null;
    this.draw(this.fallbacks[this.layers.indexOf(layer)]);
    this.equations.replaceChildren(...equationsOf(layer));
    this.cells = all(this.equations, "td[data-key]");
    this.fit();
    this.choose(false);
  }

  /** @param {Element} fallback */
  draw(fallback) {
    const { layer } = this;
    const svg = pictureOf(fallback);
    this.pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The scalars" }, svg);
    this.camera = new Camera(this.pane, svg);
    this.cards = all(svg, "g.card").map((group, place) => {
      const [kind, i, j] = layer.cards[place];
      if (kind !== "more") group.dataset.key = keyOf(kind, i, j);
      const [value, , grad] = kind === "more" ? [] : [...group.querySelectorAll("text")].slice(-3);
      return { group, key: keyOf(kind, i, j), kind, i, j, value, grad, texts: { value: value?.textContent, grad: grad?.textContent } };
    });
    this.links = [...svg.querySelectorAll("g.link")].map((group, place) => ({ group, ends: layer.links[place].map((end) => keyOf(...end)) }));
    this.frame.replaceChildren(this.pane, make("div", { class: "foot" }, this.caption, saveButtons(svg, () => layer.name.replace(/\W+/g, "-")), this.camera.controls));
    const first = ["units", "inputs"].flatMap((what, place) => (layer.picture[place] < layer.shape[place]
      ? [`the first ${layer.picture[place]} of ${countText(layer.shape[place])} ${what}`] : []));
    const part = first.length ? ` Of this layer it shows ${first.join(" and ")}.` : "";
    this.caption.textContent = `The scalars, in the places of the matrix: an input comes down its column, a unit adds up its row (each + box is all its additions).${part}`;
  }

  // The matrices have the room of their widest row: its pieces and the gaps between them.
  fit() {
    const width = 24 + Math.max(...[...this.equations.querySelectorAll(".row")].map((row) =>
      [...row.children].reduce((sum, piece) => sum + piece.getBoundingClientRect().width + 9, 0)));
    this.root.style.setProperty("--matrices", `${width}px`);
  }

  // ------------------------------------------------------------------------------------------------ steps

  /** @param {boolean} scalar */
  choose(scalar) {
    this.scalar = scalar;
    this.kind.setAttribute("aria-pressed", String(scalar));
    this.moves = scalar ? scalarMoves(this.layer, this.words) : wholeMoves(this.layer);
    this.steps.last = this.moves.length - 1;
    this.times = new MoveTimes(this.moves);
    this.show(scalar ? 0 : this.moves.length - 1, !scalar);
  }

  /**
   * A move. idle: the page has just opened, so nothing is lit and the text says how to begin.
   * @param {number} number
   */
  show(number, idle = false) {
    this.idle = idle;
    const { times } = this;
    const { last } = this.steps;
    this.at = clamp(number, 0, last);
    this.steps.show(this.at, this.moves[this.at].words, `${this.at} / ${last}`);
    for (const cell of this.cells) {
      const [kind, i, j] = partsOf(cell.dataset.key);
      const there = times.time(kind, i, j) <= this.at;
      cell.classList.toggle("to-come", !there);
      cell.textContent = there ? this.textOf(cell, kind, j) : "·";
    }
    /** @type {Record<string, string>} */
    const grads = { W: "dW", b: "db", x: this.layer.sharedInputs ? "whole" : "dx", z: "delta", product: "delta" };
    for (const { kind, i, j, value, grad, texts } of this.cards) {
      if (kind === "more") continue;
      value.textContent = times.time(kind, i, j) <= this.at ? texts.value : "·";
      grad.textContent = this.layer.problem || texts.grad === "none" || times.time(grads[kind], i, j) <= this.at ? texts.grad : "·";
      if (kind === "x" && times.arrivedAt(j, this.at) !== null) grad.textContent = "·";
    }
    this.pin(null);
  }

  /**
   * A gradient of an input grows as its contributions arrive.
   * @param {HTMLElement} cell
   * @param {string} kind
   * @param {number} j
   */
  textOf(cell, kind, j) {
    const arrived = kind === "dx" ? this.times.arrivedAt(j, this.at) : null;
    return arrived === null ? cell.dataset.text : signedWritten(arrived);
  }

  // ------------------------------------------------------------------------------------------------ light

  /**
   * The lines for an entry at this step, without those that are still to come.
   * @param {import("./layer.js").Place} entry
   */
  known(entry) {
    const lines = this.words.lines(entry).filter(([[kind, i, j]]) => this.times.time(kind, i, j) <= this.at).map(([, line]) => line);
    return lines.length ? lines : ["This is still to come: step on."];
  }

  /**
   * Light an entry and describe it; without one, the move of this step.
   * @param {string | null} key
   * @param {boolean} lead whether the picture and the tables move to what is lit
   */
  light(key, lead = true) {
    const move = this.moves[this.at];
    const entry = key ? partsOf(key) : null;
    const light = entry ?? (this.idle ? null : move.light);
    const lit = light && testOf(light);
    this.root.classList.toggle("lighting", Boolean(lit));
    const on = new Set();
    for (const cell of this.cells) {
      cell.classList.toggle("lit", Boolean(lit?.(cell.dataset.key)));
      cell.classList.toggle("chosen", cell.dataset.key === key);
    }
    for (const { group, key: own } of this.cards) {
      const is = Boolean(lit?.(own));
      if (is) on.add(own);
      group.classList.toggle("lit", is);
      group.classList.toggle("chosen", own === key);
    }
    for (const { group, ends } of this.links) group.classList.toggle("lit", ends.every((end) => on.has(end)));
    if (lead && lit) this.lead(on);
    const outside = entry && lit && !on.size ? ["These scalars are beyond the part of the layer that the picture shows."] : [];
    const lines = entry ? [...this.known(entry), ...outside] : [this.idle ? ASKED : move.words];
    const text = lines.join("\n");
    if (text === this.text) return;
    this.text = text;
    this.status.replaceChildren(...lines.map((line) => make("p", {}, line)));
  }

  /**
   * Brings what is lit into view: the cards, and the first of the cells.
   * @param {Set<string>} on
   */
  lead(on) {
    const boxes = this.cards.filter(({ key }) => on.has(key)).map(({ group }) => group.getBBox());
    if (boxes.length) this.camera.showBoxes(boxes);
    const cells = this.cells.filter((cell) => cell.matches(".lit"));
    const cell = cells.find((lit) => lit.matches(".chosen")) ?? cells.at(-1);
    if (!cell) return;
    const { top, bottom } = cell.getBoundingClientRect();
    const side = this.equations.getBoundingClientRect();
    if (top < side.top || bottom > side.bottom) this.equations.scrollTop += top - side.top - side.height / 2;
  }
}

/**
 * Whether a key is lit: with one entry, or with all of some kinds.
 * @param {string[] | import("./layer.js").Place} light
 * @returns {(key: string) => boolean}
 */
function testOf(light) {
  if (typeof light[1] === "number") return litWith(/** @type {import("./layer.js").Place} */ (light));
  return (key) => light.includes(partsOf(key)[0]);
}
