// The graph of a step-through: the look of its cards and links at a step, and its scale.
import { Camera } from "../page/camera.js";
import { makeTabStop, neighbour } from "../page/card_focus.js";
import { all, draw, fill, make } from "../page/elements.js";

const ARROW = 15; // pixels along each side of its head, which is as wide as twice the angle
const ARROW_ANGLE = 0.45;
const PLATE_PADDING = [5, 2];
const LABEL = 40; // pixels of "value" and of the gap beside it

/**
 * @typedef {{ group: SVGGElement, index: number, value: SVGTextElement, grad: SVGTextElement | undefined, sheet: SVGPathElement,
 *   state: string }} DrawnCard
 * @typedef {{ link: import("./sweep.js").Link, group: SVGGElement, line: SVGPathElement, head: SVGPathElement, short: string, long: string,
 *   label: SVGGElement, plate: SVGPathElement, text: SVGTextElement, words: string, state: string, gate: boolean | null, numbers: object | null }} DrawnLink
 *   short and long: the line without and with the place of its arrowhead
 */

/** @param {Element} path */
const coordinates = (path) => path.getAttribute("d").match(/-?[\d.]+/g).map(Number);

export class GraphPicture {
  /**
   * @param {HTMLElement} root
   * @param {import("./sweep.js").Sweep} sweep
   * @param {SVGSVGElement} svg
   */
  constructor(root, sweep, svg) {
    this.root = root;
    this.sweep = sweep;
    this.svg = svg;
    this.svg.setAttribute("role", "group");
    this.pane = make("div", { class: "picture", tabindex: "-1", role: "region", "aria-label": "The graph" }, this.svg);
    this.camera = new Camera(this.pane, this.svg);
    /** @type {DrawnCard[]} */
    this.cards = [];
    for (const group of all(this.svg, "g.card")) this.buildCard(group);
    this.links = all(this.svg, "g.link").map((group, index) => this.buildLink(group, sweep.links[index]));
  }

