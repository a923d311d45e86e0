// The page: for each affine layer its scalars on the left, its matrices on the right, and what one says of the other.
const keyOf = (kind, i, j) => `${kind}:${i}:${j}`;
const partsOf = (key) => key.split(":").map((part, place) => (place ? +part : part));

// W1 as an italic letter with its number below, as it is printed.
function symbol(name, raised = "") {
  const [, letters, digits] = /^(.*?)(\d*)$/.exec(name);
  const made = make("i", { class: "symbol" }, letters);
  if (digits) made.append(make("sub", {}, digits));
  if (raised) made.append(make("sup", {}, raised));
  return made;
}

// d(output)/d(W1) in the same letters.
const derivativeOf = (output, name) => make("span", { class: "derivative" }, "d", make("i", {}, output), "/d", symbol(name));

// What lights up with an entry, or with a move about it: the scalars on its path, in both halves.
const ALIKE = { dW: "W", WT: "W", product: "W", db: "b", xT: "x", elsewhere: "dx", whole: "dx", deltaT: "delta" };

function litWith([kind, i, j]) {
  const unit = (row) => row === i;
  const input = (_, column) => column === j;
  const both = (row, column) => row === i && column === j;
  const all = () => true;
  const of = {
    W: { W: both, dW: both, WT: both, product: both, x: input, xT: input, z: unit, delta: unit, deltaT: unit },
    z: { z: unit, W: unit, product: unit, x: all, b: unit, more: unit },
    b: { b: unit, db: unit, z: unit, delta: unit },
    delta: { delta: unit, deltaT: unit, z: unit, db: unit, dW: unit, b: unit, W: unit, WT: unit, product: unit },
    x: { x: input, xT: input, W: input, product: input, dW: input, z: all },
    dx: { dx: input, elsewhere: input, whole: input, WT: input, deltaT: all, x: input, product: input, W: input, z: all },
    "term of z": { W: both, x: input, product: both, z: unit },
    "gradient of W": { dW: both, delta: unit, xT: input, W: both, product: both },
    "gradient of b": { db: unit, delta: unit, b: unit, z: unit },
    "share of x": { dx: input, WT: both, deltaT: unit, W: both, product: both, x: input },
  }[ALIKE[kind] ?? kind];
  return (key) => {
    const [other, row, column] = partsOf(key);
    return of[other]?.(row, column) ?? false;
  };
}

// The moves of a layer: what each shows, says and lights. A move shows the entries of a kind, all or one of them.
function wholeMoves(layer) {
  const { symbols: s, output } = layer;
  const plus = layer.b.length ? ` + ${s.b}` : "";
  const d = (name) => `d${output}/d${name}`;
  const share = (shared) => (shared ? "this layer's share of " : "");
  const moves = [
    { words: `Given: the inputs ${s.x}, the weights ${s.W}${plus ? ` and the biases ${s.b}` : ""}.`, kinds: [], light: null },
    { words: `Forward: ${s.z} = ${s.W} ${s.x}${plus}. Every row of ${s.W} meets ${s.x} in one sum.`, kinds: ["product", "z"], light: ["z", "W", "x", "b", "product", "more"] },
  ];
  if (layer.problem) return moves;
  moves.push({ words: `Backward: δ = ${d(s.z)} arrives from above, one number for each unit.`, kinds: ["delta", "deltaT"], light: ["delta", "deltaT", "z"] });
  if (layer.wantedWeights) {
    moves.push({ words: `${share(layer.sharedWeights)}${d(s.W)} = δ ${s.x}ᵀ: every δ times every input, in the shape of ${s.W}.`, kinds: ["dW"], light: ["dW", "delta", "xT", "W", "product"] });
  }
  if (layer.wantedBiases) {
    moves.push({ words: `${share(layer.sharedBiases)}${d(s.b)} = δ: what is added as it is gets δ unchanged.`, kinds: ["db"], light: ["db", "delta", "b", "z"] });
  }
  if (layer.wantedInputs) {
    moves.push({ words: `${share(layer.sharedInputs)}${d(s.x)} = ${s.W}ᵀ δ: at an input the units' contributions meet, down a column of ${s.W}.`,
      kinds: ["dx", "elsewhere", "whole"], light: ["dx", "elsewhere", "whole", "WT", "deltaT", "x", "product", "W"] });
  }
  return moves;
}

