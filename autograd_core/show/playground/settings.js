// Everything that a reader can choose, and its short form in the address.

/**
 * @typedef {import("./data_sets.js").Point} Point
 * @typedef {{ units: number, activation: string }} Layer
 * @typedef {object} Settings
 * @property {string} data
 * @property {number} noise
 * @property {number} seed
 * @property {string[]} features
 * @property {Layer[]} layers
 * @property {string} loss of a classification
 * @property {number} rate
 * @property {string} rule
 * @property {number} batch 0 for all rows
 * @property {string} penalty "" for none
 * @property {number} strength
 * @property {string} weights how the first weights are drawn
 * @property {Point[]} points of one's own
 */

export const MOST_LAYERS = 5;
export const MOST_UNITS = 8;
export const BATCHES = [1, 10, 32, 0];
export const STRENGTHS = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1];

/** @type {[string, string][]} */
export const FIRST_WEIGHTS = [["fitting", "He or Xavier"], ["small", "Small (± 0.01)"], ["large", "Large (± 5)"], ["equal", "All 0.5"]];

/** @returns {Settings} */
export const defaults = () => ({
  data: "moons", noise: 0.15, seed: 1, features: ["x1", "x2"], layers: [{ units: 4, activation: "tanh" }, { units: 3, activation: "tanh" }],
  loss: "logistic", rate: 0.1, rule: "SGD", batch: 10, penalty: "", strength: 0.001, weights: "fitting", points: [],
});

/** @param {Settings} settings */
export const isRegression = ({ data }) => data === "sine";

/**
 * The settings that differ from others, as entries of an address.
 * @param {Settings} settings
 * @param {Settings} others
 * @returns {[string, string][]}
 */
export function entriesOf(settings, others) {
  const written = textsOf(settings);
  const usual = textsOf(others);
  return Object.entries(written).filter(([name, text]) => text !== usual[name]);
}

/** @type {(settings: Settings) => Record<string, string>} */
function textsOf({ layers, features, points, ...rest }) {
  const texts = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]));
  return { ...texts, features: features.map((name) => name.replaceAll(" ", "")).join(" "),
    net: layers.map(({ units, activation }) => units + activation.replace(" ", "_")).join("-"), points: pointsText(points) };
}

/**
 * The settings of an address; what it does not name, or names wrongly, is as in `settings`.
 * @param {Iterable<[string, string]>} entries
 * @param {import("./network_program.js").Pieces} pieces
 * @param {Settings} settings
 * @returns {Settings}
 */
export function settingsOf(entries, pieces, settings = defaults()) {
  const given = new Map(entries);
  const choose = (/** @type {"data" | "loss" | "rule" | "penalty" | "weights"} */ name, /** @type {string[]} */ known) => {
    if (known.includes(given.get(name))) settings[name] = given.get(name);
  };
  const number = (/** @type {"noise" | "seed" | "rate" | "batch" | "strength"} */ name, /** @type {number} */ most) => {
    const value = Number(given.get(name) || NaN); // an empty text is not 0
    if (value >= 0 && value <= most) settings[name] = value;
  };
  choose("data", ["moons", "circles", "spirals", "xor", "gaussians", "sine", "own"]);
  choose("loss", Object.keys(pieces.losses));
  choose("rule", Object.keys(pieces.rules));
  choose("penalty", ["", ...Object.keys(pieces.penalties)]);
  choose("weights", FIRST_WEIGHTS.map(([name]) => name));
  number("noise", 0.5);
  number("seed", 9999);
  number("rate", 100);
  number("batch", 200);
  number("strength", 1);
  const features = Object.keys(pieces.features).filter((name) => given.get("features")?.split(" ").includes(name.replaceAll(" ", "")));
  if (features.length) settings.features = features;
  if (given.has("net")) settings.layers = layersOf(given.get("net"), pieces);
  if (given.has("points")) settings.points = readPoints(given.get("points"));
  return settings;
}

/** @type {(text: string, pieces: import("./network_program.js").Pieces) => Layer[]} */
function layersOf(text, pieces) {
  return text.split("-").slice(0, MOST_LAYERS).flatMap((part) => {
    const [, units, name] = /^(\d)(\w+)$/.exec(part) ?? [];
    const activation = name?.replace("_", " ");
    return +units >= 1 && +units <= MOST_UNITS && activation in pieces.activations ? [{ units: +units, activation }] : [];
  });
}

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"; // a coordinate is one letter of each
const EDGE = 3;
const FINE = 600; // steps of a coordinate in a unit of the plane

/** Each point as four letters, the coordinates to 1/600, and its class. @param {Point[]} points */
const pointsText = (points) => points.map(([x, y, label]) => [x, y].map((number) => {
  const whole = Math.round((Math.min(Math.max(number, -EDGE), EDGE) + EDGE) * FINE);
  return ALPHABET[Math.floor(whole / 61)] + ALPHABET[whole % 61];
}).join("") + label).join("");

/** @param {string} text @returns {Point[]} */
const readPoints = (text) => (text.match(/\w{4}[01]/g) ?? []).map((five) => {
  const [x, y] = [0, 2].map((at) => (61 * ALPHABET.indexOf(five[at]) + ALPHABET.indexOf(five[at + 1])) / FINE - EDGE);
  return /** @type {Point} */ ([x, y, +five[4]]);
});
