// The picture of a record, in which it is edited: cards to choose, ports to lead edges from, numbers to drag.
import { directionOf } from "../page/card_focus.js";
import { all, make } from "../page/elements.js";
import { saveButtons } from "../page/saved_picture.js";
import { GraphPicture } from "../stepper/graph_picture.js";
import { NumberHandles } from "../stepper/number_handles.js";
import { numbersOf } from "../stepper/recompute.js";
import { Sweep } from "../stepper/sweep.js";
import { GraphDrawing } from "./graph_drawing.js";
import { nameText } from "./graph_record.js";
import { JoinByPointer, joinPorts, portAt } from "./join_by_pointer.js";
import { numbersFor, shownName, sweepData } from "./sweep_steps.js";

const NARROW = 560; // pixels
const BUBBLE = { width: 260, height: 60 };

/**
 * @typedef {import("./join_by_pointer.js").Port} Port
 * @typedef {import("./evaluate_graph.js").Evaluation} Evaluation
 * @typedef {object} PaneActions
 * @property {(id: number | null, byKey: boolean) => void} choose
 * @property {(link: number) => void} visitLink
 * @property {(id: number) => void} remove
 * @property {(words: string) => void} say
 */

export class GraphPane {
  /**
   * @param {HTMLElement} root
   * @param {import("./record_editor.js").RecordEditor} editor
   * @param {import("../picture/letters.js").Letters} letters
   * @param {PaneActions} actions
   */
  constructor(root, editor, letters, actions) {
    this.root = root;
    this.editor = editor;
    this.letters = letters;
    this.actions = actions;
    /** @type {Port | null} a port that was tapped: the other end is to follow */
    this.armed = null;
    this.canEdit = true;
    this.hintText = make("p", { class: "foot-hint" });
    this.element = make("div", { class: "frame" });
    this.wasNarrow = false;
    new ResizeObserver(() => { if (this.found && this.isNarrow !== this.wasNarrow) editor.events.shaped(); }).observe(this.element);
    /** @type {import("./join_by_pointer.js").Join} */
    this.joining = (from, to, place) => editor.join(from, to, place);
    /** @type {import("../stepper/sweep.js").Sweep | undefined} */
    this.sweep = undefined;
    /** @type {GraphPicture | undefined} */
    this.picture = undefined;
    /** @type {HTMLElement | undefined} */
    this.bubble = undefined;
  }

  /** A record of another shape: everything is drawn anew. @param {Evaluation} found */
  show(found) {
    const { graph, chosen, table } = this.editor;
    const hadFocus = this.element.contains(document.activeElement);
    this.disarm();
    this.graph = graph;
    this.found = found;
    this.bubble = undefined;
    this.sweep = this.picture = undefined;
    this.wasNarrow = this.isNarrow;
    if (!graph.nodes.length) {
      this.element.replaceChildren(make("p", { class: "nothing" }, "No node yet. Add an input and an operation, write a program, or choose an example."));
      return;
    }
    const data = sweepData(graph, found);
    this.sweep = new Sweep(data);
    this.sweep.now = numbersOf(data.numbers); // not those of the data: texts follow the numbers
    const { svg } = new GraphDrawing(graph, table, found, this.letters, this.isNarrow);
    this.picture = new GraphPicture(this.root, this.sweep, svg);
    this.element.replaceChildren(this.picture.pane, make("div", { class: "foot" }, this.hintText, saveButtons(svg, () => "graph"), this.picture.camera.controls));
    this.picture.camera.arrange();
    if (this.canEdit) {
      new JoinByPointer(svg, (card) => this.graph.nodes[card].id, this.joining, ({ node, place }) => this.editor.disconnect(node, place));
      this.handles = new NumberHandles(this.picture, this.leafNumbers(this.sweep), () => {});
    }
    svg.addEventListener("click", (event) => this.click(/** @type {Element} */ (event.target)));
    this.mark(chosen);
    if (hadFocus) this.focus(chosen ?? found.output);
  }

  // In a narrow pane edges lead down.
  get isNarrow() {
    return this.element.clientWidth < NARROW;
  }

  /** The same record at other numbers: the picture stays. @param {Evaluation} found */
  showNumbers(found) {
    const { graph } = this.editor;
    this.graph = graph;
    this.found = found;
    this.sweep.now = numbersOf(numbersFor(graph, found)); // shown with the step
    // The step-through writes the numbers of inputs and operations alone.
    graph.nodes.forEach((node, card) => {
      if (!node.operation && !node.label) all(this.picture.cards[card].group, "text")[0].textContent = shownName(node, found);
    });
  }

