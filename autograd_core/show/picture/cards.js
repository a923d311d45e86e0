// What stands on a closed box, and its shape.
const SIZES = { small: 12, text: 14, title: 15, symbol: 19 };
const SHAPES = { input: "parallelogram", parameter: "hexagon", constant: "pill", operation: "card" };
const PAD = 11;
const SLANT = 12;
const BAR = 6;
const MOST_BARS = 32;
const STRIP_LEFT = 44;
const LONGEST = 40;

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();
function textWidth(text, size, bold = false) {
  const key = `${size}${bold}${text}`;
  if (!widths.has(key)) {
    ruler.font = `${bold ? "bold " : ""}${size}px Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif`;
    widths.set(key, ruler.measureText(text).width * 1.03);
  }
  return widths.get(key);
}

const shortened = (text, most = LONGEST) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
const sizeOfNumber = (number) => (number === null ? -1 : Number.isNaN(number) ? Infinity : Math.abs(number));
const largestOf = (numbers) => numbers.reduce((best, one) => (sizeOfNumber(one) > sizeOfNumber(best) ? one : best), null);

class Cards {
  constructor(graph) {
    this.graph = graph;
    this.known = new Map();
  }

  adjoint(node) {
    return this.graph.reached[node] ? this.graph.adjoint[node] : null;
  }

  // The nodes whose numbers a unit shows: its outputs, or the leaves it gathers.
  shownNodes(unit, seen) {
    if (!this.graph.isGroup(unit)) return [unit];
    if (this.graph.kindOf(unit) === "leaves") return this.graph.membersOf(unit);
    return [...(seen.outputs.get(unit) ?? [])].sort((a, b) => a - b);
  }

  of(unit, seen) {
    if (!this.known.has(unit)) this.known.set(unit, this.made(unit, seen));
    return this.known.get(unit);
  }

  made(unit, seen) {
    const { graph } = this;
    const nodes = this.shownNodes(unit, seen);
    const values = nodes.map((node) => graph.value[node]);
    const gradients = nodes.map((node) => this.adjoint(node));
    const group = unit - graph.nodes;
    const kind = graph.kindOf(unit);
    let paper = kind;
    if (kind === "leaves") paper = graph.leafKind(nodes[0]);
    else if (kind === "part" || kind === "chain") paper = "operation";
    else if (group >= 0) paper = "composition";
    const lines = [this.heading(unit, kind, paper, nodes)];
    if (group >= 0) {
      const formula = graph.formulaOf(unit);
      if (formula && kind !== "leaves") lines.push({ centre: [{ text: shortened(formula), size: SIZES.text }] });
      lines.push({ centre: [{ text: this.counts(unit, seen, nodes), size: SIZES.small, role: "muted" }] });
    }
    lines.push(this.numbers("value", values, false));
    if (paper !== "constant") lines.push(this.numbers("grad", gradients, true));
    const ill = this.troubles(unit);
    if (ill) lines.push({ centre: [{ text: ill, size: SIZES.small, role: "nonfinite", bold: true }] });
    let shape = group >= 0 && kind !== "leaves" ? "stack" : SHAPES[paper];
    if (![...values, ...gradients].every((one) => one === null || Number.isFinite(one))) [paper, shape] = ["nonfinite", "octagon"];
    const slant = shape === "card" || shape === "stack" || shape === "pill" ? 0 : SLANT;
    const wide = Math.max(...lines.map((line, index) => lineWidth(line) + (group >= 0 && index === 0 ? 44 : 0))); // beside its sign
    const width = Math.ceil(Math.max(wide + 2 * (PAD + slant), 96));
    const height = Math.ceil(lines.reduce((sum, line) => sum + lineHeight(line), 0) + PAD * 1.4);
    return { unit, nodes, values, gradients, lines, paper, shape, slant, width, height, output: nodes.includes(graph.root), ill };
  }

