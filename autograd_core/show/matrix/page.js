// The page: for each affine layer its scalars on the left, its matrices on the right, and what one says of the other.
class MatrixPage {
  constructor(root) {
    this.root = root;
    const { layers, note } = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    this.layers = layers.map(prepared);
    this.fallbacks = [...root.querySelectorAll("[data-fallback] > section")];
    this.scalar = false;
    this.build(note);
    this.open(0);
    root.classList.add("ready");
  }

  // ------------------------------------------------------------------------------------------------ frame

  build(note) {
    this.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Layers" });
    this.layers.forEach((layer, number) => {
      const tab = actButton("layer", layer.title, () => this.open(number));
      tab.append(make("small", {}, ` ${layer.shape[0]} × ${layer.shape[1]}`));
      this.tabs.append(tab);
    });
    this.tabs.hidden = this.layers.length < 2;
    this.slider = make("input", { type: "range", min: "0", "aria-label": "Step" });
    this.slider.addEventListener("input", () => this.go(+this.slider.value));
    this.count = make("span", { class: "count" });
    this.first = actButton("first", "From the start", () => this.go(0));
    this.back = actButton("back", "Back", () => this.go(this.at - 1));
    this.next = actButton("next", "Next", () => this.go(this.at + 1));
    this.kind = actButton("scalar", "Scalar by scalar", () => this.choose(!this.scalar));
    this.large = projectorButton(this.root, () => this.fit());
    this.pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The scalars" });
    this.caption = make("p", { class: "hint" });
    this.equations = make("div", { class: "equations" });
    this.told = make("div", { class: "told", role: "status", "aria-live": "polite" });
    this.main = make("div", { class: "main" }, make("figure", { class: "scalars" }, this.pane, this.caption), this.equations);
    this.live = make("div", { class: "live" }, this.tabs,
      make("div", { class: "controls" }, make("div", { class: "buttons" }, this.first, this.back, this.next), this.slider, this.count, this.kind, this.large),
      this.main, this.told);
    if (note) this.live.append(make("p", { class: "hint" }, note));
    this.root.append(this.live);
    this.listen();
  }

