// What a step-through says: the words and formulas of a step, and the list of the steps so far.
const LISTED_AT_ONCE = 100;

class SteppedLedger extends SteppedPicture {
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

  wordsOf(moment) {
    return this.changed ? reworded(this, moment) : moment.words;
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

  tell(card, name) {
    this.open("derivation");
    this.story = card;
    this.listTitle.textContent = card ? `The story of ${name}` : "The derivation so far";
    this.whole.hidden = !card;
    this.showList();
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
}
