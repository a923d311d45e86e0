// Places for open boxes inside open boxes, each laid out in layers by itself. An edge enters or leaves an open box through
// a port on its border, so that no line runs over a box it does not belong to.
import { bundledEdges } from "./bundles.js";
import { assignLayers, cutAtLayers, orderRows, placeAcross, portOffset } from "./layers.js";

const GAP = { layer: 46, frame: 14, sheet: 12 };
const WIDEST_GAP = 170;
const BEND = 0.25; // of the distance across that a wire has to go in a gap
const HUB = 34; // the length of the part that bundles share
const NOTE = { reason: 60, count: 30 };

export class SheetLayout {
  // sizeOf: [width, height] of a closed unit. Computes `boxes`, `frames`, `wires` and the size of the whole sheet.
  constructor(graph, cut, sizeOf) {
    this.graph = graph;
    this.sizeOf = sizeOf;
    this.boxes = new Map();
    this.frames = [];
    this.wires = [];
    this.local = bundledEdges(graph, cut.links); // for each open group the edges drawn in it
    const whole = this.layOut(0, cut);
    this.width = whole.width;
    this.height = whole.height;
    this.placeInside(whole, 0, 0);
  }

  // A group's own sheet: its vertices with their layers and places, measured from its top left corner.
  layOut(group, cut) {
    const { graph } = this;
    const vertices = new Map();
    const add = (key, fields) => vertices.get(key) ?? vertices.set(key, { key, before: [], after: [], ...fields }).get(key);
    for (const unit of graph.inside[group]) {
      const inner = unit - graph.nodes;
      const sheet = inner > 0 && cut.hidden[inner] < 0 ? this.layOut(inner, cut) : null;
      const [width, height] = sheet ? [sheet.width, sheet.height] : this.sizeOf(unit);
      add(unit, { unit, width, height, sheet, layer: 0, rank: graph.rank(unit) });
    }
    const end = (key) => {
      if (typeof key === "number") return vertices.get(key);
      const kind = key.replace(/\d+/, "");
      if (kind === "hub") return add(key, { hub: true, width: HUB, height: 0, layer: 0, rank: Infinity });
      return add(key, { port: kind, width: 0, height: 0, layer: 0, rank: kind === "in" ? -1 : Infinity });
    };
    const edges = (this.local.get(group) ?? []).map((edge) => ({ ...edge, tail: end(edge.from), head: end(edge.to) }));
    for (const edge of edges) {
      edge.tail.after.push(edge);
      edge.head.before.push(edge);
    }
    const list = [...vertices.values()];
    const rows = assignLayers(list);
    const pieces = cutAtLayers(edges, rows);
    orderRows(rows, pieces);
    placeAcross(rows);
    return this.measure(group, list, rows, pieces);
  }

  measure(group, list, rows, pieces) {
    const title = group ? this.titleSize(group) : [0, 0];
    const left = group ? GAP.frame : GAP.sheet;
    const top = group ? GAP.frame + title[1] : GAP.sheet;
    const across = rows.flat();
    const low = Math.min(0, ...across.map((vertex) => vertex.y - vertex.height / 2));
    const high = Math.max(0, ...across.map((vertex) => vertex.y + vertex.height / 2));
    const [between, bend] = [rows.map(() => 0), rows.map(() => 0)];
    for (const piece of pieces) {
      const { layer } = piece.from;
      between[layer]++;
      bend[layer] = Math.max(bend[layer], Math.abs(piece.from.y - piece.to.y + piece.shift));
      const isNoted = piece.to.unit !== undefined && piece.links.some((link) => link.sources.size > 1);
      const note = piece.to.unit !== undefined && piece.links.some((link) => this.graph.reasonAt(link)) ? NOTE.reason : isNoted ? NOTE.count : 0;
      piece.to.noted = Math.max(piece.to.noted ?? 0, note);
    }
    let x = left;
    rows.forEach((row, layer) => {
      const thick = Math.max(0, ...row.map((vertex) => vertex.width));
      for (const vertex of row) {
        vertex.thick = thick;
        vertex.start = x;
        vertex.x = x + thick / 2;
        vertex.y += top - low;
      }
      const notes = Math.max(0, ...(rows[layer + 1] ?? []).map((vertex) => vertex.noted ?? 0));
      const portsOnly = (vertices) => vertices?.every((vertex) => vertex.port);
      const gap = portsOnly(row) || portsOnly(rows[layer + 1]) ? GAP.layer * 0.55 : GAP.layer;
      x += thick + (layer + 1 < rows.length ? Math.min(Math.max(gap, BEND * bend[layer]) + notes + between[layer] * 0.5, WIDEST_GAP) : 0);
    });
    const width = Math.max(x + left, title[0] + 2 * left);
    const height = high - low + top + left;
    for (const vertex of list) if (vertex.port) vertex.edge = vertex.port === "in" ? 0 : width;
    return { group, list, pieces, width, height, ports: new Map(list.filter((vertex) => vertex.port).map((vertex) => [vertex.key, vertex.y])) };
  }