  heading(unit, kind, paper, nodes) {
    const { graph } = this;
    const name = { text: shortened(graph.nameOf(unit)), size: SIZES.title, bold: true };
    if (kind === "operation") return { centre: [{ text: graph.operations[graph.operation[unit]][1], size: SIZES.symbol, bold: true }, name] };
    const words = [name];
    const caption = kind === "scope" || kind === "composition" ? "" : kind === "leaves" ? paper : kind;
    if (caption) words.push({ text: caption, size: SIZES.small, role: "muted" });
    if (kind !== "leaves" && this.outputsNamed(unit, nodes)) words.push({ text: this.outputsNamed(unit, nodes), size: SIZES.text });
    return { centre: words };
  }

  // → h1: what the outputs of a closed box are called, where its formula does not say so already.
  outputsNamed(unit, nodes) {
    const { graph } = this;
    if (!graph.isGroup(unit) || !nodes.length || !(nodes.length === 1 || nodes.every((node) => graph.labels.has(node)))) return "";
    const names = [...new Set(nodes.map((node) => graph.nameOf(node).replace(/(\[\d+\])+$/, "")))];
    const name = names.length > 2 ? `${names[0]} … ${names.at(-1)}` : names.join(", ");
    return graph.formulaOf(unit).startsWith(`${name} =`) ? "" : shortened(`→ ${name}`, 24);
  }

  counts(unit, seen, nodes) {
    const { graph } = this;
    const group = unit - graph.nodes;
    if (graph.kindOf(unit) === "leaves") return graph.formulaOf(unit) || counted(nodes.length, "number");
    const words = [`${(seen.inputs.get(unit)?.size ?? 0).toLocaleString("en")} → ${nodes.length.toLocaleString("en")}`];
    if (graph.learnt[group]) words.push(counted(graph.learnt[group], "parameter"));
    return [...words, counted(graph.computed[group], "operation")].join(", ");
  }

  numbers(what, numbers, coloured) {
    if (numbers.length === 1) return { left: what, right: this.written(numbers[0], coloured) };
    const largest = largestOf(numbers);
    return { left: what, right: this.written(largest, coloured, "peak "), bars: runs(numbers), coloured };
  }

  written(number, coloured, before = "") {
    const size = before ? SIZES.small : SIZES.text;
    if (number === null) return { text: "–", size };
    if (!Number.isFinite(number)) return { text: `! ${numberText(number)}`, size, role: "nonfinite", bold: true };
    if (!coloured || number === 0) return { text: before + numberText(number), size };
    return { text: before + signedText(number), size, role: roleOf(number), bold: true };
  }

  // 3 dead, 1 saturated; for one node just the word.
  troubles(unit) {
    const { graph } = this;
    if (!graph.isGroup(unit)) return graph.trouble[unit] > 1 ? graph.troubles[graph.trouble[unit]] : "";
    return graph.troubles
      .map((word, index) => (index && graph.ill[index][unit - graph.nodes] ? `${graph.ill[index][unit - graph.nodes].toLocaleString("en")} ${word}` : ""))
      .filter(Boolean)
      .join(", ");
  }
}

function lineWidth(line) {
  if (line.centre) return line.centre.reduce((sum, word) => sum + textWidth(word.text, word.size, word.bold) + 6, -6);
  const bars = line.bars ? line.bars.length * BAR + 12 : 18;
  return STRIP_LEFT + bars + textWidth(line.right.text, line.right.size, line.right.bold);
}

const lineHeight = (line) => (line.bars ? SIZES.text * 1.3 + 5 : Math.max(...(line.centre ?? [line.right]).map((word) => word.size)) * 1.3);

// At most so many numbers, each the largest in size of an equal run.
function runs(numbers) {
  if (numbers.length <= MOST_BARS) return numbers;
  const part = (index) => Math.floor((numbers.length * index) / MOST_BARS);
  return Array.from({ length: MOST_BARS }, (_, index) => largestOf(numbers.slice(part(index), part(index + 1))));
}

// ------------------------------------------------------------------------------------------------- drawing

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function lettered(word, x, y, anchor) {
  const text = draw("text", { x, y, "font-size": word.size, "text-anchor": anchor, fill: `var(--${word.role ?? "ink"})` }, word.text);
  if (word.bold) text.setAttribute("font-weight", "bold");
  return text;
}

