// The edges drawn in each open box. All links between two units of a box are one edge, and so are all that enter or leave
// an inner box with it. Where several units hand the same numbers to many others, their edges meet in a hub.
const LEAST_CROSSED = 24; // edges that a hub replaces

/**
 * @typedef {{ from: number, to: number, sources: Set<number> }} Link between units of the sheet
 * @typedef {{ id: number, from: number | string, to: number | string, links: Link[] }} Edge
 *   from, to: a unit, or "in3", "out3": the border where edge 3 of the box around crosses it, or "hub3"
 */

/**
 * For each open group its edges.
 * @param {{ nodes: number, around: (unit: number) => number[] }} graph
 * @param {Link[]} links
 * @returns {Map<number, Edge[]>}
 */
export function bundledEdges(graph, links) {
  /** @type {Map<number, Map<string, Edge>>} */
  const edges = new Map();
  let count = 0;
  /** @type {(group: number, from: number | string, to: number | string, link: Link) => Edge} */
  const enter = (group, from, to, link) => {
    const inside = edges.get(group) ?? edges.set(group, new Map()).get(group);
    const key = `${from}|${to}`;
    const edge = inside.get(key) ?? inside.set(key, { id: count++, from, to, links: [] }).get(key);
    edge.links.push(link);
    return edge;
  };
  const ways = links.map((link) => {
    const [inner, outer] = [link.from, link.to].map((unit) => [...graph.around(unit), 0]);
    while (inner.length > 1 && outer.length > 1 && inner.at(-2) === outer.at(-2)) {
      inner.pop();
      outer.pop();
    }
    const meeting = inner.pop();
    outer.pop();
    const [tail, head] = [inner, outer].map((groups, side) => (groups.length ? graph.nodes + groups.at(-1) : [link.from, link.to][side]));
    return { link, inner, outer, edge: enter(meeting, tail, head, link) };
  });
  /** @type {Map<number, number>} of an edge that ends at a hub, the number of the one that goes on from there */
  const goesOn = new Map();
  for (const [group, inside] of edges) for (const hub of hubs([...inside.values()])) {
    for (const edge of hub) {
      inside.delete(`${edge.from}|${edge.to}`);
      for (const link of edge.links) {
        enter(group, edge.from, `hub${hub[0].id}`, link);
        goesOn.set(edge.id, enter(group, `hub${hub[0].id}`, edge.to, link).id);
      }
    }
  }
  for (const { link, inner, outer, edge } of ways) {
    let border = goesOn.get(edge.id) ?? edge.id;
    for (let place = outer.length - 1; place >= 0; place--)
      border = enter(outer[place], `in${border}`, place ? graph.nodes + outer[place - 1] : link.to, link).id;
    border = edge.id;
    for (let place = inner.length - 1; place >= 0; place--)
      border = enter(inner[place], place ? graph.nodes + inner[place - 1] : link.from, `out${border}`, link).id;
  }
  return new Map([...edges].map(([group, inside]) => [group, [...inside.values()]]));
}

/**
 * The edges that are to meet in a hub, for each hub: from each of some closed units the same numbers to the same others.
 * @param {Edge[]} edges
 */
function hubs(edges) {
  /** @type {Map<number | string, Edge[]>} */
  const leaving = new Map();
  for (const edge of edges) (leaving.get(edge.from) ?? leaving.set(edge.from, []).get(edge.from)).push(edge);
  /** @type {Map<string, Edge[]>} */
  const alike = new Map();
  for (const of of leaving.values()) {
    const numbers = new Set(of.map(({ links }) => [...new Set(links.flatMap(({ sources }) => [...sources]))].sort((a, b) => a - b).join()));
    if (of.length < 3 || numbers.size > 1 || of.some(({ from, links }) => links.some((link) => link.from !== from))) continue;
    const key = of.map(({ to }) => to).sort().join();
    (alike.get(key) ?? alike.set(key, []).get(key)).push(...of);
  }
  return [...alike.values()].filter((met) => met.length >= LEAST_CROSSED && met.some(({ from }) => from !== met[0].from));
}
