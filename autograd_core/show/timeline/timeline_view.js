// A graph over time: the page goes through epochs whose texts and places are in its data.
import { Address } from "../page/address.js";
import { barRole, barSpan } from "../page/bars.js";
import { Camera } from "../page/camera.js";
import { bytesOf } from "../page/data.js";
import { all, draw, make, pictureOf } from "../page/elements.js";
import { lightUp, partsAt, widenLinks } from "../page/lighting.js";
import { countText } from "../page/numbers.js";
import { Player } from "../page/player.js";
import { saveButtons } from "../page/saved_picture.js";
import { DecisionMap, figureOf } from "./decision_map.js";

const SECONDS_AN_EPOCH = 0.25;
const LEAP = 10; // epochs

/**
 * By epoch: numbers, sentences, facts, changes and the places of the curve. A slot is a text of a card with its word by epoch.
 * @typedef {{ note: string, numbers: number[], sentences: string[], facts: [string, string][][], slots: [number, number, number[]][],
 *   words: [string, string, boolean][], links: [number[], number[]][], roles: string[], bars: Strip[], map: any,
 *   barSizes: { width: number, step: number, tallest: number, nothing: number, notFinite: number },
 *   curve: { places: [number, number][], width: number }, changes: [string, string, string, boolean, number][][], largest: string, cardOfLargest: (number | null)[] }} TimelineData
 * @typedef {{ left: number, zero: number, room: number, coloured: boolean, count: number, heights: string }} Strip
 */

