// Wheel, pinch, drag and double click in the pane of a camera.

const NEAREST_DRAG = 4; // pixels; a shorter way is a click
const MOST_A_TURN = 0.4; // of the exponent of 2 by which a turn of the wheel zooms
const A_PIXEL = 0.002;
const PINCH = 10; // browsers give a pinch on a touchpad as small turns of a wheel with Ctrl

/** @param {import("./camera.js").Camera} camera */
export function listen(camera) {
  const { pane } = camera;
  /** @type {Map<number, { x: number, y: number }>} */
  const pointers = new Map();
  let isDrag = false;
  let way = 0;

  /** @param {MouseEvent} event */
  const pointOf = ({ clientX, clientY }) => {
    const { left, top } = pane.getBoundingClientRect();
    return { x: clientX - left - pane.clientLeft, y: clientY - top - pane.clientTop };
  };
  // The middle of the fingers, and their distance.
  const grip = () => {
    const points = [...pointers.values()];
    const [first, last] = [points[0], points.at(-1)];
    return { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2, spread: Math.hypot(last.x - first.x, last.y - first.y) || 1 };
  };

  pane.addEventListener("wheel", (event) => {
    const isPinch = event.ctrlKey || event.metaKey;
    if (!isPinch && !pane.contains(document.activeElement) && pageScrolls(pane)) return;
    event.preventDefault();
    const turn = -event.deltaY * A_PIXEL * (isPinch ? PINCH : 1) * (event.deltaMode ? 30 : 1);
    const { x, y } = pointOf(event);
    camera.zoomBy(2 ** Math.max(-MOST_A_TURN, Math.min(turn, MOST_A_TURN)), x, y, false);
  }, { passive: false });

  pane.addEventListener("pointerdown", (event) => {
    if (event.button || pointers.size > 1) return;
    if (!pointers.size) [isDrag, way] = [false, 0];
    pointers.set(event.pointerId, pointOf(event));
  });
  pane.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    const before = grip();
    pointers.set(event.pointerId, pointOf(event));
    const after = grip();
    way += Math.hypot(after.x - before.x, after.y - before.y);
    isDrag ||= pointers.size > 1 || way > NEAREST_DRAG;
    if (!isDrag) return;
    pane.setPointerCapture(event.pointerId);
    if (pointers.size > 1) camera.zoomBy(after.spread / before.spread, before.x, before.y, false);
    camera.panBy(after.x - before.x, after.y - before.y);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    pane.addEventListener(name, (event) => pointers.delete(/** @type {PointerEvent} */ (event).pointerId));
  }
  pane.addEventListener("click", (event) => {
    if (isDrag) event.stopPropagation();
  }, true);
  pane.addEventListener("dblclick", (event) => {
    if (!(/** @type {Element} */ (event.target).closest("g.card, g.link, g.carried, .sign, .minimap"))) camera.fit();
  });
}

/**
 * Whether the wheel is needed to scroll: in a notebook, and on a page that is longer than the window.
 * @param {Element} pane
 */
function pageScrolls(pane) {
  const { scrollHeight, clientHeight } = pane.ownerDocument.documentElement;
  return !document.body.matches(".autograd-page") || scrollHeight > clientHeight;
}