  /** @param {SVGGElement} group */
  buildCard(group) {
    const index = Number(group.dataset.index);
    const [value, grad] = ["value", "grad"].map((role) => /** @type {SVGTextElement | null} */ (group.querySelector(`text.${role}`)));
    const sheets = all(group, "path[class*='-fill']"); // two of a stack
    group.prepend(draw("path", { class: "ring", d: sheets.map((sheet) => sheet.getAttribute("d")).join("") }));
    // A screen reader reads the text of a card, unless the card has a tooltip: that goes to the sheet below the text.
    const tooltip = group.querySelector("title");
    if (tooltip) fill(sheets.at(-1), { "aria-hidden": "true" }, [tooltip]);
    this.cards[index] = { group, index, value, grad, sheet: sheets.at(-1), state: "" };
    if (typeof this.sweep.names[index] !== "string") return;
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "-1");
  }

  /**
   * @param {SVGGElement} group
   * @param {import("./sweep.js").Link} link
   * @returns {DrawnLink}
   */
  buildLink(group, link) {
    const [line, head] = all(group, "path");
    head.classList.add("head");
    line.classList.add("line");
    const copy = (/** @type {string} */ name) => draw("path", { class: name, d: line.getAttribute("d") });
    const [x, y, awayX, awayY] = coordinates(line);
    const angle = Math.atan2(awayY - y, awayX - x);
    const wing = (/** @type {number} */ turn) => `${x + ARROW * Math.cos(angle + turn)},${y + ARROW * Math.sin(angle + turn)}`;
    const back = draw("path", { class: "back", d: `M${x},${y}L${wing(ARROW_ANGLE)} ${wing(-ARROW_ANGLE)}Z` });
    const pulse = copy("pulse");
    pulse.setAttribute("pathLength", "100");
    group.append(back, pulse, copy("touch"));
    const [label] = all(this.svg, `g.carried[data-link="${link.index}"]`);
    label?.querySelector("path").classList.add("plate");
    // On the way back the line reaches the card where its arrowhead was.
    const [tipX, tipY] = coordinates(head).slice(2, 4);
    const short = line.getAttribute("d");
    return { link, group, line, head, short, long: `${short}L${tipX},${tipY}`, label, plate: label?.querySelector("path"),
      text: label?.querySelector("text"), words: label?.textContent, state: "", gate: null, numbers: null };
  }

  // At the sweep's step.
  show() {
    for (const card of this.cards) if (card) this.showCard(card);
    for (const drawn of this.links) this.showLink(drawn);
    if (!this.svg.contains(document.activeElement)) this.makeTabStop(this.sweep.step.node);
  }

  /** @param {DrawnCard} card */
  showCard(card) {
    const { sweep } = this;
    const { computed = -1, changes = [] } = sweep.cards[card.index] ?? {};
    const state = sweep.at >= sweep.turn && !card.grad && sweep.cardState(card.index) === "to-come" ? "done" : sweep.cardState(card.index);
    if (card.state !== state) {
      for (const name of ["now", "receiving", "done", "to-come"]) card.group.classList.toggle(name, name === state);
      card.state = state;
    }
    for (const what of /** @type {("value" | "grad")[]} */ (["value", "grad"])) {
      if (!card[what] || computed < 0) continue;
      const change = changes.findLast((last) => last.what === what && last.number <= sweep.at);
      const { text, role } = !change ? { text: "–", role: "ink" } : sweep.changed ? sweep.numberAt(card.index, what) : change;
      if (card[what].textContent !== text) writeNumber(card[what], text, card.sheet, sweep.changed);
      const look = `f-${role}${change?.number === sweep.at && text !== "–" ? " fresh" : ""}`;
      if (card[what].getAttribute("class") !== look) card[what].setAttribute("class", look);
    }
  }

  /** @param {DrawnLink} drawn */
  showLink(drawn) {
    const { sweep } = this;
    const { group, line, link } = drawn;
    const carried = sweep.contributionOf(link);
    const state = sweep.linkState(link);
    const back = state === "now" || state === "done";
    const look = `${state}${sweep.step.phase === "backward" && carried ? ` ${carried.flows ? carried.role : "nothing"}` : ""}`;
    if (drawn.state === look && drawn.numbers === sweep.now) return;
    group.classList.remove(...drawn.state.split(" ").filter(Boolean));
    group.classList.add(...look.split(" "));
    Object.assign(drawn, { state: look, numbers: sweep.now });
    line.setAttribute("d", back && carried?.flows ? drawn.long : drawn.short);
    if (carried && drawn.gate !== carried.flows) this.showGate(drawn, carried.flows);
    group.style.setProperty("--width", String(state === "done" && carried ? carried.width : 1.5));
    if (!drawn.label && carried?.flows) this.addLabel(drawn);
    if (!drawn.label) return;
    drawn.label.classList.toggle("now", state === "now");
    drawn.label.classList.toggle("shown", back && (carried.flows || state === "now"));
    drawn.text.setAttribute("class", `f-${carried.role}`);
    const words = state === "now" ? carried.product : carried.text;
    if (drawn.words === words) return;
    drawn.words = words;
    if (drawn.label.matches(".flat")) drawn.text.textContent = words;
    else writeProduct(drawn.text, words);
    fitPlate(drawn.plate, drawn.text);
  }

  /**
   * The line and the word of a gate show whether it is open, also after a number was changed.
   * @param {DrawnLink} drawn
   * @param {boolean} open
   */
  showGate(drawn, open) {
    drawn.gate = open;
    if (!drawn.group.matches(".closed, .gated")) {
      if (open) return;
      drawn.group.classList.add("gated");
    }
    for (const part of [drawn.line, drawn.head]) part.style.strokeDasharray = open ? "none" : part === drawn.line ? "7 4" : "";
    const [note] = all(this.svg, `g.note[data-link="${drawn.link.index}"]`);
    const word = note?.querySelector("text");
    if (!word) return;
    note.dataset.closed ??= word.textContent;
    word.textContent = open ? note.dataset.closed.replace(/:? ?closed$/, "") : note.dataset.closed;
    note.style.display = word.textContent ? "" : "none";
  }

  /**
   * An edge that was closed at the first numbers may be open at others, and then has a contribution.
   * @param {DrawnLink} drawn
   */
  addLabel(drawn) {
    const { x, y } = drawn.line.getPointAtLength(drawn.line.getTotalLength() / 2);
    drawn.text = draw("text", { x, y: y + 4, "font-size": this.sweep.data.small, "font-weight": "bold", "text-anchor": "middle" });
    drawn.plate = draw("path", { class: "f-page plate" });
    drawn.label = draw("g", { class: "carried", "data-link": drawn.link.index }, drawn.plate, drawn.text);
    this.svg.append(drawn.label);
  }

  /**
   * A path shown in the picture, as the numbers of its links.
   * @param {number[]} path
   */
  trace(path) {
    for (const { group, link } of this.links) group.classList.toggle("traced", path.includes(link.index));
  }

  /**
   * The edge that is asked for, in sight; null for none.
   * @param {number | null} link
   */
  point(link) {
    this.trace(link === null ? [] : [link]);
    if (link === null) return;
    const { tip, tail } = this.links[link].link;
    this.camera.showBoxes([tip, tail].map((card) => this.cards[card].group.getBBox()));
  }

  /**
   * To the next card in a direction, which comes into sight.
   * @param {number} index
   * @param {import("../page/card_focus.js").Direction} direction
   */
  moveFocus(index, direction) {
    const named = this.cards.filter((card) => card?.group.hasAttribute("tabindex"));
    const boxes = new Map(named.map((card) => [card.index, card.group.getBBox()]));
    const links = this.sweep.links.map(({ tail, tip }) => ({ from: tail, to: tip })).filter(({ from, to }) => boxes.has(from) && boxes.has(to));
    const next = neighbour(index, direction, boxes, links);
    if (next === undefined) return;
    this.makeTabStop(next);
    this.cards[next].group.focus({ preventScroll: true });
    this.camera.showBoxes([boxes.get(next)]);
  }

  /** @param {number} index */
  makeTabStop(index) {
    makeTabStop(this.cards.filter((card) => card?.group.hasAttribute("tabindex")).map(({ group }) => group), this.cards[index].group);
  }

  // The cards and the product of the sweep's step; on the way forward also the operands, where they have room.
  follow(smooth = true) {
    const { step, at } = this.sweep;
    const drawn = step.link === null ? null : this.links[step.link];
    const groups = [step.node, step.source ?? step.node].map((index) => this.cards[index].group);
    if (drawn?.label?.matches(".now")) groups.push(drawn.label);
    const boxes = groups.map((group) => group.getBBox());
    const operands = this.sweep.links.filter(({ tip }) => at < this.sweep.turn && tip === step.node)
      .map(({ tail }) => this.cards[tail].group.getBBox());
    const wider = [...boxes, ...operands];
    this.camera.showBoxes(this.camera.hasRoomFor(wider) ? wider : boxes, { smooth });
  }
}