function scalarMoves(layer, words) {
  const [given] = wholeMoves(layer);
  const arrived = new Map();
  const forward = layer.forward.map(([kind, i, j]) => ({ key: [kind, i, j], light: [kind === "z" ? kind : "term of z", i, j],
    words: kind === "z" ? words.forwardOfUnit(i) : words.forwardOfWeight(i, j) }));
  const told = {
    delta: (i) => ["delta", "delta", words.ofDelta(i)],
    b: (i) => ["db", "gradient of b", words.ofBias(i)],
    W: (i, j) => ["dW", "gradient of W", words.backwardOfWeight(i, j)],
    x: (i, j) => ["dx", "share of x", words.contribution(i, j, arrived.get(j))],
  };
  const backward = layer.backward.map(([kind, i, j]) => {
    if (kind === "x") arrived.set(j, (arrived.get(j) ?? 0) + layer.carried[i][j]);
    const [shows, light, said] = told[kind](i, j);
    return { key: [shows, i, j], light: [light, i, j], words: said, arrived: arrived.get(j), backward: true };
  });
  return [{ words: given.words, key: null, light: null }, ...forward, ...backward];
}

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
    const button = (act, text, does) => {
      const made = make("button", { type: "button", "data-act": act }, text);
      made.addEventListener("click", does);
      return made;
    };
    this.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Layers" });
    this.layers.forEach((layer, number) => {
      const tab = button("layer", layer.title, () => this.open(number));
      tab.append(make("small", {}, ` ${layer.shape[0]} × ${layer.shape[1]}`));
      this.tabs.append(tab);
    });
    this.tabs.hidden = this.layers.length < 2;
    this.slider = make("input", { type: "range", min: "0", "aria-label": "Step" });
    this.slider.addEventListener("input", () => this.go(+this.slider.value));
    this.count = make("span", { class: "count" });
    this.first = button("first", "From the start", () => this.go(0));
    this.back = button("back", "Back", () => this.go(this.at - 1));
    this.next = button("next", "Next", () => this.go(this.at + 1));
    this.kind = button("scalar", "Scalar by scalar", () => this.choose(!this.scalar));
    this.large = button("projector", "Projector", () => {
      this.large.setAttribute("aria-pressed", String(this.root.classList.toggle("projector")));
      this.fit();
    });
    this.large.setAttribute("aria-pressed", "false");
    this.large.title = "Half as large again";
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
    this.svg.removeAttribute("role");
    this.cards = [...this.svg.querySelectorAll("g.card")].map((group, place) => {
      const [kind, i, j] = layer.cards[place];
      if (kind !== "more") group.dataset.key = keyOf(kind, i, j);
      const texts = [...group.querySelectorAll("text")];
      const [value, , grad] = kind === "more" ? [] : texts.slice(-3);
      return { group, key: keyOf(kind, i, j), kind, i, j, value, grad, told: { value: value?.textContent, grad: grad?.textContent } };
    });
    this.links = [...this.svg.querySelectorAll("g.link")].map((group, place) => ({ group, ends: layer.links[place].map((end) => keyOf(...end)) }));
    this.pane.replaceChildren(this.svg);
    const [rows, columns] = layer.picture;
    const part = rows < layer.shape[0] || columns < layer.shape[1]
      ? ` Of this layer it shows the first ${rows} of ${layer.shape[0].toLocaleString("en")} units and the first ${columns} of ${layer.shape[1].toLocaleString("en")} inputs.` : "";
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
    const wanted = Math.min(room / this.natural.width, height / this.natural.height, large * MOST_ENLARGED);
    const scale = Math.max(beside ? least : large, wanted);
    this.root.classList.toggle("beside", beside);
    this.root.style.setProperty("--picture", `${this.natural.width * scale + 2}px`);
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
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
      button.toggleAttribute("aria-disabled", off);
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
      grad.textContent = told.grad === "none" || this.time(grads[kind], i, j) <= this.at ? told.grad : "·";
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
const HIGHEST = 0.74; // of the window: the picture is not enlarged beyond it
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

// ------------------------------------------------------------------------------------------------------ equations

