// Points of one's own: set by hand in the plane, or read from a file of numbers.
import { button, make, press } from "../page/elements.js";
import { REACH } from "./data_sets.js";

const MOST = 300; // points: they stand in the address
const SPREAD = 2.5; // half the width of a table's columns in the plane

/**
 * The points of a table with two columns of numbers and one of classes, each column of numbers moved and scaled to the plane.
 * Throws an error that says what is wrong, and in which line.
 * @param {string} text
 * @returns {import("./data_sets.js").Point[]}
 */
export function readTable(text) {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  const cells = lines.map((line) => line.split(/[,;\t]/).map((cell) => cell.trim()));
  if (cells.length && cells[0].slice(0, 2).some((cell) => !isNumber(cell))) cells.shift(); // the names of the columns
  if (cells.length < 2) throw new Error("The file has fewer than two rows. Write x1, x2 and the class on each line: 0.5,1.2,1");
  cells.forEach((row, i) => {
    if (row.length !== 3 || !isNumber(row[0]) || !isNumber(row[1])) throw new Error(`Row ${i + 1} is "${row.join(",")}". Write two numbers and the class on each line: 0.5,1.2,1`);
  });
  const classes = [...new Set(cells.map(([, , label]) => label))].sort();
  if (classes.length !== 2) throw new Error(`The third column has ${classes.length === 1 ? "one class" : `${classes.length} classes`}; the page tells two apart.`);
  const columns = [0, 1].map((column) => cells.map((row) => Number(row[column])));
  const [across, up] = columns.map((numbers) => {
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    return numbers.map((number) => (most === least ? 0 : SPREAD * (2 * (number - least) / (most - least) - 1)));
  });
  return cells.slice(0, MOST).map(([, , label], i) => [across[i], up[i], classes.indexOf(label)]);
}

/** @param {string} text */
const isNumber = (text) => text !== "" && Number.isFinite(Number(text));

export class OwnPoints {
  /** @param {(points: import("./data_sets.js").Point[], row?: number) => void} change called with new points, and the row to choose */
  constructor(change) {
    this.change = change;
    this.label = 1;
    this.labels = [0, 1].map((label) => button(label ? "■ class 1" : "● class 0", () => this.setLabel(label), { "data-label": label }));
    this.problem = make("p", { class: "problem", role: "alert" });
    const file = make("input", { type: "file", accept: ".csv,.txt,.tsv", class: "spoken", tabindex: -1, "aria-label": "A table of points" });
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      if (chosen) this.read(await chosen.text());
      file.value = "";
    });
    this.element = make("div", { class: "own" }, make("p", {}, "Click the plane to add a point; drag one to move it."), make("div", { class: "sets" }, ...this.labels,
      button("Delete the point", () => this.remove()), button("Clear", () => change([])), button("Read a CSV file", () => file.click()), file), this.problem);
    this.setLabel(1);
  }

  /** @param {number} label */
  setLabel(label) {
    this.label = label;
    press(this.labels, (element) => Number(element.dataset.label) === label);
  }

  /** @param {import("./settings.js").Settings} settings @param {number | null} row */
  show({ data, points }, row) {
    this.points = points;
    this.row = row;
    this.element.hidden = data !== "own";
  }

  /** @param {string} text */
  read(text) {
    this.problem.textContent = "";
    try {
      this.change(readTable(text));
    } catch (problem) {
      this.problem.textContent = /** @type {Error} */ (problem).message;
    }
  }

  /** @type {(x: number, y: number) => void} */
  add(x, y) {
    if (this.points.length < MOST) this.change([...this.points, [rounded(x), rounded(y), this.label]], this.points.length);
  }

  /** @type {(row: number, x: number, y: number) => void} */
  move(row, x, y) {
    this.change(this.points.map((point, i) => (i === row ? [rounded(x), rounded(y), point[2]] : point)), row);
  }

  remove() {
    if (this.row !== null) this.change(this.points.filter((_, i) => i !== this.row));
  }
}

/** To what the address holds, so that a link gives the same numbers. @param {number} number */
export function rounded(number) {
  const inside = Math.min(Math.max(number, -REACH), REACH);
  return Math.round((inside + REACH) * 600) / 600 - REACH;
}
