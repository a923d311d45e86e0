// Edges led by the pointer: dragged from a port to another, or to a card; or one port tapped, and then the other end.
import { all, draw } from "../page/elements.js";

const NEAREST_DRAG = 6; // pixels; a shorter way is a tap

/**
 * @typedef {{ node: number, place: number | null }} Port place: null for the output of a node
 * @typedef {(from: number, to: number, place: number | null) => void} Join place: null for the first input that is free
 */

/** @param {Element | null} target @returns {Port | null} */
export function portAt(target) {
  const port = /** @type {SVGGElement | null} */ (target?.closest("g.port"));
  return port && { node: Number(port.dataset.node), place: port.dataset.place === undefined ? null : Number(port.dataset.place) };
}

export class JoinByPointer {
  /**
   * @param {SVGSVGElement} svg
   * @param {(card: number) => number} nodeAt
   * @param {Join} join
   * @param {(port: Port) => void} cut an input was dragged to where nothing is
   */
  constructor(svg, nodeAt, join, cut) {
    this.svg = svg;
    this.nodeAt = nodeAt;
    this.join = join;
    this.cut = cut;
    for (const port of all(svg, "g.port")) this.listen(port);
  }

  /** @param {SVGGElement} port */
  listen(port) {
    /** @type {{ x: number, y: number, start: DOMPoint } | null} */
    let drag = null;
    /** @type {SVGPathElement | null} */
    let line = null;
    port.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.stopPropagation(); // the picture itself stays where it is
      drag = { x: event.clientX, y: event.clientY, start: this.pointAt(event) };
      port.setPointerCapture(event.pointerId);
    });
    port.addEventListener("pointermove", (event) => {
      if (!drag || (!line && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < NEAREST_DRAG)) return;
      if (!line) this.svg.append((line = draw("path", { class: "rubber" })));
      const { x, y } = this.pointAt(event);
      line.setAttribute("d", `M${drag.start.x},${drag.start.y}L${x},${y}`);
      for (const other of all(this.svg, ".aimed")) other.classList.remove("aimed");
      this.below(event)?.closest("g.port, g.card")?.classList.add("aimed");
    });
    for (const name of /** @type {("pointerup" | "pointercancel")[]} */ (["pointerup", "pointercancel"])) {
      port.addEventListener(name, (event) => {
        for (const other of all(this.svg, ".aimed")) other.classList.remove("aimed");
        const wasDrag = line !== null;
        line?.remove();
        if (drag && wasDrag && name === "pointerup") this.end(portAt(port), this.below(event));
        [drag, line] = [null, null];
        if (wasDrag) port.addEventListener("click", (click) => click.stopPropagation(), { once: true, capture: true });
      });
    }
  }

  /** @param {MouseEvent} event */
  pointAt({ clientX, clientY }) {
    return new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
  }

  /** @param {MouseEvent} event */
  below({ clientX, clientY }) {
    const target = document.elementFromPoint(clientX, clientY);
    return this.svg.contains(target) ? target : null;
  }

  /**
   * @param {Port} start
   * @param {Element | null} target
   */
  end(start, target) {
    const port = portAt(target);
    const card = /** @type {SVGGElement | null} */ (target?.closest("g.card"));
    if (port || card) joinPorts(start, port ?? { node: this.nodeAt(Number(card.dataset.index)), place: null }, Boolean(port), this.join);
    else if (start.place !== null) this.cut(start);
  }
}

/**
 * From one end to the other, whichever of them was taken first. The output of a node, or its card, can be either.
 * @param {Port} first
 * @param {Port} second
 * @param {boolean} isPort whether the second is a port, and not a card
 * @param {Join} join
 */
export function joinPorts(first, second, isPort, join) {
  if (first.place !== null && second.place !== null && isPort) return; // two inputs
  if (first.place !== null) join(second.node, first.node, first.place);
  else join(first.node, second.node, second.place);
}