function equationsOf(layer) {
  const { symbols: s, shape: [rows, columns], output, kept } = layer;
  const at = (count, number) => Array.from({ length: count }, (_, place) => number(place));
  const units = kept[0];
  const inputs = kept[1];
  const d = (name) => derivativeOf(output, s[name]);
  const ofUnits = (kind, name, numbers) => matrix(kind, name, numbers.map((one) => [one]), (i) => [i, 0]);
  const ofInputs = (kind, name, numbers) => matrix(kind, name, numbers.map((one) => [one]), (j) => [0, j]);
  const sign = (text) => make("span", { class: "sign" }, text);
  const more = [rows - units, columns - inputs];
  const shaped = (element, head, shape) => make("figure", { class: "block" }, make("figcaption", {}, head, ...(shape ? [make("small", {}, shape)] : [])), element);
  const large = more[0] || more[1];
  const z = shaped(ofUnits("z", s.z, layer.z.map((one) => one[1])), symbol(s.z), `${rows}`);
  const W = shaped(matrix("W", s.W, layer.W.map((row) => row.map((one) => one[1]))), symbol(s.W), `${rows} × ${columns}`);
  const x = shaped(ofInputs("x", s.x, layer.x.map((one) => one[1])), symbol(s.x), `${columns}`);
  const forward = [z, sign("="), W, x];
  if (layer.b.length) forward.push(sign("+"), shaped(ofUnits("b", s.b, layer.b.map((one) => (one ? one[1] : 0))), symbol(s.b), `${rows}`));
  const title = (words, ...rest) => make("h2", {}, `${words} `, ...rest);
  const equation = (...parts) => make("span", { class: "equation" }, ...parts);
  const sections = [make("section", { class: "forward", "aria-label": "Forward" },
    title("Forward", equation(symbol(s.z), " = ", symbol(s.W), " ", symbol(s.x), ...(layer.b.length ? [" + ", symbol(s.b)] : []))),
    make("div", { class: "row" }, ...forward))];
  if (large) {
    sections[0].append(make("p", { class: "hint" }, `The tables show the corner of the first ${units} units and ${inputs} inputs: ` +
      `${(rows * columns - units * inputs).toLocaleString("en")} of ${(rows * columns).toLocaleString("en")} weights are left out here, and are in the strip:`), overviewOf(layer.overview.W, s.W));
  }
  if (layer.problem) return [...sections, make("p", { class: "hint" }, `No gradients: ${layer.problem}`)];
  const back = make("section", { class: "backward", "aria-label": "Backward" },
    title("Backward", equation("δ = ", derivativeOf(output, s.z))));
  const share = (shared, name) => (shared ? ["this layer's share of ", d(name)] : [d(name)]);
  const delta = (kind) => shaped(ofUnits(kind, "delta", layer.delta), "δ", `${rows}`);
  const beside = [];
  if (layer.wantedWeights) {
    const heads = layer.x.map((one) => one[1]);
    beside.push(make("div", { class: "part" }, make("h3", {}, equation(...share(layer.sharedWeights, "W"), " = δ ", symbol(s.x, "T"))),
      make("div", { class: "row" }, outer(layer, heads, s))));
  } else beside.push(make("div", { class: "part" }, make("div", { class: "row" }, delta("delta"))));
  if (layer.wantedBiases) {
    beside.push(make("div", { class: "part" }, make("h3", {}, equation(...share(layer.sharedBiases, "b"), " = δ")),
      make("div", { class: "row" }, shaped(ofUnits("db", `d${output}/d${s.b}`, layer.b.map((one) => one?.[2] ?? null)), layer.sharedBiases ? "share" : d("b"), `${rows}`))));
  }
  back.append(make("div", { class: "parts" }, ...beside));
  if (layer.wantedInputs) {
    const shares = ofInputs("dx", `${s.W} transposed times delta`, layer.x.map((one) => one[2] ?? null));
    const transposed = matrix("WT", `${s.W} transposed`, at(inputs, (j) => at(units, (i) => layer.W[i][j][1])), (row, place) => [place, row]);
    const heading = make("h3", {}, equation(d("x"), " = ", symbol(s.W, "T"), " δ", ...(layer.sharedInputs ? [" + what comes from elsewhere"] : [])));
    const product = [sign("="), shaped(transposed, symbol(s.W, "T"), `${columns} × ${rows}`), delta("deltaT")];
    const parts = make("div", { class: "part" }, heading,
      make("div", { class: "row" }, shaped(shares, layer.sharedInputs ? "share" : d("x"), `${columns}`), ...product));
    if (layer.sharedInputs) {
      const whole = ofInputs("whole", `d${output}/d${s.x}`, layer.x.map((one) => one[3] ?? one[2] ?? null));
      const elsewhere = ofInputs("elsewhere", "from elsewhere", layer.x.map((one) => (one.length > 2 ? one[4] ?? 0 : null)));
      parts.append(make("div", { class: "row" }, shaped(whole, d("x"), `${columns}`), sign("="), sign("share"), sign("+"), shaped(elsewhere, "elsewhere", `${columns}`)));
    }
    back.append(parts);
  } else back.append(make("p", { class: "hint" }, `The inputs ${s.x} are plain numbers of the program: no gradient is wanted for them.`));
  if (layer.sharedWeights || layer.sharedBiases) {
    const of = layer.uses > 1 ? `This layer's weights are used ${layer.uses.toLocaleString("en")} times (for several rows, or at several times)` : "Some weights are used elsewhere too";
    back.append(make("p", { class: "hint" }, `${of}: what stands here is this use's share, and the whole gradient is the sum of all. An entry says both.`));
  }
  if (large && layer.wantedWeights) back.append(overviewOf(layer.overview.dW, `d${output}/d${s.W}`));
  return [...sections, back];
}

