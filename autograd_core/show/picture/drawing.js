// A card as it is drawn, with its shape, its lines and its bars.
import { barRole, barShare, zeroLine } from "../page/bars.js";
import { draw } from "../page/elements.js";
import { sumOf } from "../page/numbers.js";
import { outlinePath } from "../page/outlines.js";
import { MAP_GAP, drawMap } from "./grid.js";
import { letter } from "./letters.js";

/**
 * The card at the origin; the sheet moves it to its place.
 * @param {import("./cards.js").Cards} cards
 */
export function drawCard(cards, card) {
  const { width, height, shape, slant, lines } = card;
  const { letters, sizes } = cards;
  const role = card.output && card.paper !== "nonfinite" ? "output" : card.paper;
  const group = draw("g", { class: `card${card.output ? " output" : ""}${card.troubles ? " ill" : ""}`, "data-unit": card.unit,
    tabindex: "-1", style: `--line-of:var(--${role});--paper-of:var(--${role}-fill)` });
  if (shape === "stack") {
    group.append(draw("path", { class: "behind", d: outlinePath(shape, slant, 4, -4, width, height) }));
  }
  group.append(draw("path", { class: "front", d: outlinePath(shape, slant, 0, 0, width, height) }));
  let top = (height - sumOf(lines.map((line) => cards.lineHeight(line)))) / 2;
  for (const line of lines) {
    const tall = cards.lineHeight(line);
    const baseline = top + tall * 0.76;
    if (line.maps) group.append(...drawMaps(cards, line, (width - cards.lineWidth(line)) / 2, top));
    else if (line.centre) {
      let x = (width - cards.lineWidth(line)) / 2;
      for (const word of line.centre) {
        group.append(letter(word, x, baseline));
        x += letters.width(word) + 6;
      }
    } else {
      const left = sizes.padding + slant;
      group.append(letter({ text: line.left, size: sizes.small, role: "muted" }, left, baseline));
      const numbers = draw("g", { class: line.left }, letter(line.right, width - left, baseline, "end"));
      if (line.bars) numbers.append(...drawBars(line, left + sizes.strip, top + 2, tall - 4, sizes));
      group.append(numbers);
    }
    top += tall;
  }
  return group;
}

// The maps of a card side by side, each with its name and its largest number above it.
function drawMaps(cards, { maps }, left, top) {
  const below = top + cards.sizes.small * 1.3 + 2;
  return maps.map((map) => {
    let x = left;
    const words = map.head.map((word) => {
      const drawn = letter(word, x, top + cards.sizes.small);
      x += cards.letters.width(word) + 6;
      return drawn;
    });
    const group = draw("g", { class: map.name }, ...words, drawMap(map.numbers, left, below));
    left += cards.mapWidth(map) + MAP_GAP;
    return group;
  });
}

// The bars of a strip: one path for each colour.
function drawBars({ bars, coloured }, left, top, height, { bar: step, lowest }) {
  const finite = bars.filter((number) => number !== null && Number.isFinite(number));
  const most = Math.max(0, ...finite.map(Math.abs));
  const { zero, room } = zeroLine(finite, top, height);
  const paths = {};
  bars.forEach((number, index) => {
    if (number === null || number === 0) return;
    const role = barRole(number, coloured);
    const share = barShare(number, most, lowest);
    const [start, end] = Number.isFinite(number) ? [zero, zero - room * share] : [top + height, top];
    paths[role] = `${paths[role] ?? ""}M${left + index * step},${start.toFixed(1)}h${step - 1}V${end.toFixed(1)}h${1 - step}Z`;
  });
  const axis = draw("path", { d: `M${left},${zero}h${bars.length * step}`, stroke: "var(--muted)", "stroke-width": 0.6 });
  return [axis, ...Object.entries(paths).map(([role, d]) => draw("path", { d, fill: `var(--${role})` }))];
}

/**
 * The sign that opens or closes a box.
 * @param {number} x
 * @param {number} y
 * @param {"+" | "−"} text
 * @param {string} name
 * @param {number} size
 */
export function drawSign(x, y, text, name, size) {
  return draw("g", { class: "sign", "aria-hidden": "true" }, draw("title", {}, `${text === "+" ? "Open" : "Close"} ${name}`),
    draw("rect", { x, y, width: 18, height: 18, rx: 4 }), letter({ text, size, bold: true }, x + 9, y + 14, "middle"));
}
