// The picture of a page as a file of its own, as it is drawn at this moment: SVG or PNG.
import { showLetters } from "./camera.js";
import { all, button, make } from "./elements.js";

const PIXELS = 2; // of a PNG for each of the picture
const MARGIN = 12;
const SHAPES = "path, rect, polygon";
const CLEAR = "rgba(0, 0, 0, 0)";
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family", "font-size", "font-weight", "text-decoration"];

/**
 * Buttons that save a picture.
 * @param {SVGSVGElement} svg
 * @param {() => string} name of the file, without its ending
 * @param {() => () => void} prepare called before the picture is read; the function returned, after that
 */
export function saveButtons(svg, name, prepare = () => () => {}) {
  const save = (/** @type {string} */ address, /** @type {string} */ ending) =>
    make("a", { href: address, download: `${name()}.${ending}` }).click();
  const address = () => {
    const undo = prepare();
    const text = pictureText(svg);
    undo();
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  };
  return make("div", { class: "save", role: "group", "aria-label": "Save the picture" },
    button("SVG", () => save(address(), "svg"), { title: "Save the picture as SVG" }),
    button("PNG", async () => save(await paint(address()), "png"), { title: "Save the picture as PNG" }));
}

/**
 * The picture as the text of an SVG file: the styles that the page gives each part are written into it.
 * @param {SVGSVGElement} svg
 */
function pictureText(svg) {
  const pane = /** @type {Element} */ (svg.closest(".camera"));
  const hide = showLetters(pane);
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const [parts, copies] = [svg, copy].map((root) => all(root, "*"));
  parts.forEach((part, index) => writeStyles(part, copies[index]));
  hide();
  const [width, height] = ["width", "height"].map((side) => Number(svg.getAttribute(side)) + 2 * MARGIN);
  copy.removeAttribute("class");
  copy.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width} ${height}`);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("style", `background:${getComputedStyle(svg.closest("[data-started]")).backgroundColor}`);
  return new XMLSerializer().serializeToString(copy);
}

/**
 * @param {Element} part
 * @param {Element} copy
 */
function writeStyles(part, copy) {
  const style = getComputedStyle(part);
  const isClear = part.matches(SHAPES) && [style.stroke, style.fill].every((colour) => colour === "none" || colour === CLEAR);
  if (isClear || (style.display === "none" && !part.matches("title"))) {
    copy.remove(); // so are the picture's own styles
    return;
  }
  for (const name of ["class", "tabindex", "role"]) copy.removeAttribute(name);
  if (part.matches(`${SHAPES}, text, tspan`)) copy.setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
}

/**
 * @param {string} address of an SVG
 * @returns {Promise<string>} that of the PNG
 */
async function paint(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = make("canvas", { width: image.width * PIXELS, height: image.height * PIXELS });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}