// A table of numbers in brackets. entry: the place in the layer of the number at (row, column).
function matrix(kind, label, numbers, entry = (row, column) => [row, column]) {
  const table = make("table", { role: "grid", class: "matrix", "aria-label": label });
  const body = make("tbody");
  const largest = Math.max(...numbers.flat().map((one) => (Number.isFinite(one) ? Math.abs(one) : 0))) || 1;
  numbers.forEach((row, i) => body.append(make("tr", {}, ...row.map((number, j) => cellOf(kind, entry(i, j), number, largest, i + j === 0)))));
  table.append(body);
  return table;
}

function cellOf(kind, [i, j], number, largest, first) {
  const text = number === null ? "–" : signedWritten(number);
  const cell = make("td", { role: "gridcell", tabindex: first ? "0" : "-1", "data-key": keyOf(kind, i, j), "data-text": text, class: roleOf(number ?? 0) }, text);
  const share = Number.isFinite(number) ? Math.abs(number) / largest : 0;
  cell.style.setProperty("--heat", `${share ? Math.round(6 + 38 * share) : 0}%`);
  return cell;
}

// delta down the side, the inputs along the top, and every product where they meet.
function outer(layer, heads, s) {
  const table = make("table", { role: "grid", class: "outer", "aria-label": `delta times ${s.x} transposed` });
  const largest = (numbers) => Math.max(...numbers.map((one) => (Number.isFinite(one) ? Math.abs(one) : 0))) || 1;
  const ofDelta = largest(layer.delta);
  const ofInputs = largest(heads);
  const ofWeights = largest(layer.W.flat().map((one) => one[2] ?? 0));
  const corner = make("th", { scope: "col" }, "δ \\ ", symbol(s.x, "T"));
  const top = make("tr", {}, corner, ...heads.map((number, j) => cellOf("xT", [0, j], number, ofInputs, j === 0)));
  const rows = layer.W.map((row, i) => make("tr", {}, cellOf("delta", [i, 0], layer.delta[i], ofDelta, false),
    ...row.map((one, j) => cellOf("dW", [i, j], one[2] ?? null, ofWeights, false))));
  table.append(make("thead", {}, top), make("tbody", {}, ...rows));
  return table;
}

// A large matrix at a glance: one little square an entry, or a block of entries.
function overviewOf(levels, name) {
  const side = levels[0].length / 2 > 64 ? 4 : 7;
  const [width, height] = [levels[0].length / 2 * side, levels.length * side];
  const svg = document.createElementNS(SVG, "svg");
  const set = (element, attributes) => Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
  set(svg, { width, height, viewBox: `0 0 ${width} ${height}`, class: "overview", role: "img", "aria-label": `${name} at a glance: orange is positive, blue negative` });
  const paths = new Map();
  levels.forEach((row, i) => {
    for (let j = 0; j < row.length / 2; j++) {
      const level = row.slice(2 * j, 2 * j + 2);
      if (level[1] !== "0") paths.set(level, `${paths.get(level) ?? ""}M${j * side} ${i * side}h${side}v${side}h-${side}z`);
    }
  });
  for (const [level, d] of paths) {
    const path = document.createElementNS(SVG, "path");
    set(path, { d, class: level[0] === "-" ? "negative" : "positive", "fill-opacity": 0.1 + 0.1 * +level[1] });
    svg.append(path);
  }
  return make("figure", {}, make("div", { class: "strip", tabindex: "0", role: "region", "aria-label": `${name} at a glance` }, svg),
    make("p", { class: "hint" }, `All of ${name} at a glance: orange positive, blue negative, the stronger the larger.`));
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
