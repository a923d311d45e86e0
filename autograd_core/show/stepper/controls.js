// How a reader goes through the steps: buttons, slider, keys, clicks in the picture, and playing.
const SECONDS_A_STEP = 1.6;
const PHASES = { forward: "values", backward: "gradients", update: "parameters" };
const page = (window.autogradSteppers ??= { lastUsed: null, listens: false, count: 0 });

class SteppedControls extends SteppedLedger {
  buildControls() {
    const ends = { forward: [0, this.turn], backward: [this.turn, this.update], update: [this.update, this.last + 1] };
    const spans = Object.entries(ends).filter(([, [start, end]]) => end > start).map(([phase, [start, end]]) => {
      const span = make("span", { class: phase }, phase, make("i", {}, `: ${PHASES[phase]}`));
      span.style.flexGrow = String(end - start);
      return span;
    });
    Object.assign(this, playerControls({
      name: "Steps", unit: "Step", last: this.last, root: this.root, slider: { class: "step", value: "0" },
      goals: { first: () => 0, back: () => this.at - 1, next: () => this.at + 1, last: () => this.end },
      go: (number) => this.go(number), toggle: () => this.toggle(), fit: () => this.fit(),
      speeds: [["0.5", "slow"], ["1", "normal"], ["2", "fast"], ["5", "very fast"]],
      under: [make("div", { class: "phases", "aria-hidden": "true" }, ...spans)],
    }));
  }

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
}
