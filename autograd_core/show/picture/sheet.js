// The folded picture with some boxes open: its cards, frames and wires, and the marks on them.
import { all, draw } from "../page/elements.js";
import { drawCard, drawSign } from "./drawing.js";
import { SheetLayout } from "./layout.js";
import { letter, shortened } from "./letters.js";
import { Wires, rounded } from "./wires.js";

const LONGEST_FORMULA = 60;

export class Sheet {
  /**
   * ground: where it is drawn; the cards that are there already are only moved, since letters take long to lay out.
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {import("./cards.js").Cards} cards
   * @param {Set<number>} open
   * @param {SVGSVGElement} ground
   */
  constructor(graph, cards, open, ground) {
    this.graph = graph;
    this.cards = cards;
    this.ground = ground;
    this.cut = graph.cut(open);
    this.layout = new SheetLayout(graph, this.cut, (unit, asTitle) => this.sizeOf(unit, asTitle));
    const { wires, frames, boxes } = this.layout;
    ground.classList.remove("tracing");
    const former = new Map(all(ground, ".card").map((card) => [+card.dataset.unit, card]));
    this.drawn = new Map([...boxes].map(([unit, box]) => [unit, this.placeCard(former.get(unit), unit, box)]));
    for (const [unit, card] of former) if (!this.drawn.has(unit)) card.remove();
    for (const part of ground.querySelectorAll(".frame, .wires")) part.remove();
    this.wires = new Wires(graph, cards.letters, this.cut.links, wires, ground);
    ground.prepend(...frames.map((frame) => this.drawFrame(frame)));
  }

  sizeOf(unit, asTitle) {
    if (asTitle) {
      const { name, formula } = this.title(unit);
      return [Math.max(this.cards.letters.width(name) + 30, this.cards.letters.width(formula)), formula.text ? 40 : 24];
    }
    const card = this.cards.of(unit, this.cut);
    return [card.width, card.height];
  }

  drawFrame({ group, x, y, width, height }) {
    const unit = this.graph.nodes + group;
    const { name, formula } = this.title(unit);
    const frame = draw("g", { class: "frame", "data-group": group },
      draw("rect", { x, y, width, height, rx: 8 }),
      drawSign(x + 10, y + 9, "−", this.graph.nameOf(unit), this.cards.sizes.title), letter(name, x + 34, y + 23));
    if (formula.text) frame.append(letter(formula, x + 14, y + 41));
    return frame;
  }

  title(unit) {
    const { graph, cards: { sizes } } = this;
    const rows = graph.rows.sets.find(({ repeat }) => repeat === unit - graph.nodes);
    return { name: { text: shortened(graph.nameOf(unit)) + (rows ? `: row ${rows.at + 1}` : ""), size: sizes.title, bold: true },
      formula: { text: shortened(graph.formulaOf(unit), LONGEST_FORMULA), size: sizes.small, role: "muted" } };
  }

  placeCard(former, unit, { x, y, width }) {
    const card = former ?? this.drawCard(unit, width);
    card.setAttribute("transform", `translate(${rounded(x)},${rounded(y)})`);
    if (card.tabIndex === 0) card.setAttribute("tabindex", "-1");
    return card;
  }

  drawCard(unit, width) {
    const card = drawCard(this.cards, this.cards.of(unit, this.cut));
    card.setAttribute("role", "button"); // its name is the text on it
    card.dataset.name = this.graph.nameOf(unit);
    if (this.graph.isGroup(unit) && this.graph.kindOf(unit) !== "rows") {
      card.setAttribute("aria-expanded", "false");
      card.append(drawSign(width - 22, 6, "+", this.graph.nameOf(unit), this.cards.sizes.title));
    }
    this.ground.append(card);
    return card;
  }

  // A group's frame or closed box.
  boxOf(group) {
    return this.layout.frames.find((frame) => frame.group === group) ?? this.layout.boxes.get(this.graph.nodes + group);
  }

  // The units that hold the nodes for which `related` is 1.
  touched(related) {
    const units = new Set();
    related.forEach((is, node) => is && units.add(this.cut.standsFor[node]));
    return units;
  }

  // Light the boxes that the selected one depends on (below) or that depend on it (above), and those with a hit inside.
  light(selected, below, above, hits) {
    this.ground.classList.toggle("following", selected !== null);
    const [down, up] = [this.touched(below), this.touched(above)];
    const marked = new Set([...(hits ?? [])].map((node) => this.cut.standsFor[node]));
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
    const { standsFor } = this.cut;
    const units = new Set(path.flat().map((node) => standsFor[node]));
    this.ground.classList.toggle("tracing", path.length > 0);
    for (const [unit, card] of this.drawn) card.classList.toggle("traced", units.has(unit));
    this.wires.mark("traced", (link) => path.some(([source, user]) => link.from === standsFor[source] && link.to === standsFor[user] && link.sources.has(source)));
  }

  // A step: the unit at work, those that have a value, and those whose gradient is complete.
  walk(step) {
    this.ground.classList.toggle("walking", step !== null);
    for (const [unit, card] of this.drawn) {
      card.classList.toggle("now", step?.unit === unit);
      card.classList.toggle("to-come", step !== null && !step.valued.has(unit));
      card.classList.toggle("without-gradient", step !== null && !step.arrived.has(unit));
    }
    this.wires.mark("at-work", (link) => step?.unit === link.to && (step.phase === "forward" || link.flowing));
  }
}