  titleSize(group) {
    return this.sizeOf(this.graph.nodes + group, true);
  }

  // Places on the whole sheet, outer boxes first so that inner ones are drawn over them.
  placeInside(sheet, left, top) {
    if (sheet.group) this.frames.push({ group: sheet.group, x: left, y: top, width: sheet.width, height: sheet.height });
    const boxOf = (vertex) => ({ x: left + vertex.x - vertex.width / 2, y: top + vertex.y - vertex.height / 2, width: vertex.width, height: vertex.height });
    for (const vertex of sheet.list) {
      if (vertex.sheet) this.placeInside(vertex.sheet, left + vertex.x - vertex.width / 2, top + vertex.y - vertex.height / 2);
      else if (vertex.unit !== undefined) this.boxes.set(vertex.unit, boxOf(vertex));
    }
    sideBySide(sheet.pieces);
    this.drawShared(sheet, left, top);
    for (const piece of sheet.pieces) {
      const { from, to } = piece;
      const begun = from.dummy || from.port; // the way as far as the next gap is drawn already
      const start = left + (begun ? from.start + from.thick : from.x + from.width / 2);
      const end = to.port ? left + to.start : left + to.x - to.width / 2;
      const leave = top + endHeight(from, piece, "out");
      const arrive = top + endHeight(to, piece, "in");
      const clear = left + from.start + from.thick; // past its wider neighbours
      const near = left + to.start - (to.noted ?? 0); // straight on where a count is written
      this.wires.push({
        group: sheet.group, links: piece.links, start: [start, leave], bend: [clear, near], end: [end, arrive],
        through: to.dummy ? left + to.start + to.thick : null, arrow: to.unit !== undefined && !to.sheet, noted: to.unit !== undefined,
      });
    }
  }

  // Between the border and the nearest gap, and through a hub: one line for all.
  drawShared(sheet, left, top) {
    for (const vertex of sheet.list) {
      if (!vertex.port && !vertex.hub) continue;
      const links = (vertex.port === "out" ? vertex.lefts : vertex.rights).flatMap((piece) => piece.links);
      const [start, end] = vertex.hub ? [vertex.x - HUB / 2, vertex.x + HUB / 2] : vertex.port === "in" ? [vertex.edge, vertex.start + vertex.thick] : [vertex.start, vertex.edge];
      const y = top + vertex.y;
      this.wires.push({ group: sheet.group, links, start: [left + start, y], bend: [left + end, left + end], end: [left + end, y], through: null, arrow: false });
    }
  }
}

// The heights at which the pieces leave and enter a closed box, in the order of their other ends.
function sideBySide(pieces) {
  /** @type {[string, string, number][]} */
  const ends = [["from", "to", 0.4], ["to", "from", 0.7]];
  for (const [side, other, part] of ends) {
    const at = new Map();
    for (const piece of pieces) (at.get(piece[side]) ?? at.set(piece[side], []).get(piece[side])).push(piece);
    for (const [vertex, touching] of at) {
      touching.sort((a, b) => a[other].y - b[other].y);
      touching.forEach((piece, index) => {
        piece[`${side}At`] = ((index + 0.5) / touching.length - 0.5) * vertex.height * part;
      });
    }
  }
}

function endHeight(vertex, piece, side) {
  if (vertex.sheet) return vertex.y + portOffset(vertex, side, piece.id);
  return vertex.y + (piece[side === "in" ? "toAt" : "fromAt"] ?? 0);
}
