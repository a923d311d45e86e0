// The folded picture with some boxes open: its cards, frames and wires, and how they look when something is followed.
class Sheet {
  // ground: where it is drawn; the cards that are there already are only moved, since letters take long to lay out.
  constructor(graph, cards, open, ground) {
    Object.assign(this, { graph, cards, ground });
    this.seen = graph.cut(open);
    this.layout = new Layout(graph, this.seen, (unit, asTitle) => this.sizeOf(unit, asTitle));
    const { wires, frames, boxes } = this.layout;
    ground.classList.toggle("crowd", wires.length > 150);
    ground.classList.remove("tracing");
    const former = new Map([...ground.querySelectorAll(".card")].map((card) => [+card.dataset.unit, card]));
    this.drawn = new Map([...boxes].map(([unit, box]) => [unit, this.placedCard(former.get(unit), unit, box)]));
    for (const [unit, card] of former) if (!this.drawn.has(unit)) card.remove();
    for (const part of ground.querySelectorAll(".frame, .wires")) part.remove();
    this.wires = new Wires(graph, this.seen.links, wires, ground);
    ground.prepend(...frames.map((frame) => this.drawnFrame(frame)));
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

  placedCard(former, unit, { x, y, width, height }) {
    const card = former ?? this.drawnCard(unit, width, height);
    card.setAttribute("transform", `translate(${rounded(x)},${rounded(y)})`);
    if (card.tabIndex === 0) card.setAttribute("tabindex", "-1");
    return card;
  }

  drawnCard(unit, width, height) {
    const card = drawnCard(this.cards.of(unit, this.seen), { x: 0, y: 0, width, height });
    card.setAttribute("aria-label", this.told(unit));
    card.setAttribute("role", "button");
    if (this.graph.isGroup(unit)) {
      card.setAttribute("aria-expanded", "false");
      card.append(sign(width - 22, 6, "+", this.graph.nameOf(unit)));
    }
    this.ground.append(card);
    return card;
  }

  // A box in words, for those who listen.
  told(unit) {
    const { graph } = this;
    const card = this.cards.of(unit, this.seen);
    const words = [graph.nameOf(unit), graph.isGroup(unit) ? "closed box" : graph.kindOf(unit), graph.formulaOf(unit)];
    if (graph.isGroup(unit)) words.push(this.cards.outputsNamed(unit, card.nodes), this.cards.counts(unit, this.seen, card.nodes));
    if (card.nodes.length === 1) words.push(`value ${numberText(card.values[0])}`, card.gradients[0] === null ? "no gradient" : `gradient ${numberText(card.gradients[0])}`);
    return [...words, card.ill].filter(Boolean).join(", ");
  }

  // The corner of a group's frame or closed box.
  placeOf(group) {
    const found = this.layout.frames.find((one) => one.group === group) ?? this.layout.boxes.get(this.graph.nodes + group);
    return found && [found.x, found.y];
  }

  scaleTo(scale) {
    const { width, height } = this.layout;
    const { style } = this.ground.ownerSVGElement;
    [style.width, style.height] = [`${width * scale}px`, `${height * scale}px`];
    this.ground.setAttribute("transform", `scale(${scale})`);
  }

  // Which units hold the nodes for which `related` is 1.
  touched(related) {
    const units = new Set();
    related.forEach((is, node) => is && units.add(this.seen.standsFor[node]));
    return units;
  }

  // Show what the selected box depends on (below) and what depends on it (above), and which boxes hold what is marked.
  light(selected, below, above, hits) {
    this.ground.classList.toggle("following", selected !== null);
    const [down, up] = [this.touched(below), this.touched(above)];
    const marked = new Set([...(hits ?? [])].map((node) => this.seen.standsFor[node]));
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("selected", unit === selected);
      card.classList.toggle("related", down.has(unit) || up.has(unit));
      card.classList.toggle("hit", marked.has(unit));
    }
    const related = (link) => [...link.sources].some((node) => (below[node] && down.has(link.to)) || above[node]);
    this.wires.mark("related", (link) => selected !== null && related(link));
  }

  // One path in the picture, as [source, user] of each edge; none where it is empty.
  trace(path) {
    const { standsFor } = this.seen;
    const units = new Set(path.flat().map((node) => standsFor[node]));
    this.ground.classList.toggle("tracing", path.length > 0);
    for (const [unit, card] of this.drawn) card.classList.toggle("traced", units.has(unit));
    this.wires.mark("traced", (link) => path.some(([source, user]) => link.from === standsFor[source] && link.to === standsFor[user] && link.sources.has(source)));
  }

  // Where the steps are: the unit at work, those that are done, and those whose gradient has arrived in full.
  walk(moment) {
    this.ground.classList.toggle("walking", moment !== null);
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("now", moment?.unit === unit);
      card.classList.toggle("to-come", moment !== null && !moment.valued.has(unit));
      card.classList.toggle("without-gradient", moment !== null && !moment.arrived.has(unit));
    }
    this.wires.mark("at-work", (link) => moment?.unit === link.to && (moment.phase === "forward" || link.flowing));
  }
}

function sign(x, y, text, name) {
  const made = draw("g", { class: "sign" }, draw("title", {}, `${text === "+" ? "Open" : "Close"} ${name}`), draw("rect", { x, y, width: 18, height: 18, rx: 4 }));
  made.append(lettered({ text, size: 15, bold: true }, x + 9, y + 14, "middle"));
  return made;
}
