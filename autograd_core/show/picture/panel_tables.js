// Numbers in full, in tables that are cut off where they become too long to read.
import { make } from "../page/elements.js";
import { countText, numberText, roleOf, signedText } from "../page/numbers.js";
import { largestIn, strength } from "./grid.js";

/** The most rows of a table. */
export const MOST_LISTED = 40;

/**
 * @param {string[]} titles
 * @param {string[][]} rows
 * @param {ArrayLike<number>} nodes those of the rows
 */
export function table(titles, rows, nodes) {
  const cells = rows.slice(0, MOST_LISTED).map(([name, ...numbers], place) =>
    make("tr", { "data-card": nodes[place] }, make("th", { scope: "row" }, name), ...numbers.map((number) => make("td", {}, number))));
  if (rows.length > MOST_LISTED) cells.push(make("tr", {}, make("td", { colspan: titles.length }, `… ${countText(rows.length - MOST_LISTED)} more`)));
  const head = make("tr", {}, ...titles.map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))));
  return make("div", { class: "scrolling" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...cells)));
}

/**
 * Numbers in the colours of their signs, all in the same power of ten.
 * @param {string} name
 * @param {(number | null)[][]} rows
 * @param {string[]} rowNames
 * @param {string[]} columnNames
 * @param {(written: string, row: number, column: number) => Element | string} cellOf
 */
export function heatTable(name, rows, rowNames, columnNames, cellOf = (written) => written) {
  const largest = largestIn(rows);
  const power = largest ? Math.floor(Math.log10(largest)) : 0;
  const [unit, decimals] = power < -2 || power > 3 ? [power, 2] : [0, Math.max(2 - power, 0)];
  const written = (/** @type {number | null} */ number) =>
    (number === null ? "–" : Number.isFinite(number) ? (number / 10 ** unit).toFixed(decimals).replace("-", "−") : numberText(number));
  const cell = (/** @type {number | null} */ number, /** @type {number} */ row, /** @type {number} */ column) =>
    make("td", { style: number ? `--of:var(--${roleOf(number)});--heat:${Math.round(55 * strength(number, largest))}%` : "" }, cellOf(written(number), row, column));
  const caption = make("caption", {}, name, ...(unit ? [", times 10", make("sup", {}, String(unit).replace("-", "−"))] : []));
  const head = columnNames.length ? [make("thead", {}, make("tr", {}, make("td"), ...columnNames.map((text) => make("th", { scope: "col" }, text))))] : [];
  const body = rows.map((row, place) => make("tr", {}, make("th", { scope: "row" }, rowNames[place]), ...row.map((number, column) => cell(number, place, column))));
  return make("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": name }, make("table", { class: "numbers" }, caption, ...head, make("tbody", {}, ...body)));
}

/** @param {number} number */
export const signedNumber = (number) =>
  make("b", { style: `color:var(--${roleOf(number)})` }, Number.isFinite(number) ? signedText(number) : numberText(number));
