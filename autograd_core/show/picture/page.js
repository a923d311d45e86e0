// A folded graph in the page: boxes open and close, and what feeds or needs a box can be followed. Nothing is computed
// but places: every number comes from the page's data.
const MOST_UNITS = 700;

class FoldedPage {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    this.graph = new Graph(this.data);
    this.cards = new Cards(this.graph);
    this.open = new Set(this.data.open);
    this.scale = null;
    this.least = 0.75; // smaller letters are hard to read
    this.selected = null;
    this.build();
    this.redraw();
    this.toStart();
    root.classList.add("ready");
    root.querySelector("[data-fallback]").setAttribute("aria-hidden", "true");
  }

  // ----------------------------------------------------------------------------------------------- building

  build() {
    const button = (act, label, text) => make("button", { type: "button", "data-act": act, "aria-label": label, title: label }, text);
    const closed = new Set(["composition", "leaves"]);
    const groups = Array.from({ length: this.graph.groups - 1 }, (_, index) => index + 1);
    this.openable = groups.filter((group) => !closed.has(this.graph.kindOf(this.graph.nodes + group)));
    const deepest = this.openable.reduce((most, group) => Math.max(most, this.graph.depth[group] + 1), 1);
    this.depths = make("span", { class: "buttons", role: "group", "aria-label": "Depth" });
    for (let depth = 1; depth <= Math.min(deepest, 7); depth++) this.depths.append(button(`depth ${depth}`, `Open all boxes to depth ${depth}`, String(depth)));
    this.finder = new Finder(this.graph, this.data.reasons, (words) => [this.say(words), this.light()]);
    this.walk = new Walk(this.graph, (moment) => this.stepped(moment));
    this.panel = new Panel(this.graph, this.cards, this.data.reasons);
    this.zoom = make("span", { class: "buttons" }, button("smaller", "Smaller", "−"), button("fit", "Fit the width", "Fit"), button("larger", "Larger", "+"));
    const controls = make("div", { class: "controls" },
      make("label", {}, "Depth ", this.depths), make("label", {}, "Step ", this.walk.controls), ...this.finder.controls, this.zoom);
    this.ground = draw("g"); // scaled by itself: a view box that changes with the sheet would have every letter laid out anew
    const svg = draw("svg", { role: "group", "aria-label": this.data.title }, this.ground);
    this.picture = make("div", { class: "picture", role: "group", "aria-label": this.data.title }, svg);
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.root.append(make("div", { class: "live" }, controls, this.finder.found, make("div", { class: "main" }, this.picture, this.panel.element), this.said));
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.picture.addEventListener("dblclick", (event) => this.toggleAt(event));
    this.picture.addEventListener("keydown", (event) => this.keyed(event));
  }

  redraw() {
    this.room = this.picture.clientWidth; // asked before the picture changes, so that it is laid out only once
    this.sheet = new Sheet(this.graph, this.cards, this.open, this.ground);
    this.zoomTo(this.scale);
    const { drawn } = this.sheet;
    const first = drawn.get(this.selected) ?? [...drawn.values()].at(-1);
    first.setAttribute("tabindex", "0");
    for (const depth of this.depths.children) depth.setAttribute("aria-pressed", String(this.isAtDepth(+depth.textContent)));
    this.light();
    this.walk.enter(this.sheet, (unit) => this.hiddenIn(unit));
  }

  zoomTo(scale) {
    this.scale = scale;
    const { width, height } = this.sheet.layout;
    this.root.classList.toggle("beside", height > 520);
    this.now = scale ?? Math.min(1, Math.max(this.least, (this.room - 4) / width));
    this.sheet.scaleTo(this.now);
  }

  say(words) {
    this.said.textContent = words;
  }

  // ------------------------------------------------------------------------------------------- open and close

  // Change which boxes are open; what was pressed stays where it was under the pointer.
  change(open, anchor, words) {
    const before = this.sheet.placeOf(anchor);
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
    const after = this.sheet.placeOf(anchor);
    if (before && after && String(before) !== String(after)) {
      this.picture.scrollBy((after[0] - before[0]) * this.now, (after[1] - before[1]) * this.now);
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

  toggle(group) {
    const open = new Set(this.open);
    const hadFocus = this.picture.contains(document.activeElement);
    const name = this.graph.nameOf(this.graph.nodes + group);
    if (!open.delete(group)) open.add(group);
    const opened = open.has(group);
    const inside = this.graph.inside[group].length;
    this.change(open, group, opened ? `${name} opened: ${inside.toLocaleString("en")} box${inside === 1 ? "" : "es"} inside` : `${name} closed`);
    const units = opened ? this.graph.inside[group].filter((unit) => this.sheet.drawn.has(unit)) : [this.graph.nodes + group];
    if (hadFocus && units.length) this.focus(units[0]);
  }

  openTo(depth) {
    this.change(new Set(this.openable.filter((group) => this.graph.depth[group] < depth)), 0, `Open to depth ${depth}`);
    this.toStart();
  }

  // To the box furthest left: the corner of a large sheet may be empty.
  toStart() {
    const first = [...this.sheet.layout.boxes.values()].reduce((left, box) => (box.x < left.x ? box : left));
    this.picture.scrollTo(0, (first.y + first.height / 2) * this.now - this.picture.clientHeight / 2);
  }

  isAtDepth(depth) {
    const wanted = this.openable.filter((group) => this.graph.depth[group] < depth);
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
    if (this.walk.moment) this.walk.stop();
    this.selected = unit;
    if (open.size > this.open.size) this.change(open, 0, "");
    if (!this.sheet.drawn.has(unit)) return;
    this.light();
    this.showPanel();
    this.focus(unit);
    this.reveal(unit);
  }

  focus(unit) {
    for (const card of this.sheet.drawn.values()) card.setAttribute("tabindex", "-1");
    const card = this.sheet.drawn.get(unit);
    card.setAttribute("tabindex", "0");
    card.focus({ preventScroll: true });
  }

  reveal(unit) {
    this.sheet.drawn.get(unit).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  light() {
    const members = this.selected === null ? [] : this.graph.membersOf(this.selected);
    this.below = this.graph.reach(members, true);
    this.above = this.graph.reach(members, false);
    this.sheet.light(this.selected, this.below, this.above, this.finder.hits);
  }

  showPanel() {
    if (this.walk.moment) this.panel.step(this.walk.moment, this.sheet);
    else if (this.selected !== null) this.panel.select(this.selected, this.sheet, this.below, this.above);
    else this.panel.explainKeys();
  }

  // Another step, or none any more.
  stepped(moment) {
    this.selected = null;
    this.light();
    this.sheet.trace([]);
    this.showPanel();
    if (!moment) return;
    this.reveal(moment.unit);
    const name = this.graph.nameOf(moment.unit);
    this.say(moment.phase === "forward" ? `Forward: ${name} computes` : `Backward: ${name} hands its gradient on`);
  }

  letGo() {
    this.selected = null;
    this.sheet.trace([]);
    if (this.walk.moment) this.walk.stop();
    this.light();
    this.showPanel();
  }

  // ------------------------------------------------------------------------------------------ pointer and keyboard

  clicked(event) {
    const pressed = event.target.closest("[data-act], [data-go], [data-open], .sign, .card");
    if (!pressed) return;
    if (pressed.dataset.go) this.select(+pressed.dataset.go);
    else if (pressed.dataset.act) this.act(pressed.dataset.act);
    else if (pressed.dataset.open) this.toggle(pressed.dataset.open - this.graph.nodes);
    else if (pressed.classList.contains("sign")) this.toggleAt(event);
    else this.select(+pressed.dataset.unit);
  }

  act(name) {
    const [verb, depth] = name.split(" ");
    if (verb === "depth") this.openTo(+depth);
    else if (verb === "fit") {
      this.room = this.picture.clientWidth;
      this.least = 0.1;
      this.zoomTo(null);
    }
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
    if (along) this.moveFocus(unit, along);
    else if (event.key === "Enter" || event.key === "+") this.graph.isGroup(unit) ? this.toggle(unit - this.graph.nodes) : this.select(unit);
    else if (event.key === " ") this.select(unit);
    else if (event.key === "Backspace" || event.key === "-") {
      const group = this.graph.around(unit)[0];
      if (group) this.toggle(group);
    } else if (event.key === "Escape") this.letGo();
    else if (event.key === "/") this.finder.search.focus();
    else if (event.key === "n" || event.key === "b") this.walk.go(event.key === "n" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  // To the nearest box along a link, or up and down.
  moveFocus(unit, along) {
    const { boxes } = this.sheet.layout;
    const here = boxes.get(unit);
    const linked = Math.abs(along) === 1
      ? this.sheet.seen.links.filter((link) => (along > 0 ? link.from : link.to) === unit).map((link) => (along > 0 ? link.to : link.from))
      : [...boxes.keys()].filter((other) => (boxes.get(other).y - here.y) * along > 0);
    const far = (other) => {
      const there = boxes.get(other);
      const dx = there.x + there.width / 2 - here.x - here.width / 2;
      const dy = there.y + there.height / 2 - here.y - here.height / 2;
      return Math.abs(along) === 1 ? Math.abs(dx) + Math.abs(dy) : Math.abs(dy) + 6 * Math.abs(dx);
    };
    const next = linked.sort((a, b) => far(a) - far(b))[0];
    if (next === undefined) return;
    this.focus(next);
    this.reveal(next);
  }
}

for (const root of document.querySelectorAll("[data-autograd-fold]:not(.ready)")) new FoldedPage(root);
