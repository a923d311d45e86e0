// The graph of a step-through: how its cards and links look at a step, and how it fits its place. The step, its moments
// and the numbers are those of the stepper.
const MOST_ENLARGED = 1.5;
const LEDGER_WIDTH = 360;
const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

class SteppedPicture {
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

  // A path shown in the picture.
  trace(path) {
    for (const link of this.links) link.group.classList.toggle("traced", path.includes(link));
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
