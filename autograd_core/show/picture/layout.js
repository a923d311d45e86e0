// Places for open boxes inside open boxes, each laid out in layers by itself. An edge enters or leaves an open box through
// a port on its border, one for each node it comes from, so that no line runs over a box it does not belong to.
import { assignLayers, cutAtLayers, orderRows, placeAcross, portOffset } from "./layers.js";

const GAP = { layer: 46, frame: 14, sheet: 12 };
const WIDEST_GAP = 170;
const NOTE = { reason: 60, count: 30 };

export class SheetLayout {
  // sizeOf: [width, height] of a closed unit. Computes `boxes`, `frames`, `wires` and the size of the whole sheet.
  constructor(graph, cut, sizeOf) {
    this.graph = graph;
    this.sizeOf = sizeOf;
    this.boxes = new Map();
    this.frames = [];
    this.wires = [];
    this.local = new Map(); // for each open group the edges drawn in it
    for (const link of cut.links) this.spreadOver(link);
    const whole = this.layOut(0, cut);
    this.width = whole.width;
    this.height = whole.height;
    this.placeInside(whole, 0, 0);
  }

  edgesIn(group) {
    return this.local.get(group) ?? this.local.set(group, new Map()).get(group);
  }

  // Cut a link into its pieces, one in every open group it runs through.
  spreadOver(link) {
    const { graph } = this;
    const tails = [link.from];
    const heads = [link.to];
    const groups = (unit) => [...graph.around(unit), 0];
    const inner = groups(link.from);
    const outer = groups(link.to);
    while (inner.length > 1 && outer.length > 1 && inner.at(-2) === outer.at(-2)) {
      inner.pop();
      outer.pop();
    }
    const meeting = inner.pop();
    outer.pop();
    for (const group of inner) {
      this.enter(group, link, tails.at(-1), "out");
      tails.push(graph.nodes + group);
    }
    for (const group of outer) {
      this.enter(group, link, "in", heads.at(-1));
      heads.push(graph.nodes + group);
    }
    this.enter(meeting, link, tails.at(-1), heads.at(-1));
  }

  enter(group, link, from, to) {
    const edges = this.edgesIn(group);
    const key = `${link.from}|${from}|${to}`;
    const edge = edges.get(key);
    if (edge) edge.links.push(link);
    else edges.set(key, { net: link.from, from, to, links: [link] });
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
    const edges = [...this.edgesIn(group).values()];
    for (const edge of edges) {
      edge.tail = edge.from === "in" ? add(`in${edge.net}`, { port: "in", net: edge.net, width: 0, height: 0, layer: 0, rank: -1 }) : vertices.get(edge.from);
      edge.head = edge.to === "out" ? add(`out${edge.net}`, { port: "out", net: edge.net, width: 0, height: 0, layer: 0, rank: Infinity }) : vertices.get(edge.to);
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
    const between = rows.map(() => 0);
    for (const piece of pieces) {
      between[piece.from.layer]++;
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
      x += thick + (layer + 1 < rows.length ? Math.min(gap + notes + between[layer] * 0.5, WIDEST_GAP) : 0);
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
    this.drawEntrances(sheet, left, top);
    for (const piece of sheet.pieces) {
      const { from, to } = piece;
      const begun = from.dummy || from.port; // the way as far as the next gap is drawn already
      const start = left + (begun ? from.start + from.thick : from.x + from.width / 2);
      const end = to.port ? left + to.edge : left + to.x - to.width / 2;
      const leave = top + endHeight(from, piece, "out");
      const arrive = top + endHeight(to, piece, "in");
      const clear = left + from.start + from.thick; // past its wider neighbours
      const near = left + to.start - (to.noted ?? 0); // straight on where a count is written
      this.wires.push({
        group: sheet.group, links: piece.links, start: [start, leave], bend: [clear, near], end: [end, arrive],
        through: to.dummy ? left + to.start + to.thick : null, arrow: to.unit !== undefined && !to.sheet,
      });
    }
  }

  // From the border to the first gap: one line for all users of a net in this box.
  drawEntrances(sheet, left, top) {
    for (const vertex of sheet.list) {
      if (vertex.port !== "in") continue;
      const links = vertex.rights.flatMap((piece) => piece.links);
      const [from, to, y] = [left + vertex.edge, left + vertex.start + vertex.thick, top + vertex.y];
      this.wires.push({ group: sheet.group, links, start: [from, y], bend: [to, to], end: [to, y], through: null, arrow: false });
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
  if (vertex.sheet) return vertex.y + portOffset(vertex, side, piece.net);
  return vertex.y + (piece[side === "in" ? "toAt" : "fromAt"] ?? 0);
}
