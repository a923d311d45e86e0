// Steps through the chain rule. Every number and word comes from the page's data, until an input is changed in the page.
// One stepper to a root; a root is found by its attribute, so that several on one page do not disturb each other.
const SECONDS_A_STEP = 1.6;
const MOST_ENLARGED = 1.5;
const LEDGER_WIDTH = 360;
const LISTED_AT_ONCE = 100;
const PHASES = { forward: "values", backward: "gradients", update: "parameters" };
const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
const page = (window.autogradSteppers ??= { lastUsed: null, listens: false, count: 0 });

class Stepper {
  constructor(root) {
    this.root = root;
    this.fallback = root.querySelector("[data-fallback]");
    this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    this.moments = this.data.moments;
    this.number = page.count = (page.count ?? 0) + 1;
    this.last = this.moments.length - 1;
    this.at = -1;
    this.timer = null;
    this.story = null;
    this.turn = this.moments.findIndex((moment) => moment.phase === "backward");
    this.update = this.moments.findIndex((moment) => moment.phase === "update");
    if (this.update < 0) this.update = this.moments.length;
    this.output = this.moments[this.turn].node;
    this.base = this.now = numbersOf(this.data.numbers);
    this.buildPicture();
    this.buildControls();
    this.buildLedger();
    this.buildPanels();
    root.setAttribute("tabindex", "-1");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", this.data.title);
    this.live = make("div", { class: "live" }, this.controls, make("div", { class: "main" }, this.pane, this.ledger),
      this.choices, ...Object.values(this.panels));
    root.append(this.live);
    root.classList.add("ready");
    this.fallback.setAttribute("aria-hidden", "true");
    this.listen();
    this.fit();
    this.show(0);
  }

  get changed() {
    return this.now !== this.base;
  }

  // ----------------------------------------------------------------------------------------------- building

  buildPicture() {
    this.svg = pictureOf(this.fallback);
    this.svg.setAttribute("role", "group");
    this.natural = { width: +this.svg.getAttribute("width"), height: +this.svg.getAttribute("height") };
    this.pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The graph" }, this.svg);
    this.cards = [];
    for (const group of this.svg.querySelectorAll("g.card")) {
      const texts = group.querySelectorAll('text[text-anchor="end"]');
      const ring = group.querySelector("path").cloneNode();
      ring.setAttribute("class", "ring");
      group.insertBefore(ring, group.querySelector("path"));
      const index = +group.dataset.index;
      this.cards[index] = { group, value: texts[0], grad: texts[1], steps: [], computed: -1 };
      if (this.data.cards[index] !== null && this.data.cards[index] !== undefined) {
        group.setAttribute("role", "button");
        group.setAttribute("tabindex", "-1");
      }
    }
    this.links = [...this.svg.querySelectorAll("g.link")].map((group, index) => this.buildLink(group, index));
    this.moments.forEach((moment, number) => {
      const card = this.cards[moment.node];
      card.steps.push(number);
      if (moment.phase === "forward") card.computed = number;
      if (moment.source !== null) this.cards[moment.source].steps.push(number);
      if (moment.phase === "update") return this.noteChanges(moment, number);
      if (moment.link !== null) this.links[moment.link].step = number;
      this.noteChanges(moment, number);
    });
    const carrying = this.links.filter((link) => link.step >= 0).sort((a, b) => a.step - b.step);
    this.cards.forEach((card, index) => { card.incoming = carrying.filter((link) => link.tail === index); });
  }

  noteChanges(moment, number) {
    for (const change of moment.changes) (this.cards[change.card].changes ??= []).push({ ...change, number });
  }

