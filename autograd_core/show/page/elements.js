// Elements of HTML and SVG.
const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Record<string, string | number>} Attributes
 * @typedef {string | Node} Child
 */

/**
 * @template {Element} T
 * @param {T} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
export function fill(element, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * An element of HTML.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * The elements that match a selector. Their kind follows from the page's HTML.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {any[]}
 */
export const all = (root, selector) => [...root.querySelectorAll(selector)];

/**
 * @param {string} words
 * @param {(event: Event) => void} click
 * @param {Attributes} attributes
 */
export function button(words, click, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, words);
  element.addEventListener("click", click);
  return element;
}

/**
 * Switches a button off without `disabled`, which would take the focus away.
 * @param {Element} element
 * @param {boolean} off
 */
export function switchOff(element, off) {
  if (off) element.setAttribute("aria-disabled", "true");
  else element.removeAttribute("aria-disabled");
}

/**
 * Marks which of several buttons are pressed.
 * @param {Iterable<Element>} buttons
 * @param {(button: HTMLElement) => boolean} isPressed
 */
export function press(buttons, isPressed) {
  for (const element of buttons) element.setAttribute("aria-pressed", String(isPressed(/** @type {HTMLElement} */ (element))));
}

/**
 * The SVG of a picture that is an image in the page.
 * @param {any} image
 */
export const pictureText = ({ src }) => decodeURIComponent(src.slice(src.indexOf(",") + 1));

/**
 * A picture that is an image in the page, as elements.
 * @param {any} image
 * @returns {any}
 */
export const parsePicture = (image) => parseXml(pictureText(image), "image/svg+xml");

/**
 * The picture in the part of a page for readers without scripts.
 * @param {Element} fallback
 * @returns {SVGSVGElement}
 */
export const pictureOf = (fallback) => parsePicture(fallback.querySelector("img"));

/**
 * @param {string} text
 * @param {DOMParserSupportedType} type
 */
export function parseXml(text, type) {
  return document.importNode(new DOMParser().parseFromString(text, type).documentElement, true);
}
