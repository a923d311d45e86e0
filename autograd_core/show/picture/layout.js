// Places for open boxes inside open boxes, each laid out in layers by itself. What enters or leaves an open box does so
// through one port on its border for each thing it comes from, so that no line runs over a stranger.
const GAP = { layer: 46, row: 18, frame: 14, port: 9 };

class Layout {
  // sizes: {unit: [width, height]} of what is closed. Gives `boxes`, `frames`, `wires` and the size of the whole.
  constructor(graph, seen, sizeOf) {
    Object.assign(this, { graph, sizeOf, boxes: new Map(), frames: [], wires: [] });
    this.local = new Map(); // for each open group the edges drawn in it
    for (const link of seen.links) this.spreadOver(link);
    const whole = this.laidOut(0, seen);
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
  laidOut(group, seen) {
    const { graph } = this;
    const vertices = new Map();
    const vertex = (key, fields) => vertices.get(key) ?? vertices.set(key, { key, before: [], after: [], ...fields }).get(key);
    for (const unit of graph.inside[group]) {
      const inner = unit - graph.nodes;
      const sheet = inner > 0 && seen.hidden[inner] < 0 ? this.laidOut(inner, seen) : null;
      const [width, height] = sheet ? [sheet.width, sheet.height] : this.sizeOf(unit);
      vertex(unit, { unit, width, height, sheet, layer: 0, rank: graph.rank(unit) });
    }
    const edges = [...this.edgesIn(group).values()];
    for (const edge of edges) {
      edge.tail = edge.from === "in" ? vertex(`in${edge.net}`, { port: "in", net: edge.net, width: 0, height: 0, layer: 0, rank: -1 }) : vertices.get(edge.from);
      edge.head = edge.to === "out" ? vertex(`out${edge.net}`, { port: "out", net: edge.net, width: 0, height: 0, layer: 0, rank: Infinity }) : vertices.get(edge.to);
      edge.tail.after.push(edge);
      edge.head.before.push(edge);
    }
    const list = [...vertices.values()];
    const rows = inLayers(list);
    const pieces = withDummies(edges, rows);
    order(rows, pieces);
    place(rows);
    return this.measured(group, list, rows, pieces);
  }

  measured(group, list, rows, pieces) {
    const title = group ? this.titleSize(group) : [0, 0];
    const left = group ? GAP.frame : 12;
    const top = group ? GAP.frame + title[1] : 12;
    const across = rows.flat();
    const low = Math.min(0, ...across.map((one) => one.y - one.height / 2));
    const high = Math.max(0, ...across.map((one) => one.y + one.height / 2));
    const between = rows.map(() => 0);
    for (const piece of pieces) {
      between[piece.from.layer]++;
      const isNoted = piece.to.unit !== undefined && piece.links.some((link) => link.sources.size > 1);
      const note = piece.to.unit !== undefined && piece.links.some((link) => reasonAt(this.graph, link)) ? 60 : isNoted ? 30 : 0;
      piece.to.noted = Math.max(piece.to.noted ?? 0, note);
    }
    let x = left;
    rows.forEach((row, layer) => {
      const thick = Math.max(0, ...row.map((one) => one.width));
      for (const one of row) {
        one.thick = thick;
        one.start = x;
        one.x = x + thick / 2;
        one.y += top - low;
      }
      const notes = Math.max(0, ...(rows[layer + 1] ?? []).map((one) => one.noted ?? 0));
      const portsOnly = (some) => some?.every((one) => one.port);
      const gap = portsOnly(row) || portsOnly(rows[layer + 1]) ? GAP.layer * 0.55 : GAP.layer;
      x += thick + (layer + 1 < rows.length ? Math.min(gap + notes + between[layer] * 0.5, 170) : 0);
    });
    const width = Math.max(x + left, title[0] + 2 * left);
    const height = high - low + top + (group ? GAP.frame : 12);
    for (const one of list) if (one.port) one.edge = one.port === "in" ? 0 : width;
    return { group, list, pieces, width, height, ports: new Map(list.filter((one) => one.port).map((one) => [one.key, one.y])) };
  }

  titleSize(group) {
    return this.sizeOf(this.graph.nodes + group, true);
  }

  // Give everything its place on the whole sheet, outer boxes first so that inner ones are drawn over them.
  placeInside(sheet, left, top) {
    if (sheet.group) this.frames.push({ group: sheet.group, x: left, y: top, width: sheet.width, height: sheet.height });
    const put = (one) => ({ x: left + one.x - one.width / 2, y: top + one.y - one.height / 2, width: one.width, height: one.height });
    for (const one of sheet.list) {
      if (one.sheet) this.placeInside(one.sheet, left + one.x - one.width / 2, top + one.y - one.height / 2);
      else if (one.unit !== undefined) this.boxes.set(one.unit, put(one));
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

  // From the border to the first gap: one line for all that a net feeds in this box.
  drawEntrances(sheet, left, top) {
    for (const one of sheet.list) {
      if (one.port !== "in") continue;
      const links = one.rights.flatMap((piece) => piece.links);
      const [from, to, y] = [left + one.edge, left + one.start + one.thick, top + one.y];
      this.wires.push({ group: sheet.group, links, start: [from, y], bend: [to, to], end: [to, y], through: null, arrow: false });
    }
  }
}

// ------------------------------------------------------------------------------------------------- in one box

// A layer for each vertex behind all it depends on; what few things need, just before its first user.
function inLayers(list) {
  const waiting = new Map(list.map((one) => [one, one.before.length]));
  const ready = list.filter((one) => !one.before.length).sort((a, b) => a.rank - b.rank);
  const sorted = [];
  while (ready.length) {
    const one = ready.shift();
    sorted.push(one);
    for (const { head } of one.after) {
      head.layer = Math.max(head.layer, one.layer + 1);
      waiting.set(head, waiting.get(head) - 1);
      if (!waiting.get(head)) ready.push(head);
    }
  }
  const hasEntrance = list.some((one) => one.port === "in");
  if (hasEntrance) for (const one of sorted) if (!one.port && !one.before.length) one.layer = Math.max(one.layer, 1);
  for (const one of sorted) for (const { head } of one.after) head.layer = Math.max(head.layer, one.layer + 1);
  for (const one of sorted.reverse())
    if (!one.port && !one.before.length && one.after.length) one.layer = Math.min(...one.after.map((edge) => edge.head.layer)) - 1;
  let last = Math.max(0, ...sorted.filter((one) => one.port !== "out").map((one) => one.layer));
  for (const one of sorted) if (one.port === "out") one.layer = last + 1;
  last = Math.max(last, ...sorted.map((one) => one.layer));
  const rows = Array.from({ length: last + 1 }, () => []);
  for (const one of list) rows[one.layer].push(one);
  for (const row of rows) row.sort((a, b) => a.rank - b.rank || (a.net ?? 0) - (b.net ?? 0));
  return rows;
}

// The pieces of all edges between neighbouring layers. Edges of one net share their way until they part.
function withDummies(edges, rows) {
  const pieces = [];
  const enter = (net, from, to, links) => {
    const piece = { net, from, to, links, shift: 0 };
    pieces.push(piece);
    return piece;
  };
  for (const { net, tail, head, links } of edges) {
    tail.ways ??= new Map();
    const way = tail.ways.get(net) ?? tail.ways.set(net, []).get(net); // the pieces through the layers behind the tail
    let here = tail;
    for (let layer = tail.layer + 1; layer < head.layer; layer++) {
      const step = layer - tail.layer - 1;
      if (!way[step]) {
        const dummy = { dummy: true, layer, width: 0, height: 0, rank: tail.rank };
        rows[layer].push(dummy);
        way.push(enter(net, here, dummy, []));
      }
      for (const link of links) way[step].links.push(link);
      here = way[step].to;
    }
    enter(net, here, head, links);
  }
  return pieces;
}

function order(rows, pieces) {
  for (const row of rows) for (const one of row) [one.lefts, one.rights] = [[], []];
  for (const piece of pieces) {
    piece.shift = portOffset(piece.from, "out", piece.net) - portOffset(piece.to, "in", piece.net);
    piece.to.lefts.push(piece);
    piece.from.rights.push(piece);
  }
  const number = (row) => row.forEach((one, index) => (one.at = (index + 0.5) / row.length));
  rows.forEach(number);
  // What touches one open box at several heights keeps the order of these heights.
  const mean = (one, side) => (one[side].length ? sumOver(one, side, "at", 1e-6) / one[side].length : one.at);
  for (let sweep = 0; sweep < 6; sweep++) {
    const side = sweep % 2 ? "rights" : "lefts";
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      for (const one of row) one.wanted = mean(one, side);
      row.sort((a, b) => a.wanted - b.wanted);
      number(row);
    }
  }
}

// Over all neighbours on one side: their place, and how far below it the wire between them arrives.
function sumOver(one, side, place, weight) {
  let sum = 0;
  if (side === "lefts") for (const { from, shift } of one.lefts) sum += from[place] + shift * weight;
  else for (const { to, shift } of one.rights) sum += to[place] - shift * weight;
  return sum;
}

// Where each vertex is across: near its neighbours, in the order given, without overlap (pool what would collide).
function place(rows) {
  for (const row of rows) spread(row, row.map(() => 0));
  const mean = (one, sides) => {
    let [sum, count] = [0, 0];
    for (const side of sides) [sum, count] = [sum + sumOver(one, side, "y", 1), count + one[side].length];
    return count ? sum / count : one.y;
  };
  for (const sides of [["lefts"], ["rights"], ["lefts"], ["rights"], ["lefts", "rights"], ["lefts", "rights"]])
    for (const row of sides[0] === "rights" ? [...rows].reverse() : rows) spread(row, row.map((one) => mean(one, sides)));
}

function spread(row, wanted) {
  const pools = [];
  let here = 0;
  row.forEach((one, index) => {
    if (index) {
      const gap = one.height && row[index - 1].height ? GAP.row : GAP.port;
      here += (row[index - 1].height + one.height) / 2 + gap;
    }
    one.y = here;
    const pool = { mean: wanted[index] - here, weight: 1 + (one.height > 0), from: index };
    while (pools.length && pools.at(-1).mean >= pool.mean) {
      const other = pools.pop();
      pool.mean = (other.mean * other.weight + pool.mean * pool.weight) / (other.weight + pool.weight);
      [pool.weight, pool.from] = [other.weight + pool.weight, other.from];
    }
    pools.push(pool);
  });
  pools.forEach((pool, index) => {
    const end = pools[index + 1]?.from ?? row.length;
    for (let place = pool.from; place < end; place++) row[place].y += pool.mean;
  });
}

// Which height each piece leaves and arrives at on the side of a closed box, in the order of where it goes to.
function sideBySide(pieces) {
  for (const [side, other, part] of [["from", "to", 0.4], ["to", "from", 0.7]]) {
    const at = new Map();
    for (const piece of pieces) (at.get(piece[side]) ?? at.set(piece[side], []).get(piece[side])).push(piece);
    for (const [one, touching] of at) {
      touching.sort((a, b) => a[other].y - b[other].y);
      touching.forEach((piece, index) => {
        piece[`${side}At`] = ((index + 0.5) / touching.length - 0.5) * one.height * part;
      });
    }
  }
}

// How far below the middle of an open box a net crosses its border; 0 for what is closed.
const portOffset = (one, side, net) => (one.sheet ? one.sheet.ports.get(`${side}${net}`) - one.height / 2 : 0);

function endHeight(one, piece, side) {
  if (one.sheet) return one.y + portOffset(one, side, piece.net);
  return one.y + (piece[side === "in" ? "toAt" : "fromAt"] ?? 0);
}