/**
 * A number on a card; the layout has room for those of the sweep, and another one is as narrow as it has to be.
 * @param {SVGTextElement} element
 * @param {string} text
 * @param {SVGPathElement} sheet
 * @param {boolean} isOther
 */
function writeNumber(element, text, sheet, isOther) {
  element.textContent = text;
  element.removeAttribute("textLength");
  if (!isOther) return;
  const { x, width } = sheet.getBBox();
  const right = Number(element.getAttribute("x"));
  const room = 2 * right - 2 * x - width - LABEL; // as far from the left border as from the right one, beside its label
  if (element.getComputedTextLength() > room) fill(element, { textLength: room, lengthAdjust: "spacingAndGlyphs" });
}

/**
 * A product in two lines: the factors, and the result below them.
 * @param {SVGTextElement} text
 * @param {string} product
 */
function writeProduct(text, product) {
  const [, factors, result] = /^(.* )([=≈] .*)$/.exec(product) ?? [];
  if (!factors) {
    text.textContent = product;
    return;
  }
  const x = text.getAttribute("x");
  text.replaceChildren(draw("tspan", { class: "factors", x, dy: "-0.65em" }, factors), draw("tspan", { x, dy: "1.3em" }, result));
}

/**
 * The plate as large as its words.
 * @param {SVGPathElement} plate
 * @param {SVGTextElement} text
 */
function fitPlate(plate, text) {
  const { x, y, width, height } = text.getBBox();
  const [wide, high] = PLATE_PADDING;
  plate.setAttribute("d", `M${x - wide},${y - high}h${width + 2 * wide}v${height + 2 * high}h${-width - 2 * wide}Z`);
}
