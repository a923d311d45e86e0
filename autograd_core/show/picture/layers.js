// The vertices of one box in layers: the layer of each, its order in the layer, and its place across.
const ROW_GAP = 18, PORT_GAP = 9;
const SWEEPS = 6;

/**
 * @typedef {any} Vertex what the caller knows of it: width, height, rank, before, after; what is found here: layer, y
 * @typedef {any} Piece from one vertex to another, with the links that share it
 * @typedef {{ id: number, tail: Vertex, head: Vertex, links: any[] }} LayeredEdge
 * @typedef {"lefts" | "rights"} Side
 */

// The layer of each vertex, behind all that it depends on; an input of the box comes just before its first user.
/** @type {(list: Vertex[]) => Vertex[][]} */
export function assignLayers(list) {
  const waiting = new Map(list.map((vertex) => [vertex, vertex.before.length]));
  const ready = list.filter((vertex) => !vertex.before.length).sort((a, b) => a.rank - b.rank);
  /** @type {Vertex[]} */
  const sorted = [];
  while (ready.length) {
    const vertex = ready.shift();
    sorted.push(vertex);
    for (const { head } of vertex.after) {
      head.layer = Math.max(head.layer, vertex.layer + 1);
      waiting.set(head, waiting.get(head) - 1);
      if (!waiting.get(head)) ready.push(head);
    }
  }
  const hasEntrance = list.some((vertex) => vertex.port === "in");
  if (hasEntrance) for (const vertex of sorted) if (!vertex.port && !vertex.before.length) vertex.layer = Math.max(vertex.layer, 1);
  for (const vertex of sorted) for (const { head } of vertex.after) head.layer = Math.max(head.layer, vertex.layer + 1);
  for (const vertex of sorted.reverse())
    if (!vertex.port && !vertex.before.length && vertex.after.length) vertex.layer = Math.min(...vertex.after.map((/** @type {LayeredEdge} */ edge) => edge.head.layer)) - 1;
  let last = Math.max(0, ...sorted.filter((vertex) => vertex.port !== "out").map((vertex) => vertex.layer));
  for (const vertex of sorted) if (vertex.port === "out") vertex.layer = last + 1;
  last = Math.max(last, ...sorted.map((vertex) => vertex.layer));
  const rows = Array.from({ length: last + 1 }, () => /** @type {Vertex[]} */ ([]));
  for (const vertex of list) rows[vertex.layer].push(vertex);
  for (const row of rows) row.sort((a, b) => a.rank - b.rank);
  return rows;
}

// The pieces of all edges between neighbouring layers. Edges of one unit share their way until they part.
/** @type {(edges: LayeredEdge[], rows: Vertex[][]) => Piece[]} */
export function cutAtLayers(edges, rows) {
  /** @type {Piece[]} */
  const pieces = [];
  /** @type {(id: number, from: Vertex, to: Vertex, links: any[]) => Piece} */
  const enter = (id, from, to, links) => {
    const piece = { id, from, to, links, shift: 0 };
    pieces.push(piece);
    return piece;
  };
  for (const { id, tail, head, links } of edges) {
    tail.ways ??= new Map();
    const exit = tail.sheet ? id : 0;
    const way = tail.ways.get(exit) ?? tail.ways.set(exit, []).get(exit); // the pieces through the layers behind the tail
    let here = tail;
    for (let layer = tail.layer + 1; layer < head.layer; layer++) {
      const step = layer - tail.layer - 1;
      if (!way[step]) {
        const dummy = { dummy: true, layer, width: 0, height: 0, rank: tail.rank };
        rows[layer].push(dummy);
        way.push(enter(id, here, dummy, []));
      }
      for (const link of links) way[step].links.push(link);
      here = way[step].to;
    }
    enter(id, here, head, links);
  }
  return pieces;
}

/** @type {(rows: Vertex[][], pieces: Piece[]) => void} */
export function orderRows(rows, pieces) {
  for (const row of rows) for (const vertex of row) [vertex.lefts, vertex.rights] = [[], []];
  for (const piece of pieces) {
    piece.shift = portOffset(piece.from, "out", piece.id) - portOffset(piece.to, "in", piece.id);
    piece.to.lefts.push(piece);
    piece.from.rights.push(piece);
  }
  const number = (/** @type {Vertex[]} */ row) => row.forEach((vertex, index) => (vertex.at = (index + 0.5) / row.length));
  rows.forEach(number);
  // Neighbours of one open box at several heights keep the order of these heights.
  const mean = (/** @type {Vertex} */ vertex, /** @type {Side} */ side) => (vertex[side].length ? sumOver(vertex, side, "at", 1e-6) / vertex[side].length : vertex.at);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 ? "rights" : "lefts";
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      for (const vertex of row) vertex.wanted = mean(vertex, side);
      row.sort((a, b) => a.wanted - b.wanted);
      number(row);
    }
  }
}

// Over all neighbours on one side: their place, and how far below it the wire between them arrives.
/** @type {(vertex: Vertex, side: Side, axis: string, weight: number) => number} */
function sumOver(vertex, side, axis, weight) {
  let sum = 0;
  if (side === "lefts") for (const { from, shift } of vertex.lefts) sum += from[axis] + shift * weight;
  else for (const { to, shift } of vertex.rights) sum += to[axis] - shift * weight;
  return sum;
}

// The place of each vertex across: near its neighbours, in its order, without overlap (those that collide are pooled).
/** @type {(rows: Vertex[][]) => void} */
export function placeAcross(rows) {
  for (const row of rows) spread(row, row.map(() => 0));
  const mean = (/** @type {Vertex} */ vertex, /** @type {Side[]} */ sides) => {
    let [sum, count] = [0, 0];
    for (const side of sides) [sum, count] = [sum + sumOver(vertex, side, "y", 1), count + vertex[side].length];
    return count ? sum / count : vertex.y;
  };
  for (const sides of /** @type {Side[][]} */ ([["lefts"], ["rights"], ["lefts"], ["rights"], ["lefts", "rights"], ["lefts", "rights"]]))
    for (const row of sides[0] === "rights" ? [...rows].reverse() : rows) spread(row, row.map((vertex) => mean(vertex, sides)));
}

/** @type {(row: Vertex[], wanted: number[]) => void} */
function spread(row, wanted) {
  /** @type {{ mean: number, weight: number, from: number }[]} */
  const pools = [];
  let here = 0;
  row.forEach((vertex, index) => {
    if (index) {
      const gap = vertex.height && row[index - 1].height ? ROW_GAP : PORT_GAP;
      here += (row[index - 1].height + vertex.height) / 2 + gap;
    }
    vertex.y = here;
    const pool = { mean: wanted[index] - here, weight: vertex.height > 0 ? 2 : 1, from: index };
    while (pools.length && pools.at(-1).mean >= pool.mean) {
      const other = pools.pop();
      pool.mean = (other.mean * other.weight + pool.mean * pool.weight) / (other.weight + pool.weight);
      [pool.weight, pool.from] = [other.weight + pool.weight, other.from];
    }
    pools.push(pool);
  });
  pools.forEach((pool, index) => {
    const end = pools[index + 1]?.from ?? row.length;
    for (const vertex of row.slice(pool.from, end)) vertex.y += pool.mean;
  });
}

// How far below the middle of an open box an edge crosses its border; 0 for a closed one.
/** @type {(vertex: Vertex, side: string, id: number) => number} */
export const portOffset = (vertex, side, id) => (vertex.sheet ? vertex.sheet.ports.get(`${side}${id}`) - vertex.height / 2 : 0);