export class TimelineView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.at = -1;
  }

  // ---- building

  /** @param {TimelineData} data */
  build(data) {
    const { root } = this;
    this.data = data;
    this.last = data.numbers.length - 1;
    const part = (/** @type {string} */ name) => {
      const fallback = root.querySelector(`[data-fallback] [data-part="${name}"]`);
      return fallback && pictureOf(fallback);
    };
    this.buildPicture(part("picture"));
    const map = part("map");
    this.map = map && new DecisionMap(root, map, data.map);
    const figures = [...(this.map ? [this.map.element] : []), this.buildCurve(part("curve"))];
    this.player = new Player({
      name: "Epochs", unit: "Epoch", last: this.last, root, seconds: SECONDS_AN_EPOCH, leap: LEAP,
      show: (epoch) => this.show(epoch), fit: () => this.camera.arrange(),
      // A screen reader cannot follow several epochs a second.
      playing: (playing) => this.status.setAttribute("aria-live", playing ? "off" : "polite"),
      speeds: [["0.25", "slow"], ["1", "normal"], ["2.5", "fast"]],
    });
    this.buildChanges();
    this.status = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    this.facts = make("dl", { class: "facts", "aria-hidden": "true" });
    // Room for the longest text of the run, so that nothing beside it moves.
    const longest = (/** @type {number} */ place) => Math.max(...data.facts.map((facts) => (facts[place]?.[1] ?? "").length));
    this.rooms = data.facts[this.last].map((_, place) => `${0.85 * Math.max(longest(place), 5)}ch`);
    const note = make("p", { class: "note" }, `${data.note}. ` +
      "Lines: the gradient that comes back along them, orange for + and blue for −, thicker where it is larger. Bars: one " +
      "number each. Both keep their scale over the whole run and grow with the square root of the number's size.");
    const frame = make("div", { class: "frame" }, this.camera.pane, make("div", { class: "foot" }, note, saveButtons(this.camera.svg, () => `epoch-${data.numbers[this.at]}`), this.camera.controls));
    const main = make("div", { class: "main" }, frame, ...figures, this.changes);
    root.classList.toggle("mapless", !this.map);
    root.append(make("div", { class: "live" }, this.player.element, this.facts, this.status, main));
    root.tabIndex = -1;
    this.show(this.last);
    lightUp(root, (target) => partsAt(root, target));
    this.address = new Address((state) => {
      const at = data.numbers.indexOf(Number(new Map(state).get("epoch")));
      if (at >= 0) this.player.go(at);
    });
  }

  /** @param {SVGSVGElement} svg */
  buildPicture(svg) {
    const cards = new Map(all(svg, "g.card").map((card) => /** @type {[number, SVGGElement]} */ ([+card.dataset.index, card])));
    this.slots = this.data.slots.map(([card, place, words]) =>
      ({ text: cards.get(card).querySelectorAll("text")[place], words }));
    const links = svg.querySelectorAll("g.link");
    this.links = this.data.links.map(([widths, roles], place) =>
      ({ widths, roles, paths: links[place].querySelectorAll("path") }));
    widenLinks(svg);
    const strips = svg.querySelectorAll("g.bars");
    const { width, step } = this.data.barSizes;
    this.bars = this.data.bars.map((bars, place) => {
      const heights = new Int8Array(bytesOf(bars.heights).buffer);
      const rects = Array.from({ length: bars.count }, (_, bar) => draw("rect", { x: bars.left + bar * step, width, y: bars.zero, height: 0 }));
      strips[place].replaceChildren(strips[place].querySelector("path"), ...rects);
      return { ...bars, heights, rects };
    });
    this.camera = new Camera(make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The graph" }, svg), svg);
  }

  /** @param {SVGSVGElement} svg */
  buildCurve(svg) {
    this.curve = { now: svg.querySelector("g.now"), here: svg.querySelector("g.here") };
    const choose = (/** @type {PointerEvent} */ event) => {
      const { left, width } = svg.getBoundingClientRect();
      const x = (event.clientX - left) / width * this.data.curve.width;
      const distances = this.data.curve.places.map((place) => Math.abs(place[0] - x));
      this.player.go(distances.indexOf(Math.min(...distances)));
    };
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      choose(event);
    });
    svg.addEventListener("pointermove", (event) => { if (event.buttons & 1) choose(event); });
    return figureOf("curve", svg);
  }

  buildChanges() {
    this.rows = make("tbody");
    const head = ["parameter", "before", "now", "direction"].map((words) => make("th", { scope: "col" }, words));
    this.since = make("caption");
    this.heads = make("thead", {}, make("tr", {}, ...head));
    this.changes = make("div", { class: "changes" }, make("table", {}, this.since, this.heads, this.rows));
  }

  // ---- one epoch

  /** @param {number} at */
  show(at) {
    if (at === this.at) return;
    this.at = at;
    const { data } = this;
    for (const { text, words } of this.slots) {
      const [written, role, bold] = data.words[words[at]];
      text.textContent = written;
      text.setAttribute("class", `f-${role}`);
      text.setAttribute("font-weight", bold ? "bold" : "normal");
    }
    for (const { widths, roles, paths } of this.links) {
      const role = data.roles[roles[at]];
      paths[0].setAttribute("class", `s-${role}`);
      paths[0].setAttribute("stroke-width", String(widths[at]));
      paths[1].setAttribute("class", `s-${role} f-${role}`);
    }
    for (const bars of this.bars) this.showBars(bars);
    this.map?.show(at);
    const [x, y] = data.curve.places[at];
    const [endX, endY] = data.curve.places[this.last];
    this.curve.now.setAttribute("transform", `translate(${x - endX},0)`);
    this.curve.here.setAttribute("transform", `translate(${x - endX},${y - endY})`);
    this.showWords();
    this.address?.write([["epoch", String(data.numbers[at])]]);
  }

  /** @param {Omit<Strip, "heights"> & { heights: Int8Array, rects: SVGRectElement[] }} strip */
  showBars({ heights, rects, count, zero, room, coloured }) {
    const { tallest, nothing, notFinite } = this.data.barSizes;
    rects.forEach((rect, bar) => {
      const height = heights[this.at * count + bar];
      const finite = height !== notFinite;
      const span = barSpan(height === nothing ? 0 : finite ? height / tallest : 1, zero, room);
      rect.setAttribute("y", String(span.y));
      rect.setAttribute("height", String(span.height));
      rect.setAttribute("class", `f-${barRole(finite ? height : NaN, coloured)}`);
    });
  }

  showWords() {
    const { data, at } = this;
    const number = (/** @type {number} */ place) => countText(data.numbers[place]);
    this.player.steps.show(at, `epoch ${number(at)}`, `epoch ${number(at)} of ${number(this.last)}`);
    this.status.textContent = data.sentences[at];
    this.facts.replaceChildren(...data.facts[at].map(([name, text]) =>
      make("div", name === data.largest && data.cardOfLargest[at] !== null ? { "data-card": data.cardOfLargest[at] } : {}, make("dt", {}, name), make("dd", {}, text))));
    all(this.facts, "dd").forEach((fact, place) => { fact.style.minWidth = this.rooms[place]; });
    this.since.textContent = at === 0 ? "Where it starts from"
      : data.changes[at].length ? `Moved most since epoch ${number(at - 1)}` : `Nothing moved since epoch ${number(at - 1)}`;
    this.heads.hidden = !data.changes[at].length;
    this.rows.replaceChildren(...data.changes[at].map(([name, before, after, up, card]) => make("tr", { "data-card": card },
      make("th", { scope: "row" }, name), make("td", {}, before), make("td", {}, after),
      make("td", { class: up ? "up" : "down" }, up ? "up" : "down"))));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.camera.key(event)) this.player.key(event);
  }
}
