// A folded graph in the page: boxes open and close, and what feeds or needs a box can be followed. Nothing is computed
// but places: every number comes from the page's data.
const MOST_UNITS = 700;
const MOST_LISTED = 40;
const FILTERS = [
  ["", "nothing"], ["not finite", "not finite"], ["dead", "dead"], ["saturated", "saturated"], ["exploding", "exploding"],
  ["gradients", "largest gradients"], ["values", "largest values"],
];

class FoldedPage {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    this.graph = new Graph(this.data);
    this.cards = new Cards(this.graph);
    this.open = new Set(this.data.open);
    this.scale = null;
    this.selected = null;
    this.hits = null;
    this.build();
    this.redraw();
    root.classList.add("ready");
    root.querySelector("[data-fallback]").setAttribute("aria-hidden", "true");
  }

  // ----------------------------------------------------------------------------------------------- building

  build() {
    const button = (act, label, text) => make("button", { type: "button", "data-act": act, "aria-label": label, title: label }, text);
    const deepest = Math.max(1, ...this.openable().map((group) => this.graph.depth[group] + 1));
    this.depths = make("span", { class: "buttons", role: "group", "aria-label": "Depth" });
    for (let depth = 1; depth <= Math.min(deepest, 7); depth++) this.depths.append(button(`depth ${depth}`, `Open all boxes to depth ${depth}`, String(depth)));
    this.search = make("input", { type: "search", placeholder: "name, operation, formula, > 1.5", "aria-label": "Find" });
    this.filter = make("select", { "aria-label": "Mark" }, ...FILTERS.map(([value, text]) => make("option", { value }, text)));
    this.zoom = make("span", { class: "buttons" }, button("smaller", "Smaller", "−"), button("fit", "Fit the width", "Fit"), button("larger", "Larger", "+"));
    this.controls = make("div", { class: "controls" },
      make("label", {}, "Depth ", this.depths), make("label", {}, "Find ", this.search),
      make("label", {}, "Mark ", this.filter), this.zoom);
    this.found = make("ol", { class: "found" });
    this.picture = make("div", { class: "picture", role: "group", "aria-label": this.data.title });
    this.panel = make("section", { class: "panel", "aria-label": "The selected box" });
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.root.append(make("div", { class: "live" }, this.controls, this.found, make("div", { class: "main" }, this.picture, this.panel), this.said));
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.picture.addEventListener("dblclick", (event) => this.toggleAt(event));
    this.picture.addEventListener("keydown", (event) => this.keyed(event));
    this.search.addEventListener("input", () => this.find());
    this.filter.addEventListener("change", () => this.mark());
    this.explainKeys();
  }

  openable() {
    const closed = new Set(["composition", "leaves"]);
    return Array.from({ length: this.graph.groups - 1 }, (_, index) => index + 1).filter((group) => !closed.has(this.graph.kindOf(this.graph.nodes + group)));
  }

  // ----------------------------------------------------------------------------------------------- drawing

  redraw() {
    const { graph, cards } = this;
    this.seen = graph.cut(this.open);
    this.layout = new Layout(graph, this.seen, (unit, asTitle) => this.sizeOf(unit, asTitle));
    const { width, height } = this.layout;
    const crowd = this.layout.wires.length > 150 ? "crowd" : "";
    const svg = draw("svg", { class: crowd, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": this.data.title });
    for (const frame of this.layout.frames) svg.append(this.drawnFrame(frame));
    this.wires = this.layout.wires.map((wire) => {
      const drawn = draw("path", { class: `wire${wire.links.some((link) => link.flowing) ? "" : " still"}`, d: wirePath(wire) });
      svg.append(drawn);
      if (wire.arrow) {
        const [x, y] = wire.end;
        drawn.after(draw("path", { class: "arrow", d: `M${x - 9},${y - 3.8}L${x},${y}L${x - 9},${y + 3.8}Z` }));
        wire.head = drawn.nextSibling;
        wire.note = this.drawnNote(wire);
        if (wire.note) svg.append(wire.note);
      }
      wire.drawn = drawn;
      return wire;
    });
    this.drawn = new Map();
    for (const [unit, box] of this.layout.boxes) {
      const card = drawnCard(cards.of(unit, this.seen), box);
      card.setAttribute("aria-label", this.told(unit));
      card.setAttribute("role", "button");
      if (graph.isGroup(unit)) {
        card.setAttribute("aria-expanded", "false");
        card.append(sign(box.x + box.width - 22, box.y + 6, "+", graph.nameOf(unit)));
      }
      this.drawn.set(unit, card);
      svg.append(card);
    }
    this.svg = svg;
    this.picture.replaceChildren(svg);
    this.zoomTo(this.scale);
    const first = this.drawn.get(this.selected) ?? [...this.drawn.values()].at(-1);
    first.setAttribute("tabindex", "0");
    for (const depth of this.depths.children) depth.setAttribute("aria-pressed", String(this.isAtDepth(+depth.textContent)));
    this.light();
  }

  sizeOf(unit, asTitle) {
    if (asTitle) {
      const formula = shortened(this.graph.formulaOf(unit), 60);
      const wide = Math.max(textWidth(shortened(this.graph.nameOf(unit)), SIZES.title, true) + 30, textWidth(formula, SIZES.small));
      return [wide, formula ? 40 : 24];
    }
    const card = this.cards.of(unit, this.seen);
    return [card.width, card.height];
  }

  drawnFrame({ group, x, y, width, height }) {
    const unit = this.graph.nodes + group;
    const formula = shortened(this.graph.formulaOf(unit), 60);
    const frame = draw("g", { class: "frame", "data-group": group },
      draw("rect", { x, y, width, height, rx: 8 }),
      sign(x + 10, y + 9, "−", this.graph.nameOf(unit)),
      lettered({ text: shortened(this.graph.nameOf(unit)), size: SIZES.title, bold: true }, x + 34, y + 23, "start"));
    if (formula) frame.append(lettered({ text: formula, size: SIZES.small, role: "muted" }, x + 14, y + 41, "start"));
    return frame;
  }

  drawnNote({ end, links }) {
    const count = new Set(links.flatMap((link) => [...link.sources])).size;
    if (count < 2) return null;
    const word = { text: count.toLocaleString("en"), size: SIZES.small, role: "muted" };
    const wide = textWidth(word.text, word.size) + 6;
    const x = end[0] - 14 - wide / 2;
    return draw("g", { class: "note" },
      draw("rect", { x: x - wide / 2, y: end[1] - 8, width: wide, height: 16, rx: 4 }), lettered(word, x, end[1] + 4, "middle"));
  }

  // A box in words, for those who listen.
  told(unit) {
    const { graph } = this;
    const card = this.cards.of(unit, this.seen);
    const words = [graph.nameOf(unit), graph.isGroup(unit) ? "closed box" : graph.kindOf(unit), graph.formulaOf(unit)];
    if (graph.isGroup(unit)) words.push(this.cards.counts(unit, this.seen, card.nodes));
    if (card.nodes.length === 1) words.push(`value ${numberText(card.values[0])}`, card.gradients[0] === null ? "no gradient" : `gradient ${numberText(card.gradients[0])}`);
    return [...words, card.ill].filter(Boolean).join(", ");
  }

  zoomTo(scale) {
    this.scale = scale;
    this.root.classList.toggle("beside", this.layout.height > 520);
    const fitting = Math.min(1, Math.max(0.75, (this.picture.clientWidth - 4) / this.layout.width));
    const now = scale ?? fitting;
    this.svg.style.width = `${this.layout.width * now}px`;
    this.svg.style.height = `${this.layout.height * now}px`;
    this.now = now;
  }

  say(words) {
    this.said.textContent = words;
  }

  // ------------------------------------------------------------------------------------------- open and close

  // Change which boxes are open; what was pressed stays where it was under the pointer.
  change(open, anchor, words) {
    const before = this.placeOf(anchor);
    const former = this.open;
    this.open = open;
    const count = this.countUnits();
    if (count > MOST_UNITS) {
      this.open = former;
      this.say(`That would be ${count.toLocaleString("en")} boxes at once: open them one by one.`);
      return;
    }
    if (this.selected !== null && this.hiddenIn(this.selected) !== this.selected) this.selected = null;
    this.redraw();
    const after = this.placeOf(anchor);
    if (before && after) {
      this.picture.scrollLeft += (after[0] - before[0]) * this.now;
      this.picture.scrollTop += (after[1] - before[1]) * this.now;
    }
    this.say(words);
    this.showPanel();
  }

  countUnits() {
    let count = 0;
    const waiting = [0];
    while (waiting.length && count <= 100000) {
      for (const unit of this.graph.inside[waiting.pop()]) {
        if (this.graph.isGroup(unit) && this.open.has(unit - this.graph.nodes)) waiting.push(unit - this.graph.nodes);
        else count++;
      }
    }
    return count;
  }

  placeOf(group) {
    const found = this.layout.frames.find((one) => one.group === group) ?? this.layout.boxes.get(this.graph.nodes + group);
    return found && [found.x, found.y];
  }

  toggle(group) {
    const open = new Set(this.open);
    const hadFocus = this.picture.contains(document.activeElement);
    const name = this.graph.nameOf(this.graph.nodes + group);
    if (!open.delete(group)) open.add(group);
    const opened = open.has(group);
    const inside = this.graph.inside[group].length;
    this.change(open, group, opened ? `${name} opened: ${counted(inside, "box").replace("boxs", "boxes")} inside` : `${name} closed`);
    const units = opened ? this.graph.inside[group].filter((unit) => this.drawn.has(unit)) : [this.graph.nodes + group];
    if (hadFocus && units.length) this.focus(units[0]);
  }

  openTo(depth) {
    this.change(new Set(this.openable().filter((group) => this.graph.depth[group] < depth)), 0, `Open to depth ${depth}`);
    this.picture.scrollTo(0, 0);
  }

  isAtDepth(depth) {
    const wanted = this.openable().filter((group) => this.graph.depth[group] < depth);
    return wanted.length === this.open.size && wanted.every((group) => this.open.has(group));
  }

  // The closed box that stands for a unit now, or the unit itself.
  hiddenIn(unit) {
    const outer = this.graph.around(unit).reverse().find((group) => !this.open.has(group));
    return outer === undefined ? unit : this.graph.nodes + outer;
  }

  // ---------------------------------------------------------------------------------------------- select and follow

  select(unit) {
    const open = new Set([...this.open, ...this.graph.around(unit)]);
    this.selected = unit;
    if (open.size > this.open.size) this.change(open, 0, "");
    if (!this.drawn.has(unit)) return;
    this.light();
    this.showPanel();
    this.focus(unit);
    this.drawn.get(unit).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  focus(unit) {
    for (const card of this.drawn.values()) card.setAttribute("tabindex", "-1");
    const card = this.drawn.get(unit);
    card.setAttribute("tabindex", "0");
    card.focus({ preventScroll: true });
  }

  // Show what the selected box depends on and what depends on it, and which boxes hold what is marked.
  light() {
    const { graph, selected } = this;
    this.svg.classList.toggle("following", selected !== null);
    const members = selected === null ? [] : graph.membersOf(selected);
    this.below = graph.reach(members, true);
    this.above = graph.reach(members, false);
    const touched = (related) => {
      const units = new Set();
      related.forEach((is, node) => is && units.add(this.seen.standsFor[node]));
      return units;
    };
    const [down, up] = [touched(this.below), touched(this.above)];
    const hits = new Map();
    for (const node of this.hits ?? []) hits.set(this.seen.standsFor[node], (hits.get(this.seen.standsFor[node]) ?? 0) + 1);
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("selected", unit === selected);
      card.classList.toggle("related", down.has(unit) || up.has(unit));
      card.classList.toggle("hit", hits.has(unit));
    }
    for (const wire of this.wires) {
      const related = selected !== null && wire.links.some((link) => [...link.sources].some((node) =>
        (this.below[node] && down.has(link.to)) || this.above[node]));
      for (const part of [wire.drawn, wire.head, wire.note]) part?.classList.toggle("related", related);
    }
  }

  showPanel() {
    const { graph, selected } = this;
    if (selected === null) return this.explainKeys();
    const card = this.cards.of(selected, this.seen);
    const within = graph.around(selected).map((group) => graph.nameOf(graph.nodes + group)).reverse().join(" › ");
    const members = graph.membersOf(selected);
    const count = (related) => related.reduce((sum, one) => sum + one, 0) - members.length;
    const parts = [
      make("h2", {}, graph.nameOf(selected)),
      make("p", { class: "muted" }, [graph.kindOf(selected), within && `in ${within}`].filter(Boolean).join(", ")),
    ];
    if (graph.formulaOf(selected)) parts.push(make("p", {}, graph.formulaOf(selected)));
    if (!graph.isGroup(selected) && graph.arity[selected]) parts.push(make("p", {}, `${graph.operations[graph.operation[selected]][0]}(${this.inputsOf(selected)})`));
    if (card.ill) parts.push(make("p", { class: "warning" }, `! ${card.ill}: ${this.reasons(selected)}`));
    parts.push(this.table(card));
    parts.push(make("p", {}, `Depends on ${counted(count(this.below), "node")}; ${counted(count(this.above), "node")} depend${count(this.above) === 1 ? "s" : ""} on it.`));
    if (members.length === 1) parts.push(make("p", {}, this.pathsTold(members[0])));
    parts.push(...this.origins(members));
    if (graph.isGroup(selected)) parts.unshift(make("button", { type: "button", "data-act": "open" }, "Open"));
    this.panel.replaceChildren(...parts);
  }

  pathsTold(node) {
    const paths = this.graph.pathsFrom(node);
    const many = paths < 1e6 ? counted(paths, "path") : `about ${numberText(paths)} paths`;
    return `${many} to ${this.graph.nameOf(this.graph.root)}, and its gradient is the sum of what they carry.`;
  }

  inputsOf(node) {
    const { graph } = this;
    return [...graph.source.slice(graph.first[node], graph.first[node + 1])].map((one) => graph.nameOf(one)).join(", ");
  }

  reasons(unit) {
    const present = new Set(this.graph.membersOf(unit).map((node) => this.graph.trouble[node]));
    return this.graph.troubles.filter((_, index) => index && present.has(index)).map((word) => this.data.reasons[word]).join("; ");
  }

  // The numbers in full, as far as a table can be read.
  table(card) {
    const rows = card.nodes.slice(0, MOST_LISTED).map((node, index) => make("tr", {}, make("th", { scope: "row" }, this.graph.nameOf(node)),
      make("td", {}, exact(card.values[index])), make("td", {}, card.gradients[index] === null ? "–" : exact(card.gradients[index]))));
    if (card.nodes.length > MOST_LISTED) rows.push(make("tr", {}, make("td", { colspan: "3" }, `… ${(card.nodes.length - MOST_LISTED).toLocaleString("en")} more`)));
    const head = make("tr", {}, ...["", "value", "gradient"].map((text) => make("th", { scope: "col" }, text)));
    return make("div", { class: "scrolling" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  origins(members) {
    const found = this.graph.arriving(members);
    if (!found.length) return [];
    const list = make("ol", { class: "origins" });
    for (const { user, source, amount } of found.slice(0, 12)) {
      const via = members.length > 1 ? `${this.graph.nameOf(source)} ← ` : "";
      list.append(make("li", {}, make("button", { type: "button", "data-go": user }, `${via}${this.placeName(user)}: `, make("b", { style: `color:var(--${roleOf(amount)})` }, Number.isFinite(amount) ? signedText(amount) : numberText(amount)))));
    }
    const more = found.length > 12 ? `, the 12 largest of ${found.length.toLocaleString("en")}` : "";
    return [make("h3", {}, `Where its gradient comes from${more}`), list];
  }

  placeName(unit) {
    const groups = this.graph.around(unit).map((group) => this.graph.nodes + group);
    const scopes = groups.filter((group) => this.graph.kindOf(group) === "scope");
    const around = (scopes.length ? scopes : groups).slice(0, 3).map((group) => this.graph.nameOf(group));
    return [...around.reverse(), this.graph.nameOf(unit)].join(" › ");
  }

  explainKeys() {
    this.panel.replaceChildren(
      make("h2", {}, "Follow a number"),
      make("p", {}, "Press + on a box to open it, − to close it. Press a box to see its numbers, what it depends on, and where its gradient comes from."),
      make("p", { class: "muted" }, "Keys: arrows go along the links, Enter opens, Backspace closes the box around, Escape lets go, / finds. Bars: value and gradient of each output, up is positive."));
  }

  // ---------------------------------------------------------------------------------------------- find and mark

  find() {
    const wanted = this.search.value.trim().toLowerCase();
    const { graph } = this;
    const units = [];
    if (wanted) {
      const test = valueTest(wanted);
      const matches = test
        ? (unit) => !graph.isGroup(unit) && test(graph.value[unit])
        : (unit) => graph.nameOf(unit).toLowerCase().includes(wanted) || graph.formulaOf(unit).toLowerCase().includes(wanted) ||
          (!graph.isGroup(unit) && graph.operations[graph.operation[unit]].some((word) => word.toLowerCase() === wanted));
      for (let group = 1; group < graph.groups; group++) if (matches(graph.nodes + group)) units.push(graph.nodes + group);
      for (let node = 0; node < graph.nodes; node++) if (matches(node)) units.push(node);
    }
    this.hits = units.filter((unit) => !graph.isGroup(unit));
    this.list(units, wanted && `${units.length ? units.length.toLocaleString("en") : "nothing"} found`);
  }

  mark() {
    const { graph } = this;
    const by = this.filter.value;
    const index = graph.troubles.indexOf(by);
    let nodes = [];
    if (by === "gradients" || by === "values") {
      const size = (node) => sizeOfNumber(by === "values" ? graph.value[node] : graph.reached[node] ? graph.adjoint[node] : null);
      nodes = Array.from({ length: graph.nodes }, (_, node) => node).sort((a, b) => size(b) - size(a) || a - b).slice(0, 20);
    } else if (index > 0) nodes = Array.from({ length: graph.nodes }, (_, node) => node).filter((node) => graph.trouble[node] === index);
    this.hits = nodes;
    this.list(nodes, by && (index > 0 ? `${nodes.length.toLocaleString("en")} ${by}: ${this.data.reasons[by]}` : ""));
  }

  list(units, words) {
    const items = units.slice(0, 30).map((unit) => make("li", {}, make("button", { type: "button", "data-go": unit }, this.placeName(unit),
      this.graph.isGroup(unit) ? "" : ` = ${numberText(this.graph.value[unit])}`)));
    if (units.length > 30) items.push(make("li", { class: "muted" }, `… ${(units.length - 30).toLocaleString("en")} more`));
    this.found.replaceChildren(...items);
    this.say(words || "");
    this.light();
  }

  // ------------------------------------------------------------------------------------------ pointer and keyboard

  clicked(event) {
    const pressed = event.target.closest("[data-act], [data-go], .sign, .card");
    if (!pressed) return;
    if (pressed.dataset.go) this.select(+pressed.dataset.go);
    else if (pressed.dataset.act) this.act(pressed.dataset.act);
    else if (pressed.classList.contains("sign")) this.toggleAt(event);
    else this.select(+pressed.dataset.unit);
  }

  act(name) {
    const [verb, depth] = name.split(" ");
    if (verb === "depth") this.openTo(+depth);
    else if (verb === "open") this.toggle(this.selected - this.graph.nodes);
    else if (verb === "fit") this.zoomTo(null);
    else this.zoomTo(Math.min(2.5, Math.max(0.25, this.now * (verb === "larger" ? 1.25 : 0.8))));
  }

  toggleAt(event) {
    const card = event.target.closest(".card");
    const frame = event.target.closest(".frame");
    if (card && this.graph.isGroup(+card.dataset.unit)) this.toggle(+card.dataset.unit - this.graph.nodes);
    else if (frame && event.target.closest(".sign")) this.toggle(+frame.dataset.group);
  }

  keyed(event) {
    const card = event.target.closest(".card");
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const unit = +card.dataset.unit;
    const along = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: -2, ArrowDown: 2 }[event.key];
    if (along) this.step(unit, along);
    else if (event.key === "Enter" || event.key === "+") this.graph.isGroup(unit) ? this.toggle(unit - this.graph.nodes) : this.select(unit);
    else if (event.key === " ") this.select(unit);
    else if (event.key === "Backspace" || event.key === "-") {
      const group = this.graph.around(unit)[0];
      if (group) this.toggle(group);
    } else if (event.key === "Escape") this.letGo();
    else if (event.key === "/") this.search.focus();
    else return;
    event.preventDefault();
  }

  letGo() {
    this.selected = null;
    this.light();
    this.showPanel();
  }

  // To the nearest box along a link, or up and down.
  step(unit, along) {
    const here = this.layout.boxes.get(unit);
    const linked = Math.abs(along) === 1
      ? this.seen.links.filter((link) => (along > 0 ? link.from : link.to) === unit).map((link) => (along > 0 ? link.to : link.from))
      : [...this.layout.boxes.keys()].filter((other) => (this.layout.boxes.get(other).y - here.y) * along > 0);
    const far = (other) => {
      const there = this.layout.boxes.get(other);
      const dx = there.x + there.width / 2 - here.x - here.width / 2;
      const dy = there.y + there.height / 2 - here.y - here.height / 2;
      return Math.abs(along) === 1 ? Math.abs(dx) + Math.abs(dy) : Math.abs(dy) + 6 * Math.abs(dx);
    };
    const next = linked.sort((a, b) => far(a) - far(b))[0];
    if (next === undefined) return;
    this.focus(next);
    this.drawn.get(next).scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function sign(x, y, text, name) {
  const made = draw("g", { class: "sign" }, draw("title", {}, `${text === "+" ? "Open" : "Close"} ${name}`), draw("rect", { x, y, width: 18, height: 18, rx: 4 }));
  made.append(lettered({ text, size: 15, bold: true }, x + 9, y + 14, "middle"));
  return made;
}

function wirePath({ start, bend, end, through }) {
  const bow = Math.min((bend[1] - bend[0]) / 2, 110);
  const after = through === null ? end[0] : Math.max(end[0], through);
  return `M${start[0]},${start[1]}H${bend[0]}C${bend[0] + bow},${start[1]} ${bend[1] - bow},${end[1]} ${bend[1]},${end[1]}H${after}`;
}

// > 1.5, < -2, = 0, nan, inf: a test of a value, else null.
function valueTest(text) {
  if (text === "nan") return Number.isNaN;
  if (text === "inf") return (value) => Math.abs(value) === Infinity;
  const [, relation, digits] = text.match(/^(>=|<=|>|<|=)?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/) ?? [];
  if (digits === undefined) return null;
  const wanted = Number(digits);
  return {
    ">": (value) => value > wanted, "<": (value) => value < wanted, ">=": (value) => value >= wanted, "<=": (value) => value <= wanted,
  }[relation] ?? ((value) => value === wanted || numberText(value) === numberText(wanted));
}

const exact = (number) => (Number.isFinite(number) ? String(number) : numberText(number));

for (const root of document.querySelectorAll("[data-autograd-fold]:not(.ready)")) new FoldedPage(root);
