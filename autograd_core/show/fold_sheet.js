// The folded picture with some boxes open: its cards, frames and wires, and how they look when something is followed.
class Sheet {
  // svg: where it is drawn; the cards that are there already are only moved, since letters take long to lay out.
  constructor(graph, cards, open, svg) {
    Object.assign(this, { graph, cards, svg });
    this.seen = graph.cut(open);
    this.layout = new Layout(graph, this.seen, (unit, asTitle) => this.sizeOf(unit, asTitle));
    const { width, height, wires, frames, boxes } = this.layout;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.classList.toggle("crowd", wires.length > 150);
    const former = new Map([...svg.querySelectorAll(".card")].map((card) => [+card.dataset.unit, card]));
    this.drawn = new Map([...boxes].map(([unit, box]) => [unit, this.placedCard(former.get(unit), unit, box)]));
    for (const [unit, card] of former) if (!this.drawn.has(unit)) card.remove();
    for (const part of svg.querySelectorAll(".frame, .wires")) part.remove();
    svg.prepend(...frames.map((frame) => this.drawnFrame(frame)), draw("g", { class: "wires" }, ...wires.flatMap((wire) => this.drawnWire(wire))));
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

  drawnWire(wire) {
    wire.parts = [draw("path", { class: `wire${wire.links.some((link) => link.flowing) ? "" : " still"}`, d: wirePath(wire) })];
    if (wire.arrow) {
      const [x, y] = wire.end;
      wire.parts.push(draw("path", { class: "arrow", d: `M${x - 9},${y - 3.8}L${x},${y}L${x - 9},${y + 3.8}Z` }));
      const note = this.drawnNote(wire);
      if (note) wire.parts.push(note);
    }
    return wire.parts;
  }

  // On a wire: how many numbers it carries, or why the gradient fares badly there.
  drawnNote({ end, links }) {
    const count = new Set(links.flatMap((link) => [...link.sources])).size;
    const reason = links.length === 1 ? reasonAt(this.graph, links[0]) : "";
    if (count < 2 && !reason) return null;
    const word = reason ? { text: reason, size: SIZES.small, role: "nonfinite", bold: true } : { text: count.toLocaleString("en"), size: SIZES.small, role: "muted" };
    const wide = textWidth(word.text, word.size) + 6;
    const x = end[0] - 14 - wide / 2;
    return draw("g", { class: "note" },
      draw("rect", { x: x - wide / 2, y: end[1] - 8, width: wide, height: 16, rx: 4 }), lettered(word, x, end[1] + 4, "middle"));
  }

  placedCard(former, unit, { x, y, width, height }) {
    const card = former ?? this.drawnCard(unit, width, height);
    card.setAttribute("transform", `translate(${x},${y})`);
    card.setAttribute("tabindex", "-1");
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
    this.svg.append(card);
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
    this.svg.style.width = `${this.layout.width * scale}px`;
    this.svg.style.height = `${this.layout.height * scale}px`;
  }

  // Which units hold the nodes for which `related` is 1.
  touched(related) {
    const units = new Set();
    related.forEach((is, node) => is && units.add(this.seen.standsFor[node]));
    return units;
  }

  // Show what the selected box depends on (below) and what depends on it (above), and which boxes hold what is marked.
  light(selected, below, above, hits) {
    this.svg.classList.toggle("following", selected !== null);
    const [down, up] = [this.touched(below), this.touched(above)];
    const marked = new Set([...(hits ?? [])].map((node) => this.seen.standsFor[node]));
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("selected", unit === selected);
      card.classList.toggle("related", down.has(unit) || up.has(unit));
      card.classList.toggle("hit", marked.has(unit));
    }
    const related = (link) => [...link.sources].some((node) => (below[node] && down.has(link.to)) || above[node]);
    this.markWires("related", (link) => selected !== null && related(link));
  }

  // One path in the picture, as [source, user] of each edge; none where it is empty.
  trace(path) {
    const { standsFor } = this.seen;
    const units = new Set(path.flat().map((node) => standsFor[node]));
    this.svg.classList.toggle("tracing", path.length > 0);
    for (const [unit, card] of this.drawn) card.classList.toggle("traced", units.has(unit));
    this.markWires("traced", (link) => path.some(([source, user]) => link.from === standsFor[source] && link.to === standsFor[user] && link.sources.has(source)));
  }

  markWires(name, test) {
    for (const { links, parts } of this.layout.wires) {
      const marked = links.some(test);
      for (const part of parts) part.classList.toggle(name, marked);
    }
  }

  // Where the steps are: the unit at work, those that are done, and those whose gradient has arrived in full.
  walk(moment) {
    this.svg.classList.toggle("walking", moment !== null);
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("now", moment?.unit === unit);
      card.classList.toggle("to-come", moment !== null && !moment.valued.has(unit));
      card.classList.toggle("without-gradient", moment !== null && !moment.arrived.has(unit));
    }
    this.markWires("at-work", (link) => moment?.unit === link.to && (moment.phase === "forward" || link.flowing));
  }
}

// What stands at an edge into a dead, saturated or exploding operation: closed, or the factor; "" for other edges.
function reasonAt(graph, { to, sources }) {
  if (graph.isGroup(to) || graph.trouble[to] < 2) return "";
  const edges = Array.from({ length: graph.arity[to] }, (_, index) => graph.first[to] + index).filter((edge) => sources.has(graph.source[edge]));
  const open = edges.filter((edge) => graph.flowing[edge]);
  if (open.length) return `× ${numberText(open.reduce((sum, edge) => sum + graph.partial[edge], 0))}`;
  const isTest = (edge) => ["less", "less_equal", "greater", "greater_equal", "equal"].includes(graph.operations[graph.operation[graph.source[edge]]][0]);
  return edges.every(isTest) ? "" : "closed";
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
