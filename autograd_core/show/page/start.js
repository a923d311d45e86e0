// Finds the roots of a view in the document, or in a part of it, and starts each of them once.
import { showLetters } from "./camera.js";
import { make } from "./elements.js";

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {(data: any) => void} build
 * @property {(event: KeyboardEvent) => void} [key] takes keys also while nothing has the focus
 * @property {(onPaper: boolean) => void} [print] called before and after the document is printed
 */

// A notebook runs the script of a view once for each output; their shared state is on the window.
/** @type {{ count: number, lastUsed: View | null }} */
const page = (window.autograd ??= { count: 0, lastUsed: null });

/**
 * If a view cannot start, its picture and its table stay in the page.
 * @param {string} name of the attribute of its roots, data-autograd-NAME
 * @param {new (root: HTMLElement, number: number) => View} View
 * @param {ParentNode} [around] where the roots are looked for: a widget may be in a shadow root
 */
export function start(name, View, around = document) {
  if (!page.count) listen();
  const style = window.autogradStyles?.[name];
  const mark = `data-autograd-${name}-style`;
  if (style && !document.querySelector(`style[${mark}]`)) document.head.append(make("style", { [mark]: "" }, style));
  for (const element of around.querySelectorAll(`[data-autograd-${name}]:not([data-started])`)) {
    const root = /** @type {HTMLElement} */ (element);
    root.setAttribute("data-started", "");
    try {
      startView(root, new View(root, ++page.count));
    } catch (problem) {
      root.classList.remove("ready");
      root.querySelector(".live")?.remove();
      console.warn(`The ${name} could not start:`, problem);
    }
  }
}

/**
 * @param {HTMLElement} root
 * @param {View} view
 */
function startView(root, view) {
  root.classList.add("ready"); // hides the fallback, so that the view is measured in its place
  view.build(JSON.parse(root.querySelector('script[type="application/json"]').textContent));
  root.autogradView = view;
  if (!view.key) return;
  const use = () => { page.lastUsed = view; };
  for (const event of ["focusin", "pointerdown", "pointerenter"]) root.addEventListener(event, use);
  root.addEventListener("keydown", (event) => view.key(event));
  if (document.body.matches(".autograd-page")) page.lastUsed ??= view;
}

// The present roots: a cell that is run again removes its view from the page.
const views = () => [...document.querySelectorAll("[data-started]")].map((root) => root.autogradView);

function listen() {
  /** @type {Element[]} */
  let scaled = [];
  /** @type {(() => void)[]} */
  let hiding = [];
  window.addEventListener("beforeprint", () => {
    views().forEach((view) => view?.print?.(true));
    // Paper scales a picture by its view box, which a picture that is scaled by itself does not have.
    scaled = [...document.querySelectorAll("[data-started] .picture svg:not([viewBox])")];
    hiding = [...document.querySelectorAll("[data-started] .camera")].map(showLetters);
    for (const picture of scaled) picture.setAttribute("viewBox", `0 0 ${picture.clientWidth} ${picture.clientHeight}`);
  });
  window.addEventListener("afterprint", () => {
    views().forEach((view) => view?.print?.(false));
    for (const hide of hiding) hide();
    for (const picture of scaled) picture.removeAttribute("viewBox");
  });
  document.addEventListener("keydown", (event) => {
    if (document.activeElement === document.body && page.lastUsed?.root.isConnected) page.lastUsed.key(event);
  });
  window.addEventListener("keydown", suppressShortcuts, true);
}

/**
 * A notebook has commands on the same keys, and the classic one takes keys before the page does. It leaves alone the
 * element with the focus if that has this attribute; all other keys stay the notebook's.
 * @param {KeyboardEvent} event
 */
function suppressShortcuts(event) {
  const on = event.target;
  if (!(on instanceof Element && on.closest("[data-started]:not([data-autograd-quiz])"))) return;
  const named = /^( |Arrow.*|Page.*|Home|End|Enter|Escape)$/.test(event.key);
  const inBox = on.matches("[data-autograd-fold] .card") && /^([-+=0/bn]|Backspace)$/.test(event.key);
  const modified = event.altKey || event.ctrlKey || event.metaKey;
  on.toggleAttribute("data-lm-suppress-shortcuts", !modified && ((named && !event.shiftKey) || inBox));
}
