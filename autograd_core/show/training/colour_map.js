// Numbers as colours, between those of - and +, on small canvases.

export const SIDE = 40; // points of a map on each side
const SERIES = ["input", "positive", "parameter", "composition", "fifth", "sixth"]; // the roles of classes, as in the theme

/** @typedef {{ page: number[], positive: number[], negative: number[], series: number[][] }} Colours */

/**
 * The colours of the theme; read again when the reader's theme changes.
 * @param {Element} root
 * @returns {Colours}
 */
export function coloursOf(root) {
  const style = getComputedStyle(root);
  /** @type {(role: string) => number[]} */
  const colour = (role) => style.getPropertyValue(`--${role}`).trim().match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
  return { page: colour("page"), positive: colour("positive"), negative: colour("negative"), series: SERIES.map(colour) };
}

/**
 * Paints numbers on the points of the plane: their size is the depth of the colour, 1 or more the deepest.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} numbers
 * @param {Colours} colours
 * @param {number} scale the number that has the deepest colour
 * @param {number} depth of the deepest colour, at most 1
 */
export function paintMap(canvas, numbers, { page, positive, negative }, scale, depth) {
  paint(canvas, page, (place) => (numbers[place] > 0 ? positive : negative), (place) => depth * Math.abs(numbers[place]) / scale);
}

/**
 * Paints the class of each point, the deeper the larger its share.
 * @type {(canvas: HTMLCanvasElement, classes: number[], shares: Float64Array, colours: Colours, depth: number) => void}
 */
export function paintClasses(canvas, classes, shares, { page, series }, depth) {
  paint(canvas, page, (place) => series[classes[place] % series.length], (place) => depth * shares[place]);
}

/** @type {(canvas: HTMLCanvasElement, page: number[], colourAt: (place: number) => number[], depthAt: (place: number) => number) => void} */
function paint(canvas, page, colourAt, depthAt) {
  const image = new ImageData(SIDE, SIDE);
  for (let place = 0; place < SIDE * SIDE; place++) {
    const share = Math.min(depthAt(place), 1) || 0;
    const own = colourAt(place);
    for (let part = 0; part < 3; part++) image.data[4 * place + part] = page[part] + (own[part] - page[part]) * share;
    image.data[4 * place + 3] = 255;
  }
  canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
}

/** The largest size among finite numbers, at least `least`. @type {(numbers: ArrayLike<number>, least: number) => number} */
export function largestSize(numbers, least) {
  let largest = least;
  for (let i = 0; i < numbers.length; i++) if (Math.abs(numbers[i]) > largest && Math.abs(numbers[i]) < Infinity) largest = Math.abs(numbers[i]);
  return largest;
}