  listen() {
    const keyAt = (event) => event.target instanceof Element && event.target.closest("[data-key]")?.dataset.key;
    this.main.addEventListener("pointerover", (event) => this.show(keyAt(event) || this.pinned || null));
    this.main.addEventListener("pointerleave", () => this.show(this.focused() || this.pinned || null));
    this.main.addEventListener("focusin", (event) => this.show(keyAt(event) || this.pinned || null));
    this.main.addEventListener("focusout", () => this.show(this.pinned || null));
    this.main.addEventListener("click", (event) => {
      const key = keyAt(event);
      if (key) this.pin(key === this.pinned ? null : key);
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    // On a page of its own, keys with the focus nowhere are for it.
    if (document.body.matches(".autograd-page")) {
      document.addEventListener("keydown", (event) => document.activeElement === document.body && this.key(event));
    }
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  focused() {
    return this.main.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.target;
    const cell = on.closest("td[data-key]");
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (cell && moves[event.key]) {
      const [down, across] = moves[event.key];
      const table = cell.closest("table");
      const next = table.rows[cell.parentElement.rowIndex + down]?.cells[cell.cellIndex + across];
      if (next?.dataset.key) this.focus(next);
    } else if (cell && (event.key === "Enter" || event.key === " ")) {
      this.pin(cell.dataset.key === this.pinned ? null : cell.dataset.key);
    } else if (event.key === "Escape") {
      this.pin(null);
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && on !== this.slider && on !== this.pane) {
      this.go(this.at + (event.key === "ArrowRight" ? 1 : -1));
    } else return;
    event.preventDefault();
  }

  // One cell of each table is on the way of the tab key, and the arrows go from there.
  focus(cell) {
    const table = cell.closest("table");
    for (const one of table.querySelectorAll("td[tabindex='0']")) one.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  }

  pin(key) {
    this.pinned = key;
    for (const one of this.root.querySelectorAll(".pinned")) one.classList.remove("pinned");
    if (key) for (const one of this.found(key)) one.classList.add("pinned");
    this.show(key);
  }

  found(key) {
    return [...this.root.querySelectorAll("[data-key]")].filter((one) => one.dataset.key === key);
  }

  // ------------------------------------------------------------------------------------------------ a layer

  open(number) {
    this.layer = this.layers[number];
    this.words = new Words(this.layer);
    this.pinned = null;
    [...this.tabs.children].forEach((tab, place) => tab.setAttribute("aria-pressed", String(place === number)));
    this.draw(this.fallbacks[number]);
    this.equations.replaceChildren(...equationsOf(this.layer));
    this.cells = [...this.equations.querySelectorAll("td[data-key]")];
    // Of each row the pieces and the gaps between them, at 100%.
    const large = this.root.classList.contains("projector") ? 1.5 : 1;
    this.equationsWidth = 24 + Math.max(...[...this.equations.querySelectorAll(".row")].map((row) =>
      [...row.children].reduce((sum, one) => sum + one.getBoundingClientRect().width / large + 9, 0)));
    this.fit();
    this.choose(false);
  }

  draw(fallback) {
    const { layer } = this;
    this.svg = pictureOf(fallback);
    this.natural = { width: +this.svg.getAttribute("width"), height: +this.svg.getAttribute("height") };
    this.cards = [...this.svg.querySelectorAll("g.card")].map((group, place) => {
      const [kind, i, j] = layer.cards[place];
      if (kind !== "more") group.dataset.key = keyOf(kind, i, j);
      const texts = [...group.querySelectorAll("text")];
      const [value, , grad] = kind === "more" ? [] : texts.slice(-3);
      return { group, key: keyOf(kind, i, j), kind, i, j, value, grad, told: { value: value?.textContent, grad: grad?.textContent } };
    });
    this.links = [...this.svg.querySelectorAll("g.link")].map((group, place) => ({ group, ends: layer.links[place].map((end) => keyOf(...end)) }));
    this.pane.replaceChildren(this.svg);
    const first = ["units", "inputs"].flatMap((what, place) => (layer.picture[place] < layer.shape[place]
      ? [`the first ${layer.picture[place]} of ${layer.shape[place].toLocaleString("en")} ${what}`] : []));
    const part = first.length ? ` Of this layer it shows ${first.join(" and ")}.` : "";
    this.caption.textContent = `The scalars, in the places of the matrix: an input comes down its column, a unit adds up its row (each + box is all its additions).${part}`;
  }

  // Nothing in the picture becomes smaller than it was drawn.
  fit() {
    const large = this.root.classList.contains("projector") ? 1.5 : 1;
    const least = large === 1 ? 1 : LEAST_ON_A_PROJECTOR;
    const left = this.root.clientWidth - Math.min(MOST_OF_EQUATIONS, this.equationsWidth) * large - GAP;
    const beside = this.natural.width * least + 2 <= left;
    const room = (beside ? left : this.root.clientWidth) - 2;
    const height = HIGHEST * window.innerHeight;
    const wanted = Math.min(room / this.natural.width, height / this.natural.height, beside ? large * MOST_ENLARGED : large);
    const scale = Math.max(beside ? least : large, wanted);
    this.scale = scale;
    this.root.classList.toggle("beside", beside);
    this.root.style.setProperty("--picture", `${this.natural.width * scale + 2}px`);
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
  }

  // What is lit comes into sight where the picture is larger than its place.
  follow() {
    const boxes = this.cards.filter(({ group }) => group.matches(".lit")).map(({ group }) => group.getBBox());
    const along = (low, size, from, room) => {
      const [start, end] = [Math.min(...boxes.map((box) => box[low])), Math.max(...boxes.map((box) => box[low] + box[size]))];
      if (start * this.scale >= from && end * this.scale <= from + room) return from;
      return (start + end) / 2 * this.scale - room / 2;
    };
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.pane;
    this.pane.scrollTo(along("x", "width", scrollLeft, clientWidth), along("y", "height", scrollTop, clientHeight));
  }

  // ------------------------------------------------------------------------------------------------ steps

  choose(scalar) {
    this.scalar = scalar;
    this.kind.setAttribute("aria-pressed", String(scalar));
    this.moves = scalar ? scalarMoves(this.layer, this.words) : wholeMoves(this.layer);
    this.slider.max = String(this.moves.length - 1);
    this.times();
    this.go(scalar ? 0 : this.moves.length - 1, !scalar);
  }

  // When each entry is there: the number of the move that shows it.
  times() {
    const { layer } = this;
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

  // To a move. idle: nobody has asked for one, so nothing is lit and nothing said of it.
  go(number, idle = false) {
    this.idle = idle;
    const last = this.moves.length - 1;
    this.at = Math.max(0, Math.min(number, last));
    this.slider.value = String(this.at);
    this.slider.setAttribute("aria-valuetext", this.moves[this.at].words);
    this.count.textContent = `${this.at} / ${last}`;
    for (const [button, off] of [[this.first, this.at === 0], [this.back, this.at === 0], [this.next, this.at === last]]) {
      switchOff(button, off);
    }
    for (const cell of this.cells) {
      const [kind, i, j] = partsOf(cell.dataset.key);
      const there = this.time(kind, i, j) <= this.at;
      cell.classList.toggle("to-come", !there);
      cell.textContent = there ? this.text(cell, kind, j) : "·";
    }
    const grads = { W: "dW", b: "db", x: this.layer.sharedInputs ? "whole" : "dx", z: "delta", product: "delta" };
    for (const { kind, i, j, value, grad, told } of this.cards) {
      if (kind === "more") continue;
      value.textContent = this.time(kind, i, j) <= this.at ? told.value : "·";
      grad.textContent = this.layer.problem || told.grad === "none" || this.time(grads[kind], i, j) <= this.at ? told.grad : "·";
      if (kind === "x" && this.arrivals.get(j)?.some(([at]) => at > this.at)) grad.textContent = "·";
    }
    this.pin(null);
  }

  // A gradient of an input grows as its contributions arrive.
  text(cell, kind, j) {
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
  show(key) {
    const move = this.moves[this.at];
    const entry = key ? partsOf(key) : null;
    const light = entry ?? (this.idle ? null : move.light);
    const lit = !light ? null : typeof light[1] === "number" ? litWith(light) : (one) => light.includes(partsOf(one)[0]);
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
    if (on.size && !this.pane.matches(":hover")) this.follow();
    const outside = entry && lit && !on.size ? ["These scalars are beyond the part of the layer that the picture shows."] : [];
    const lines = entry ? [...this.known(entry), ...outside] : [this.idle ? ASKED : move.words];
    const said = lines.join("\n");
    if (said === this.said) return;
    this.said = said;
    this.told.replaceChildren(...lines.map((line) => make("p", {}, line)));
  }
}

const GAP = 34;
const MOST_OF_EQUATIONS = 620; // pixels that the picture leaves them; wider ones scroll
const LEAST_ON_A_PROJECTOR = 1.25; // of the picture, where that puts it beside the equations
const MOST_ENLARGED = 1.25;
const HIGHEST = 0.74; // of the window: a picture beside the tables is not enlarged beyond it
const ASKED = "Point at an entry, or go to it with the tab and arrow keys, to see its scalars. Step through from the start: in whole moves, or scalar by scalar.";

// JSON has no inf and nan: they come as texts.
const asNumber = (one) => (typeof one === "string" ? Number(one.replace("inf", "Infinity")) : one);

// The layer with its numbers as numbers.
function prepared(layer) {
  for (const name of ["delta", "product", "carried"]) layer[name] = layer[name].map((one) => (Array.isArray(one) ? one.map(asNumber) : asNumber(one)));
  const entry = (one) => one && [one[0], ...one.slice(1).map(asNumber)];
  for (const name of ["z", "x", "b"]) layer[name] = layer[name].map(entry);
  layer.W = layer.W.map((row) => row.map(entry));
  layer.subtracted = new Set(layer.minus.map(([i, j]) => `${i}:${j}`));
  return layer;
}

for (const root of document.querySelectorAll("[data-autograd-matrix]:not([data-started])")) {
  root.setAttribute("data-started", "");
  try {
    root.autogradMatrix = new MatrixPage(root);
  } catch (problem) {
    // The pictures and the tables stay where they are.
    root.querySelector(".live")?.remove();
    console.warn("The matrix view could not start:", problem);
  }
}
