// Steps through the chain rule. Every number and word comes from the page's data, until an input is changed in the page.
// One stepper to a root; a root is found by its attribute, so that several on one page do not disturb each other.
class Stepper extends SteppedControls {
  constructor(root) {
    super();
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

  // The updates belong to the numbers the page came with.
  get end() {
    return this.changed ? this.update - 1 : this.last;
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
      switchOff(this.buttons[name], number === end);
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