  buildLink(group, index) {
    const [line, head] = group.querySelectorAll("path");
    head.classList.add("head");
    line.classList.add("line");
    const touch = line.cloneNode();
    touch.setAttribute("class", "touch");
    touch.setAttribute("stroke-dasharray", "none");
    // M inside C inside start start-again ...: the line leaves its card at the fourth point.
    const numbers = line.getAttribute("d").match(/-?[\d.]+/g).map(Number);
    const [x, y, awayX, awayY] = numbers.slice(6, 10);
    const angle = Math.atan2(awayY - y, awayX - x);
    const back = document.createElementNS(SVG, "path");
    const wing = (turn) => `${x + 13 * Math.cos(angle + turn)},${y + 13 * Math.sin(angle + turn)}`;
    back.setAttribute("class", "back");
    back.setAttribute("d", `M${x},${y}L${wing(0.42)} ${wing(-0.42)}Z`);
    group.append(back, touch);
    const label = this.svg.querySelector(`g.carried[data-link="${index}"]`);
    const [tail, tip] = this.data.links[index];
    // On the way back the line reaches the card where its arrowhead was.
    const [tipX, tipY] = head.getAttribute("d").match(/-?[\d.]+/g).map(Number).slice(2, 4);
    const short = line.getAttribute("d");
    return { group, line, head, short, long: `${short}L${tipX},${tipY}`, label, text: label?.querySelector("text"), tail, tip, index, step: -1 };
  }

  buildControls() {
    const button = (name, words, key, act) => {
      const made = make("button", { type: "button", "data-act": name, title: `${words} (${key})` }, words);
      made.addEventListener("click", act);
      return made;
    };
    this.play = button("play", "Play", "space", () => this.toggle());
    this.buttons = {
      first: button("first", "First", "Home", () => this.go(0)),
      back: button("back", "Back", "left arrow", () => this.go(this.at - 1)),
      next: button("next", "Next", "right arrow", () => this.go(this.at + 1)),
      last: button("last", "Last", "End", () => this.go(this.end)),
    };
    const { first, back, next, last } = this.buttons;
    this.slider = make("input", { class: "step", type: "range", min: "0", max: String(this.last), value: "0", "aria-label": "Step" });
    this.slider.addEventListener("input", () => this.go(+this.slider.value));
    this.count = make("output", { class: "count" });
    this.speed = make("select", { "aria-label": "Speed" });
    for (const [factor, words] of [["0.5", "slow"], ["1", "normal"], ["2", "fast"], ["5", "very fast"]]) {
      this.speed.append(make("option", { value: factor }, words));
    }
    this.speed.value = "1";
    this.large = make("button", { type: "button", "aria-pressed": "false", title: "Half as large again" }, "Projector");
    this.large.addEventListener("click", () => {
      const on = this.root.classList.toggle("projector");
      this.large.setAttribute("aria-pressed", String(on));
      this.fit();
    });
    const ends = { forward: [0, this.turn], backward: [this.turn, this.update], update: [this.update, this.last + 1] };
    const spans = Object.entries(ends).filter(([, [start, end]]) => end > start).map(([phase, [start, end]]) => {
      const span = make("span", { class: phase }, phase, make("i", {}, `: ${PHASES[phase]}`));
      span.style.flexGrow = String(end - start);
      return span;
    });
    const track = make("div", { class: "track" }, this.slider,
      make("div", { class: "phases", "aria-hidden": "true" }, ...spans));
    this.controls = make("div", { class: "controls", role: "toolbar", "aria-label": "Steps" },
      make("div", { class: "buttons" }, first, back, this.play, next, last), track, this.count,
      make("div", { class: "settings" }, make("label", {}, "Speed ", this.speed), this.large));
  }

  buildLedger() {
    this.heading = make("p", { class: "heading" });
    this.words = make("p", { class: "words", role: "status", "aria-live": "polite" });
    this.formulas = make("dl", { class: "formulas" });
    const sign = (kind, words) => make("li", { class: kind }, make("i", { "aria-hidden": "true" }), words);
    const legend = make("ul", { class: "legend", "aria-label": "What the marks mean" }, sign("now", "at work"),
      sign("to-come", "to come"), sign("positive", "+ raises the result"), sign("negative", "− lowers it"));
    this.ledger = make("section", { class: "ledger", "aria-label": "This step" }, this.heading, this.words,
      this.formulas, legend);
    this.items = [];
    this.list = make("ol");
    this.listTitle = make("h2", {}, "The derivation so far");
    this.whole = make("button", { type: "button", hidden: "" }, "Show the whole derivation");
    this.whole.addEventListener("click", () => this.tell(null));
    this.derivation = make("section", { class: "derivation" }, make("header", {}, this.listTitle, this.whole),
      this.list);
  }