  /** The numbers of the inputs, to drag and to change by keys. @type {(sweep: Sweep) => import("../stepper/number_handles.js").LeafNumbers} */
  leafNumbers(sweep) {
    const node = (/** @type {number} */ card) => this.graph.nodes[card];
    return { leaves: sweep.data.program.leaves, sweep, numberOf: (card) => node(card).number, stepOf: (card) => Math.max(1, Math.abs(sweep.base.values[card])) / 100,
      change: (card, number) => this.editor.setNumber(node(card).id, +number.toPrecision(6)) };
  }

  // ---- what stands out

  /** @param {number} id */
  drawn(id) {
    return this.picture?.cards[this.graph.nodes.findIndex((node) => node.id === id)];
  }

  /** @param {number | null} chosen */
  mark(chosen) {
    for (const card of this.picture?.cards ?? []) {
      const isChosen = this.graph.nodes[card.index].id === chosen;
      card.group.classList.toggle("selected", isChosen);
      card.group.setAttribute("aria-pressed", String(isChosen));
    }
  }

  /** @param {number | null} id */
  focus(id) {
    const card = this.drawn(id);
    if (!card) return;
    this.picture.makeTabStop(card.index);
    card.group.focus({ preventScroll: true });
  }

  /** What is not possible stands at the node, and is read aloud. @param {import("./edit_graph.js").Refusal} refusal */
  refuse({ node, why }) {
    this.clearRefusal();
    const card = this.drawn(node);
    if (!card) return;
    card.group.classList.add("refused");
    const pane = this.picture.pane.getBoundingClientRect();
    const box = card.group.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left - pane.left, pane.width - BUBBLE.width));
    const top = Math.max(8, Math.min(box.bottom - pane.top + 6, pane.height - BUBBLE.height));
    this.bubble = make("p", { class: "bubble", role: "alert", style: `left:${left}px;top:${top}px` }, `Not possible: ${why}`);
    this.picture.pane.append(this.bubble);
  }

  clearRefusal() {
    this.bubble?.remove();
    for (const card of all(this.element, ".refused")) card.classList.remove("refused");
  }

  /** @param {Port} port */
  arm(port) {
    const name = nameText(this.found.names.get(port.node));
    this.disarm();
    this.armed = port;
    this.root.classList.add("joining");
    const selector = `g.port[data-node="${port.node}"]${port.place === null ? ".exit" : `[data-place="${port.place}"]`}`;
    for (const drawn of all(this.element, selector)) drawn.classList.add("armed");
    this.hintText.textContent = port.place === null ? `From ${name}: choose the input or the card that it goes into. Escape ends it.`
      : `Choose what goes into ${name}: a card, or an operation or a number to add. Escape ends it.`;
    this.actions.say(this.hintText.textContent);
  }

  disarm() {
    this.armed = null;
    this.root.classList.remove("joining");
    for (const drawn of all(this.element, ".armed")) drawn.classList.remove("armed");
    this.hintText.textContent = "";
  }

  // ---- events

  /** @param {Element} target */
  click(target) {
    const port = this.canEdit ? portAt(target) : null;
    const card = /** @type {SVGGElement | null} */ (target.closest("g.card"));
    const link = /** @type {SVGGElement | null} */ (target.closest("g.link, g.carried"));
    const id = card && this.graph.nodes[Number(card.dataset.index)].id;
    if (this.armed && (port || card)) this.endAt(port ?? { node: id, place: null }, Boolean(port));
    else if (port) this.arm(port);
    else if (link) this.actions.visitLink(Number(link.dataset.edge ?? link.dataset.link));
    else this.actions.choose(id, false);
  }

  /** The other end of the edge that was begun. @type {(port: Port, isPort: boolean) => void} */
  endAt(port, isPort) {
    const { armed } = this;
    this.disarm();
    if (!isPort || port.node !== armed.node || port.place !== armed.place) joinPorts(armed, port, isPort, this.joining);
  }

  /**
   * Handles a key on a card; returns whether it was one of its keys.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const card = /** @type {SVGGElement | null} */ (/** @type {Element} */ (event.target).closest("g.card"));
    if (!card || event.altKey || event.ctrlKey || event.metaKey) return false;
    const index = Number(card.dataset.index);
    const { id } = this.graph.nodes[index];
    const direction = event.shiftKey ? undefined : directionOf(event);
    if (direction) this.picture.moveFocus(index, direction);
    else if (event.key === "Enter") {
      if (this.armed) this.endAt({ node: id, place: null }, false);
      else this.actions.choose(id, true);
    } else if (!this.canEdit) return false;
    else if (event.key === "Delete" || event.key === "Backspace") this.actions.remove(id);
    else if (event.key === "c") this.arm({ node: id, place: null });
    else return this.handles.key(event, index);
    return true;
  }
}
