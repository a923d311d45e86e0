// The model over the plane: shades of the classes, their boundary, and the points that are wrong.
import { bytesOf } from "../page/data.js";
import { all, draw, make } from "../page/elements.js";

/**
 * A picture that is as large as its place, with what lies under it.
 * @param {string} name
 * @param {SVGSVGElement} svg
 * @param {Element[]} under
 */
export function figureOf(name, svg, ...under) {
  const ratio = Number(svg.getAttribute("width")) / Number(svg.getAttribute("height"));
  return make("figure", { class: name }, make("div", { style: `--ratio:${ratio}` }, ...under, svg));
}

export class DecisionMap {
  /**
   * @param {HTMLElement} root
   * @param {SVGSVGElement} svg
   * @param {any} data
   */
  constructor(root, svg, data) {
    const { box: [left, top, right, bottom], size: [width, height], side, shades } = data;
    this.root = root;
    this.data = data;
    this.at = 0;
    const percent = (/** @type {number} */ share) => `${100 * share}%`;
    this.canvas = make("canvas", { width: side, height: side });
    const plot = make("div", { class: "plot", "aria-hidden": "true" }, this.canvas);
    Object.assign(plot.style, { left: percent(left / width), top: percent(top / height),
      width: percent((right - left) / width), height: percent((bottom - top) / height) });
    // The outermost grid points lie on the border: half a pixel of the canvas is beyond it on every side.
    Object.assign(this.canvas.style, { left: percent(-0.5 / (side - 1)), top: percent(-0.5 / (side - 1)),
      width: percent(side / (side - 1)), height: percent(side / (side - 1)) });
    this.line = draw("path", { class: "s-ink", fill: "none", "stroke-width": "2.2", "stroke-linecap": "round" });
    svg.querySelector("g.boundary").replaceChildren(this.line);
    /** @type {Map<number, SVGGElement>} */
    this.points = new Map(all(svg, "g.point").map((point) => [+point.dataset.row, point]));
    for (const point of this.points.values()) point.querySelector("path").classList.replace("s-ink", "s-page");
    this.element = figureOf("map", svg, ...(shades ? [plot] : []));
    /** @type {Uint8Array[] | undefined} */
    this.shades = shades?.map(bytesOf);
    /** @type {number[]} */
    this.wrong = [];
    // The shades are pixels, so they do not follow the reader's theme by themselves.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.shade());
    new MutationObserver((_, observer) => root.isConnected ? this.shade() : observer.disconnect())
      .observe(document.body, { attributes: true });
  }

  /** @param {number} at */
  show(at) {
    this.at = at;
    this.line.setAttribute("d", this.data.lines[at]);
    for (const row of this.wrong) this.points.get(row).classList.remove("wrong");
    this.wrong = this.data.wrong[at];
    for (const row of this.wrong) this.points.get(row).classList.add("wrong");
    this.shade();
  }

  shade() {
    if (!this.shades) return;
    const { side, roles, kind, deepest, levels } = this.data;
    const style = getComputedStyle(this.root);
    /** @type {(role: string) => number[]} */
    const colour = (role) => style.getPropertyValue(`--${role}`).trim().match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
    const page = colour("page");
    const colours = roles.map(colour);
    const image = new ImageData(side, side);
    this.shades[this.at].forEach((shade, place) => {
      const [own, share] = kind === "classes"
        ? [colours[Math.min(Math.floor(shade / levels), colours.length - 1)], shade % levels / (levels - 1)]
        : [colours[shade > 127 ? 1 : 0], Math.min(Math.abs(shade - 127) / 127, 1)];
      for (let part = 0; part < 3; part += 1) image.data[4 * place + part] = page[part] + (own[part] - page[part]) * share * deepest;
      image.data[4 * place + 3] = 255;
    });
    // It holds pixels only, so it need not be on a graphics card.
    this.canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
  }
}