  // What stands below the picture: one of several, by its button.
  buildPanels() {
    this.whatIf = new WhatIf(this);
    this.paths = new Paths(this);
    this.panels = { derivation: this.derivation, whatIf: this.whatIf.element, paths: this.paths.element,
      order: orderPanel(this.data.order) };
    const names = { derivation: "Derivation", whatIf: "What if", paths: "Paths", order: "Why this order?" };
    this.choices = make("div", { class: "choices", role: "group", "aria-label": "Below the picture" });
    for (const [name, words] of Object.entries(names)) {
      const button = make("button", { type: "button", "aria-pressed": "false", "data-panel": name }, words);
      button.addEventListener("click", () => this.open(name));
      this.choices.append(button);
    }
    this.open("derivation");
  }

  open(name) {
    for (const [one, panel] of Object.entries(this.panels)) panel.hidden = one !== name;
    for (const button of this.choices.children) button.setAttribute("aria-pressed", String(button.dataset.panel === name));
    this.trace([]);
    if (name === "paths") this.paths.tell();
    // Values and gradients all stand in the picture at the end of the sweep.
    if (name === "whatIf" && this.at >= 0 && this.at !== this.update - 1) this.go(this.update - 1);
  }

  // A path shown in the picture.
  trace(path) {
    for (const link of this.links) link.group.classList.toggle("traced", path.includes(link));
  }

  // Other numbers for the leaves, or null for those the page came with.
  recompute(leaves) {
    this.now = leaves ? recomputed(this.data.program, leaves) : this.base;
    this.root.classList.toggle("changed", this.changed);
    this.items = [];
    this.list.replaceChildren();
    this.slider.max = String(this.end);
    const at = Math.min(this.at, this.end);
    this.at = -1;
    this.show(at);
  }

  // The updates belong to the numbers the page came with.
  get end() {
    return this.changed ? this.update - 1 : this.last;
  }

  // An edge that a changed number has opened has a product to show, one that it has closed has none.
  formulasOf(moment) {
    if (!this.changed || moment.link === null) return moment.formulas;
    const made = ["chain rule", "upstream × partial"];
    const kept = moment.formulas.filter(([label]) => !made.includes(label));
    if (!this.now.links[moment.link].flows) return kept;
    if (kept.length < moment.formulas.length) return moment.formulas;
    return [kept[0], ["upstream × partial", [], []], ...kept.slice(1)];
  }

  formula([label, pieces, symbols = pieces], moment) {
    const chosen = this.changed ? rewritten(this, label, symbols, moment) : pieces.map((number) => this.data.pieces[number]);
    return typeset(chosen);
  }

  item(number) {
    if (this.items[number]) return this.items[number];
    const moment = this.moments[number];
    const button = make("button", { type: "button", "aria-label": `Step ${number + 1}: ${this.wordsOf(moment)}` });
    button.append(make("span", { class: "number" }, String(number + 1)));
    const elsewhere = this.onPaper ? [] : ["partial", "stands for", "update"]; // on the screen they stand in the ledger
    for (const one of this.formulasOf(moment)) if (!elsewhere.includes(one[0])) button.append(this.formula(one, moment));
    button.addEventListener("click", () => this.go(number));
    this.items[number] = make("li", { class: moment.phase }, button);
    return this.items[number];
  }

  wordsOf(moment) {
    return this.changed ? reworded(this, moment) : moment.words;
  }

  // All steps with all their formulas, for paper, at the numbers of the picture there; on the screen they are made as
  // they are reached.
  print(onPaper) {
    if (onPaper) this.kept = this.changed ? this.whatIf.numbers : null;
    if (onPaper && this.kept) this.whatIf.reset.click();
    this.onPaper = onPaper;
    this.items = [];
    this.list.replaceChildren();
    if (onPaper) this.moments.forEach((_, number) => this.list.append(this.item(number)));
    else this.showList();
    if (!onPaper && this.kept) this.whatIf.set(this.kept);
  }

  // ---------------------------------------------------------------------------------------------- listening