function outline(shape, x, y, w, h) {
  const points = {
    parallelogram: [[SLANT, 0], [w, 0], [w - SLANT, h], [0, h]],
    hexagon: [[SLANT, 0], [w - SLANT, 0], [w, h / 2], [w - SLANT, h], [SLANT, h], [0, h / 2]],
    octagon: [[SLANT, 0], [w - SLANT, 0], [w, SLANT], [w, h - SLANT], [w - SLANT, h], [SLANT, h], [0, h - SLANT], [0, SLANT]],
  }[shape];
  if (points) return draw("polygon", { points: points.map(([a, b]) => `${x + a},${y + b}`).join(" ") });
  return draw("rect", { x, y, width: w, height: h, rx: shape === "pill" ? Math.min(14, h / 2) : 6 });
}

function drawnCard(card, box) {
  const { x, y, width, height } = box;
  const role = card.output && card.paper !== "nonfinite" ? "output" : card.paper;
  const group = draw("g", { class: `card${card.output ? " output" : ""}${card.ill ? " ill" : ""}`, "data-unit": card.unit, tabindex: "-1", style: `--line-of:var(--${role});--paper-of:var(--${role}-fill)` });
  if (card.shape === "stack") {
    group.append(outline("stack", x + 4, y - 4, width, height));
    group.firstChild.setAttribute("class", "behind");
  }
  const front = outline(card.shape, x, y, width, height);
  front.setAttribute("class", "front");
  group.append(front);
  let top = y + (height - card.lines.reduce((sum, line) => sum + lineHeight(line), 0)) / 2;
  for (const line of card.lines) {
    const tall = lineHeight(line);
    const baseline = top + tall * 0.76;
    if (line.centre) {
      let at = x + (width - lineWidth(line)) / 2;
      for (const word of line.centre) {
        group.append(lettered(word, at, baseline, "start"));
        at += textWidth(word.text, word.size, word.bold) + 6;
      }
    } else {
      group.append(lettered({ text: line.left, size: SIZES.small, role: "muted" }, x + PAD + card.slant, baseline, "start"));
      const numbers = draw("g", { class: line.left }, lettered(line.right, x + width - PAD - card.slant, baseline, "end"));
      if (line.bars) numbers.append(...drawnBars(line, x + PAD + card.slant + STRIP_LEFT, top + 2, tall - 4));
      group.append(numbers);
    }
    top += tall;
  }
  return group;
}

// The bars of a strip: one path for each colour.
function drawnBars(line, left, top, height) {
  const finite = line.bars.filter((one) => one !== null && Number.isFinite(one));
  const most = Math.max(0, ...finite.map(Math.abs));
  const below = finite.some((one) => one < 0);
  const above = finite.some((one) => one > 0) || !below;
  const zero = top + height * (above && below ? 0.5 : above ? 1 : 0);
  const room = height * (above && below ? 0.5 : 1);
  const paths = {};
  line.bars.forEach((number, index) => {
    if (number === null || number === 0) return;
    const x = left + index * BAR;
    const role = !Number.isFinite(number) ? "nonfinite" : !line.coloured ? "line" : number > 0 ? "positive" : "negative";
    const tall = room * Math.max(Math.sqrt(Math.abs(number) / most), 0.03);
    const [start, end] = Number.isFinite(number) ? [zero, number > 0 ? zero - tall : zero + tall] : [top + height, top];
    paths[role] = `${paths[role] ?? ""}M${x},${start.toFixed(1)}h${BAR - 1}V${end.toFixed(1)}h${1 - BAR}Z`;
  });
  const axis = draw("path", { d: `M${left},${zero}h${line.bars.length * BAR}`, stroke: "var(--muted)", "stroke-width": 0.6 });
  return [axis, ...Object.entries(paths).map(([role, d]) => draw("path", { d, fill: `var(--${role})` }))];
}
