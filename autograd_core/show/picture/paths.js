// Every path from a node to the root along which a gradient comes back, those with the largest products first.
const MOST_PATHS = 50;
const MOST_HOPS = 9;

// How many there are.
function countPaths(graph, start) {
  const paths = new Float64Array(graph.nodes);
  paths[graph.root] = 1;
  for (let user = graph.root; user > start; user--)
    if (paths[user]) for (let edge = graph.first[user]; edge < graph.first[user + 1]; edge++) if (graph.flowing[edge]) paths[graph.source[edge]] += paths[user];
  return paths[start];
}

// The `most` largest, each as the edges from `start` to the root. A path is told by where it leaves the largest way on
// from a node: leaving one that is found at every node behind its last such place gives each of the others once.
function largestPaths(graph, start, most) {
  const { first, source, flowing, partial, root } = graph;
  const best = new Float64Array(graph.nodes).fill(-1); // the size of the largest product from a node on, -1 for no way
  const way = new Int32Array(graph.nodes); // and the edge it begins with
  best[root] = 1;
  for (let user = root; user > start; user--) {
    if (best[user] < 0) continue;
    for (let edge = first[user]; edge < first[user + 1]; edge++) {
      const size = sizeOfNumber(partial[edge] * best[user]);
      if (flowing[edge] && size > best[source[edge]]) [best[source[edge]], way[source[edge]]] = [size, edge];
    }
  }
  const found = [];
  const waiting = best[start] < 0 ? [] : [{ of: [], length: 0, leaving: null, before: 1, size: best[start] }];
  while (waiting.length && found.length < most) {
    const chosen = waiting.reduce((largest, one, index) => (one.size > waiting[largest].size ? index : largest), 0);
    const [{ of, length, leaving, before }] = waiting.splice(chosen, 1);
    const path = leaving === null ? [] : [...of.slice(0, length), leaving];
    let product = leaving === null ? 1 : before * partial[leaving];
    let here = leaving === null ? start : graph.userOf[leaving];
    while (here !== root) {
      for (const edge of graph.leaving(here)) {
        const size = best[graph.userOf[edge]] < 0 ? -1 : sizeOfNumber(product * partial[edge] * best[graph.userOf[edge]]);
        if (edge !== way[here] && size >= 0) waiting.push({ of: path, length: path.length, leaving: edge, before: product, size });
      }
      path.push(way[here]);
      product *= partial[way[here]];
      here = graph.userOf[way[here]];
    }
    found.push(path);
  }
  return found;
}

// The part of the panel that lists them for one node.
class PathList {
  constructor(graph, sheet, node) {
    Object.assign(this, { graph, sheet, node });
    const count = countPaths(graph, node);
    const paths = largestPaths(graph, node, MOST_PATHS);
    const root = graph.nameOf(graph.root);
    const name = graph.nameOf(node);
    const many = count < 1e6 ? counted(count, "path") : `about ${numberText(count)} paths`;
    this.list = make("ol", { class: "paths" }, ...paths.map((path) => this.item(path)));
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    const rest = count > paths.length ? `; the ${paths.length} largest are listed, the others counted` : "";
    this.element = make("div", {}, make("p", {}, `${many} from ${name} to ${root}${rest}.`), this.list,
      make("p", { class: "sum" }, this.sum(paths, count, `d${root}/d${name}`)));
  }

  // The product from the root back to the node, as the sweep multiplies.
  product(edges) {
    return edges.reduceRight((product, edge) => product * this.graph.partial[edge], 1);
  }

  sum(paths, count, of) {
    if (!count) return `${of} has no path: every way there is closed.`;
    const products = paths.map((path) => this.product(path));
    const sum = products.reduce((total, one) => total + one, 0);
    const gradient = numberText(this.graph.adjoint[this.node]);
    if (count > paths.length) return `The products listed add up to ${numberText(sum)}, all together to ${of} = ${gradient}.`;
    const written = products.map((one, index) => (index ? bracketed(one) : numberText(one)));
    const gives = numberText(products.reduce((total, one) => total + +numberText(one), 0)) === gradient;
    if (products.length > 6) return `Their products add up to ${of} = ${gradient}.`;
    return `${of} = ${written.join(" + ")}${products.length > 1 ? ` ${gives ? "=" : "≈"} ${gradient}` : ""}`;
  }

  // Through a closed box a path is one hop, told by the node it leaves it at.
  hops(edges) {
    const { standsFor } = this.sheet.seen;
    const hops = [{ unit: standsFor[this.node], node: this.node, edges: [] }];
    let through = [];
    for (const edge of edges) {
      const node = this.graph.userOf[edge];
      through.push(edge);
      if (standsFor[node] !== hops.at(-1).unit) hops.push({ unit: standsFor[node], edges: [] });
      const hop = hops.at(-1);
      hop.node = node;
      if (hops.length > 1) [hop.edges, through] = [[...hop.edges, ...through], []];
    }
    return hops;
  }

  nameOfHop({ unit, node }) {
    const name = this.graph.nameOf(node);
    return unit === node ? name : `${this.graph.nameOf(unit)} (${name})`;
  }

  item(edges) {
    const hops = this.hops(edges);
    const names = abridged([this.graph.nameOf(this.node), ...hops.slice(1).map((hop) => this.nameOfHop(hop))]);
    const factors = hops.slice(1).map((hop) => this.product(hop.edges));
    const product = this.product(edges);
    const gives = numberText(factors.reduce((total, one) => total * +numberText(one), 1)) === numberText(product);
    const written = abridged(factors.map((one, index) => (index ? bracketed(one) : numberText(one)))).join(" × ");
    const numbers = factors.length > 1 ? `${written} ${gives ? "=" : "≈"} ` : "";
    const button = make("button", { type: "button", "aria-pressed": "false" }, make("span", {}, names.join(" → ")),
      make("span", { class: "numbers" }, numbers, make("b", { style: `color:var(--${roleOf(product)})` }, Number.isFinite(product) ? signedText(product) : numberText(product))));
    button.path = edges;
    return make("li", {}, button);
  }

  // Light one path in the picture, and tell it node by node.
  choose(button) {
    if (!button) return;
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const one of this.list.querySelectorAll("button")) one.setAttribute("aria-pressed", String(on && one === button));
    this.list.querySelector(".scrolling")?.remove();
    const { graph } = this;
    const path = on ? button.path : [];
    this.sheet.trace(path.map((edge) => [graph.source[edge], graph.userOf[edge]]));
    if (!path.length) return;
    const telling = path.filter((edge) => graph.partial[edge] !== 1);
    const rows = telling.map((edge) => make("tr", {}, make("th", { scope: "row" }, `∂${graph.nameOf(graph.userOf[edge])}/∂${graph.nameOf(graph.source[edge])}`), make("td", {}, exact(graph.partial[edge]))));
    if (telling.length < path.length) rows.push(make("tr", {}, make("td", { colspan: 2 }, `and ${counted(path.length - telling.length, "partial")} of 1`)));
    button.after(make("div", { class: "scrolling" }, make("table", {}, make("tbody", {}, ...rows))));
  }
}

// The first and the last of many.
const abridged = (words) => (words.length <= MOST_HOPS ? words : [...words.slice(0, 4), `… ${words.length - 8} more …`, ...words.slice(-4)]);
