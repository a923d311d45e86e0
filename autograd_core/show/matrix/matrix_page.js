// The page: for each affine layer its scalars on the left, its matrices on the right, and how they belong together.
import { Camera, clamp, enlargement, projectorButton } from "../page/camera.js";
import { numberOf } from "../page/data.js";
import { all, button, make, pictureOf, press } from "../page/elements.js";
import { countText } from "../page/numbers.js";
import { Steps } from "../page/player.js";
import { keyOf, litWith, partsOf, scalarMoves, wholeMoves } from "./layer_steps.js";
import { equationsOf } from "./tables.js";
import { Words, signedWritten } from "./words.js";

const GAP = 34;
const MOST_OF_EQUATIONS = 620; // pixels that the picture leaves them; wider ones scroll
const LEAST_ON_A_PROJECTOR = 1.25; // of the picture, where that puts it beside the equations
const MOST_ENLARGED = 1.25;
const HIGHEST = 0.74; // of the window: a picture beside the tables is not enlarged beyond it
const ASKED = "Point at an entry, or go to it with the tab and arrow keys, to see its scalars. Step through from the start: in whole moves, or scalar by scalar.";

export class MatrixPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.scalar = false;
    this.pinned = null;
  }

  // ------------------------------------------------------------------------------------------------ frame

  /** @param {any} data */
  build({ layers, note }) {
    this.layers = layers.map(numbersOf);
    this.fallbacks = [...this.root.querySelectorAll("[data-fallback] > section")];
    this.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Layers" });
    this.layers.forEach((layer, number) => {
      const tab = button(layer.title, () => this.open(number), { "data-act": "layer" });
      tab.append(make("small", {}, ` ${layer.shape[0]} × ${layer.shape[1]}`));
      this.tabs.append(tab);
    });
    this.tabs.hidden = this.layers.length < 2;
    this.steps = new Steps({ unit: "Step", last: 0, go: (number) => this.show(number), words: { first: "From the start", back: "Back", next: "Next" } });
    this.kind = button("Scalar by scalar", () => this.choose(!this.scalar), { "data-act": "scalar" });
    this.pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The scalars" });
    this.caption = make("p", { class: "hint" });
    this.equations = make("div", { class: "equations" });
    this.status = make("div", { class: "told", role: "status", "aria-live": "polite" });
    this.main = make("div", { class: "main" }, make("figure", { class: "scalars" }, this.pane, this.caption), this.equations);
    this.live = make("div", { class: "live" }, this.tabs,
      make("div", { class: "controls" }, make("div", { class: "buttons" }, ...this.steps.buttons), this.steps.slider, this.steps.count,
        this.kind, projectorButton(this.root, () => this.fit())),
      this.main, this.status);
    if (note) this.live.append(make("p", { class: "hint" }, note));
    this.root.append(this.live);
    this.listen();
    this.open(0);
  }

  listen() {
    const keyAt = (event) => event.target instanceof Element && event.target.closest("[data-key]")?.dataset.key;
    this.main.addEventListener("pointerover", (event) => this.light(keyAt(event) || this.pinned || null));
    this.main.addEventListener("pointerleave", () => this.light(this.focused() || this.pinned || null));
    this.main.addEventListener("focusin", (event) => this.light(keyAt(event) || this.pinned || null));
    this.main.addEventListener("focusout", () => this.light(this.pinned || null));
    this.main.addEventListener("click", (event) => {
      const key = keyAt(event);
      if (key) this.pin(key === this.pinned ? null : key);
    });
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  focused() {
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    return this.main.contains(focused) ? focused.dataset.key : null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const on = /** @type {Element} */ (event.target);
    const cell = /** @type {HTMLTableCellElement} */ (on.closest("td[data-key]"));
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
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && on !== this.steps.slider && on !== this.pane) {
      this.show(this.at + (event.key === "ArrowRight" ? 1 : -1));
    } else return;
    event.preventDefault();
  }

  // One cell of each table is on the way of the tab key, and the arrows go from there.
  focus(cell) {
    const table = cell.closest("table");
    for (const other of table.querySelectorAll("td[tabindex='0']")) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  }

  pin(key) {
    this.pinned = key;
    for (const element of all(this.root, "[data-key]")) element.classList.toggle("pinned", element.dataset.key === key);
    this.light(key);
  }

  // ------------------------------------------------------------------------------------------------ a layer

  open(number) {
    this.layer = this.layers[number];
    this.words = new Words(this.layer);
    this.pinned = null;
    press(this.tabs.children, (tab) => tab === this.tabs.children[number]);
    this.draw(this.fallbacks[number]);
    this.equations.replaceChildren(...equationsOf(this.layer));
    this.cells = all(this.equations, "td[data-key]");
    // Of each row the pieces and the gaps between them, at 100%.
    const large = enlargement(this.root);
    this.equationsWidth = 24 + Math.max(...[...this.equations.querySelectorAll(".row")].map((row) =>
      [...row.children].reduce((sum, piece) => sum + piece.getBoundingClientRect().width / large + 9, 0)));
    this.fit();
    this.choose(false);
  }

  draw(fallback) {
    const { layer } = this;
    const svg = pictureOf(fallback);
    this.camera = new Camera(this.pane, svg);
    this.cards = all(svg, "g.card").map((group, place) => {
      const [kind, i, j] = layer.cards[place];
      if (kind !== "more") group.dataset.key = keyOf(kind, i, j);
      const [value, , grad] = kind === "more" ? [] : [...group.querySelectorAll("text")].slice(-3);
      return { group, key: keyOf(kind, i, j), kind, i, j, value, grad, texts: { value: value?.textContent, grad: grad?.textContent } };
    });
    this.links = [...svg.querySelectorAll("g.link")].map((group, place) => ({ group, ends: layer.links[place].map((end) => keyOf(...end)) }));
    this.pane.replaceChildren(svg);
    const first = ["units", "inputs"].flatMap((what, place) => (layer.picture[place] < layer.shape[place]
      ? [`the first ${layer.picture[place]} of ${countText(layer.shape[place])} ${what}`] : []));
    const part = first.length ? ` Of this layer it shows ${first.join(" and ")}.` : "";
    this.caption.textContent = `The scalars, in the places of the matrix: an input comes down its column, a unit adds up its row (each + box is all its additions).${part}`;
  }

  // Nothing in the picture becomes smaller than it was drawn.
  fit() {
    const { natural } = this.camera;
    const large = enlargement(this.root);
    const least = large === 1 ? 1 : LEAST_ON_A_PROJECTOR;
    const left = this.root.clientWidth - Math.min(MOST_OF_EQUATIONS, this.equationsWidth) * large - GAP;
    const beside = natural.width * least + 2 <= left;
    const room = (beside ? left : this.root.clientWidth) - 2;
    const height = HIGHEST * window.innerHeight;
    const wanted = Math.min(room / natural.width, height / natural.height, beside ? large * MOST_ENLARGED : large);
    const scale = Math.max(beside ? least : large, wanted);
    this.root.classList.toggle("beside", beside);
    this.root.style.setProperty("--picture", `${natural.width * scale + 2}px`);
    this.camera.scaleTo(scale);
  }

  // ------------------------------------------------------------------------------------------------ steps

  choose(scalar) {
    this.scalar = scalar;
    this.kind.setAttribute("aria-pressed", String(scalar));
    this.moves = scalar ? scalarMoves(this.layer, this.words) : wholeMoves(this.layer);
    this.steps.last = this.moves.length - 1;
    this.times();
    this.show(scalar ? 0 : this.moves.length - 1, !scalar);
  }

  // When each entry is there: the number of the move that shows it.
  times() {
    this.when = new Map();
    this.turn = this.moves.findIndex((move) => move.backward || move.kinds?.includes("delta"));
    if (this.turn < 0) this.turn = this.moves.length;
    this.arrivals = new Map();
    this.moves.forEach((move, number) => {
      for (const kind of move.kinds ?? []) this.when.set(kind, number);
      if (!move.key) return;
      const [kind, i, j] = move.key;
      if (kind === "dx") {
        if (!this.arrivals.has(j)) this.arrivals.set(j, []);
        this.arrivals.get(j).push([number, move.arrived]);
      }
      this.when.set(keyOf(kind, i, kind === "dW" || kind === "product" ? j : 0), number);
    });
  }

  time(kind, i, j) {
    if (["W", "x", "b", "xT", "WT", "more"].includes(kind)) return 0;
    if (this.when.has(kind)) return this.when.get(kind);
    if (kind === "deltaT") return this.time("delta", i, j);
    if (["dx", "elsewhere", "whole"].includes(kind)) {
      const arrivals = this.arrivals.get(j);
      return arrivals ? (kind === "dx" ? arrivals[0][0] : arrivals.at(-1)[0]) : this.turn;
    }
    return this.when.get(keyOf(kind, i, kind === "dW" || kind === "product" ? j : 0)) ?? this.turn;
  }

  // A move. idle: nobody has asked for one, so nothing is lit and nothing said of it.
  show(number, idle = false) {
    this.idle = idle;
    const { last } = this.steps;
    this.at = clamp(number, 0, last);
    this.steps.show(this.at, this.moves[this.at].words, `${this.at} / ${last}`);
    for (const cell of this.cells) {
      const [kind, i, j] = partsOf(cell.dataset.key);
      const there = this.time(kind, i, j) <= this.at;
      cell.classList.toggle("to-come", !there);
      cell.textContent = there ? this.textOf(cell, kind, j) : "·";
    }
    const grads = { W: "dW", b: "db", x: this.layer.sharedInputs ? "whole" : "dx", z: "delta", product: "delta" };
    for (const { kind, i, j, value, grad, texts } of this.cards) {
      if (kind === "more") continue;
      value.textContent = this.time(kind, i, j) <= this.at ? texts.value : "·";
      grad.textContent = this.layer.problem || texts.grad === "none" || this.time(grads[kind], i, j) <= this.at ? texts.grad : "·";
      if (kind === "x" && this.arrivals.get(j)?.some(([at]) => at > this.at)) grad.textContent = "·";
    }
    this.pin(null);
  }

  // A gradient of an input grows as its contributions arrive.
  textOf(cell, kind, j) {
    const arrived = kind === "dx" && this.arrivals.get(j)?.filter(([at]) => at <= this.at);
    if (!arrived || arrived.length === this.arrivals.get(j).length) return cell.dataset.text;
    return signedWritten(arrived.at(-1)[1]);
  }

  // ------------------------------------------------------------------------------------------------ light

  // What can be said of an entry at this step: nothing that is still to come.
  known(entry) {
    const lines = this.words.lines(entry).filter(([[kind, i, j]]) => this.time(kind, i, j) <= this.at).map(([, line]) => line);
    return lines.length ? lines : ["This is still to come: step on."];
  }

  // Light an entry and say what it is; without one, the move the steps stand at.
  light(key) {
    const move = this.moves[this.at];
    const entry = key ? partsOf(key) : null;
    const light = entry ?? (this.idle ? null : move.light);
    const lit = !light ? null : typeof light[1] === "number" ? litWith(light) : (other) => light.includes(partsOf(other)[0]);
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
    if (on.size && !this.pane.matches(":hover")) this.camera.follow(this.cards.filter(({ key: own }) => on.has(own)).map(({ group }) => group.getBBox()), { needed: true });
    const outside = entry && lit && !on.size ? ["These scalars are beyond the part of the layer that the picture shows."] : [];
    const lines = entry ? [...this.known(entry), ...outside] : [this.idle ? ASKED : move.words];
    const text = lines.join("\n");
    if (text === this.text) return;
    this.text = text;
    this.status.replaceChildren(...lines.map((line) => make("p", {}, line)));
  }
}

// The layer with inf and nan as numbers.
function numbersOf(layer) {
  const { delta, product, carried, z, x, b, W, minus } = layer;
  const entry = (numbers) => numbers && [numbers[0], ...numbers.slice(1).map(numberOf)];
  return {
    ...layer, delta: delta.map(numberOf), product: product.map((row) => row.map(numberOf)), carried: carried.map((row) => row.map(numberOf)),
    z: z.map(entry), x: x.map(entry), b: b.map(entry), W: W.map((row) => row.map(entry)),
    subtracted: new Set(minus.map(([i, j]) => `${i}:${j}`)),
  };
}
