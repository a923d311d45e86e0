// Whether the panel of a page lies beside its picture or below it: where the whole picture is larger.
import { MOST_FITTED } from "./camera.js";

const WIDTH_BESIDE = 0.68; // the picture's shares of the room, as in one_screen.css
const HEIGHT_ABOVE = 0.54;

/**
 * @param {Element} root
 * @param {HTMLElement} main the room of both
 * @param {{ width: number, height: number }} picture
 */
export function placePanel(root, main, { width, height }) {
  const { clientWidth, clientHeight } = main;
  /** @type {(across: number, down: number) => number} */
  const scale = (across, down) => Math.min(clientWidth * across / width, clientHeight * down / height, MOST_FITTED);
  root.classList.toggle("below", scale(1, HEIGHT_ABOVE) > scale(WIDTH_BESIDE, 1));
}
