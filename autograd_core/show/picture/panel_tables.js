// Numbers in full, in tables that are cut off where they become too long to read.
import { make } from "../page/elements.js";
import { countText, numberText, roleOf, signedText } from "../page/numbers.js";

/** The most rows of a table. */
export const MOST_LISTED = 40;

/**
 * @param {string[]} titles
 * @param {string[][]} rows
 */
export function table(titles, rows) {
  const cells = rows.slice(0, MOST_LISTED).map(([name, ...numbers]) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...numbers.map((number) => make("td", {}, number))));
  if (rows.length > MOST_LISTED) cells.push(make("tr", {}, make("td", { colspan: titles.length }, `… ${countText(rows.length - MOST_LISTED)} more`)));
  const head = make("tr", {}, ...titles.map((text) => (text ? make("th", { scope: "col" }, text) : make("td"))));
  return make("div", { class: "scrolling" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...cells)));
}

/** @param {number} number */
export const signedNumber = (number) =>
  make("b", { style: `color:var(--${roleOf(number)})` }, Number.isFinite(number) ? signedText(number) : numberText(number));