  listen() {
    const use = () => { page.lastUsed = this; };
    this.root.addEventListener("focusin", use);
    this.root.addEventListener("pointerdown", use);
    this.root.addEventListener("pointerenter", use);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("click", (event) => {
      const group = event.target.closest("g.card, g.link, g.carried");
      if (!group) return;
      if (group.matches(".card")) this.visit(this.cards[+group.dataset.index], this.data.cards[+group.dataset.index]);
      else this.visitLink(group.matches(".carried") ? this.links[+group.dataset.link]
        : this.links.find((link) => link.group === group));
    });
    const sizes = new ResizeObserver(() => this.fit());
    for (const element of [this.root, this.pane]) sizes.observe(element);
    // A long list is made as far as it is looked at.
    this.list.addEventListener("scroll", () => {
      if (this.list.scrollTop > 40 || !this.hidden) return;
      const before = this.list.scrollHeight;
      this.room += LISTED_AT_ONCE;
      this.showList();
      this.list.scrollTop = this.list.scrollHeight - before;
    });
  }

  key(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.target instanceof Element ? event.target : this.root;
    if (on.matches("select, textarea, input:not(.step)")) return;
    if ((event.key === " " || event.key === "Enter") && on.matches("button")) return;
    const act = {
      ArrowRight: () => this.go(this.at + 1),
      ArrowLeft: () => this.go(this.at - 1),
      Home: () => this.go(0),
      End: () => this.go(this.end),
      " ": () => this.toggle(),
      Enter: () => on.matches("g.card") && this.visit(this.cards[+on.dataset.index], this.data.cards[+on.dataset.index]),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  // A node goes to where it is computed, on the way back to where its gradient is complete; again, through its story.
  visit(card, name) {
    if (!card.steps.length) return;
    const here = card.steps.indexOf(this.at);
    const received = card.changes.filter((change) => change.what === "grad" && change.number < this.update).at(-1);
    let goal = this.at >= this.turn && received ? received.number : card.computed;
    if (this.story === card && here >= 0) goal = card.steps[(here + 1) % card.steps.length];
    this.go(goal);
    this.tell(card, name);
  }

  visitLink(link) {
    this.go(this.at >= this.turn && link.step >= 0 ? link.step : this.cards[link.tip].computed);
    if (this.data.cards[link.tail] !== null) this.tell(this.cards[link.tail], this.data.cards[link.tail]);
  }

  tell(card, name) {
    this.open("derivation");
    this.story = card;
    this.listTitle.textContent = card ? `The story of ${name}` : "The derivation so far";
    this.whole.hidden = !card;
    this.showList();
  }

  toggle() {
    if (this.timer !== null) return this.pause();
    if (this.at === this.end) this.show(0);
    this.play.textContent = "Pause";
    this.root.classList.add("playing");
    this.words.setAttribute("aria-live", "off");
    const on = () => {
      this.show(this.at + 1);
      if (this.at === this.end) this.pause();
      else this.timer = setTimeout(on, (1000 * SECONDS_A_STEP) / this.speed.value);
    };
    this.timer = setTimeout(on, (500 * SECONDS_A_STEP) / this.speed.value);
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
    this.root.classList.remove("playing");
    this.words.setAttribute("aria-live", "polite");
  }

  go(number) {
    this.pause();
    this.show(Math.min(Math.max(number, 0), this.end));
  }

  // ------------------------------------------------------------------------------------------------ showing

  show(number) {
    if (number === this.at) return;
    this.at = number;
    this.root.dataset.step = String(number);
    const moment = this.moments[number];
    this.root.dataset.phase = moment.phase;
    this.cards.forEach((card, index) => this.showCard(card, index, moment));
    for (const link of this.links) this.showLink(link, moment);
    this.slider.value = String(number);
    this.slider.setAttribute("aria-valuetext", `step ${number + 1} of ${this.end + 1}, ${moment.phase}`);
    this.count.textContent = `${number + 1} / ${this.end + 1}`;
    for (const [name, end] of [["first", 0], ["back", 0], ["next", this.end], ["last", this.end]]) {
      this.buttons[name].toggleAttribute("aria-disabled", number === end);
    }
    this.heading.textContent = `${moment.phase[0].toUpperCase()}${moment.phase.slice(1)}${this.changed ? ", at your numbers" : ""}`;
    this.words.textContent = this.wordsOf(moment);
    const formulas = this.formulasOf(moment);
    this.formulas.replaceChildren(...formulas.map((one, index) =>
      make("div", index === formulas.length - 1 ? { class: "result" } : {}, make("dt", {}, one[0]),
        make("dd", {}, this.formula(one, moment)))));
    this.room = LISTED_AT_ONCE;
    this.showList();
    this.follow(moment);
    this.root.dispatchEvent(new CustomEvent("autograd-step", { detail: { step: number, last: this.last } }));
  }

  showCard(card, index, moment) {
    const backward = this.at >= this.turn;
    const state = index === moment.node ? "now" : index === moment.source ? "receiving"
      : card.computed < 0 || (backward ? this.complete(card) : card.computed < this.at) ? "done"
      : backward && !card.grad ? "done" : "to-come";
    if (card.state !== state) {
      for (const name of ["now", "receiving", "done", "to-come"]) card.group.classList.toggle(name, name === state);
      card.state = state;
    }
    for (const what of ["value", "grad"]) {
      if (!card[what] || card.computed < 0) continue;
      const change = card.changes.findLast((one) => one.what === what && one.number <= this.at);
      const { text, role } = !change ? { text: "–", role: "ink" } : this.changed ? cardText(this, index, what) : change;
      if (card[what].textContent !== text) card[what].textContent = text;
      const look = `f-${role}${change && change.number === this.at && text !== "–" ? " fresh" : ""}`;
      if (card[what].getAttribute("class") !== look) card[what].setAttribute("class", look);
    }
    const name = this.data.cards[index];
    if (!name) return;
    const label = `${name}, value ${card.value.textContent}${card.grad ? `, gradient ${card.grad.textContent}` : ""}`;
    if (card.group.getAttribute("aria-label") !== label) card.group.setAttribute("aria-label", label);
  }

  complete(card) {
    const last = card.changes?.findLast((one) => one.what === "grad" && one.number < this.update);
    return !last || last.number <= this.at;
  }

  showLink(link, moment) {
    const { phase } = moment;
    const computed = this.cards[link.tip].computed;
    const carried = carriedBy(this, link);
    const state = phase === "update" ? "idle" : phase === "backward"
      ? link.index === moment.link ? "now" : link.step >= 0 && link.step < this.at ? "done" : link.step < 0 ? "idle" : "to-come"
      : computed === this.at ? "feeding" : computed < this.at ? "computed" : "to-come";
    const back = state === "now" || state === "done";
    const wanted = `${state}${phase === "backward" && carried ? ` ${carried.flows ? carried.role : "nothing"}` : ""}`;
    if (link.state === wanted && link.of === this.now) return;
    link.of = this.now;
    for (const name of (link.state ?? "").split(" ").filter(Boolean)) link.group.classList.remove(name);
    link.group.classList.add(...wanted.split(" "));
    link.state = wanted;
    link.line.setAttribute("d", back && carried?.flows ? link.long : link.short);
    if (carried && link.gate !== carried.flows) this.showGate(link, carried.flows);
    link.group.style.setProperty("--width", String(state === "done" && carried ? carried.width : 1.5));
    if (!link.label && carried?.flows) this.addLabel(link);
    if (!link.label) return;
    link.label.classList.toggle("now", state === "now");
    link.label.classList.toggle("shown", back && (carried.flows || state === "now"));
    if (state === "now") writeProduct(link.text, carried.product);
    else link.text.textContent = carried.text;
    link.text.setAttribute("class", `f-${carried.role}`);
  }

  // A gate says in its line and its word whether it is open, also when the page has moved it.
  showGate(link, open) {
    link.gate = open;
    if (!link.group.matches(".closed, .gated")) {
      if (open) return;
      link.group.classList.add("gated");
    }
    for (const part of [link.line, link.head]) part.style.strokeDasharray = open ? "none" : part === link.line ? "7 4" : "";
    const note = this.svg.querySelector(`g.note[data-link="${link.index}"]`);
    const word = note?.querySelector("text");
    if (!word) return;
    note.dataset.closed ??= word.textContent;
    word.textContent = open ? note.dataset.closed.replace(/:? ?closed$/, "") : note.dataset.closed;
    note.style.display = word.textContent ? "" : "none";
  }

  // What was closed at the first numbers may be open at others, and then has something to say.
  addLabel(link) {
    const { x, y } = link.line.getPointAtLength(link.line.getTotalLength() / 2);
    link.text = document.createElementNS(SVG, "text");
    for (const [name, value] of Object.entries({ x, y: y + 4, "font-size": 12, "font-weight": "bold", "text-anchor": "middle" })) {
      link.text.setAttribute(name, String(value));
    }
    link.label = document.createElementNS(SVG, "g");
    link.label.setAttribute("class", "carried");
    link.label.dataset.link = String(link.index);
    link.label.append(link.text);
    this.svg.append(link.label);
  }

  showList() {
    const reached = this.story ? this.story.steps.filter((number) => number <= this.at)
      : [...Array(this.at + 1).keys()];
    const wanted = reached.slice(-this.room);
    this.hidden = reached.length - wanted.length;
    const items = wanted.map((number) => this.item(number));
    // Only what differs is touched, so that a long list stays quick.
    const there = this.list.children;
    while (there.length && there[0] !== items[0] && !items.includes(there[0])) there[0].remove();
    items.forEach((item, place) => {
      if (there[place] !== item) this.list.insertBefore(item, there[place] ?? null);
    });
    while (there.length > items.length) this.list.lastElementChild.remove();
    this.marked?.removeAttribute("aria-current");
    this.marked = this.items[this.at];
    this.marked?.setAttribute("aria-current", "step");
    if (!this.story) this.list.scrollTop = this.list.scrollHeight;
  }

  // The picture fills its place, but nothing in it becomes smaller than it was drawn.
  fit() {
    const large = this.root.classList.contains("projector") ? 1.5 : 1;
    const beside = Math.max(LEDGER_WIDTH, 0.32 * this.root.clientWidth) * large + 30;
    this.root.classList.toggle("beside", this.natural.width * large <= this.root.clientWidth - beside);
    const room = (this.pane.clientWidth - 2) / this.natural.width;
    const scale = Math.min(Math.max(room, large), large * MOST_ENLARGED);
    if (Math.abs(scale - (this.scale ?? 0)) < 0.005) return;
    this.scale = scale;
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
    if (this.at >= 0) this.follow(this.moments[this.at]);
  }

  // The node at work stays in sight where the picture is larger than its place.
  follow(moment) {
    const boxes = [moment.node, moment.source ?? moment.node].map((index) => this.cards[index].group.getBBox());
    const middle = (low, high, length) => (Math.min(...boxes.map((box) => box[low])) +
      Math.max(...boxes.map((box) => box[low] + box[high]))) / 2 * this.scale - length / 2;
    this.pane.scrollTo({
      left: middle("x", "width", this.pane.clientWidth),
      top: middle("y", "height", this.pane.clientHeight),
      behavior: stillness.matches || this.timer !== null ? "auto" : "smooth",
    });
  }
}

for (const root of document.querySelectorAll("[data-autograd-stepper]:not([data-started])")) {
  root.setAttribute("data-started", "");
  if (window.autogradStepperStyle && !document.querySelector("style[data-autograd-style]")) {
    document.head.append(make("style", { "data-autograd-style": "" }, window.autogradStepperStyle));
  }
  try {
    const stepper = root.autogradStepper = new Stepper(root);
    if (document.body.matches(".autograd-page")) page.lastUsed ??= stepper;
  } catch (problem) {
    // The picture and the table stay where they are.
    console.warn("The step-through could not start:", problem);
  }
}
if (!page.listens) {
  page.listens = true;
  // Asked of those still on the page: a cell that is run again leaves none behind.
  const steppers = () => [...document.querySelectorAll("[data-autograd-stepper]")].map((root) => root.autogradStepper);
  window.addEventListener("beforeprint", () => steppers().forEach((one) => one?.print(true)));
  window.addEventListener("afterprint", () => steppers().forEach((one) => one?.print(false)));
  // With the focus nowhere, keys go to the stepper used last.
  document.addEventListener("keydown", (event) => {
    if (document.activeElement === document.body && page.lastUsed?.root.isConnected) page.lastUsed.key(event);
  });
}
