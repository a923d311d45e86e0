// What is said of an entry: the scalars behind it, with the numbers put in.
const written = (number) => (number === null || number === undefined ? "–" : numberText(number).replace(/-/g, "−"));
const signedWritten = (number) => (number > 0 ? "+" : "") + written(number);
const inBrackets = (number) => (number < 0 ? `(${written(number)})` : written(number));
const shownNumber = (number) => +numberText(number);
const gives = (shown, number) => (numberText(shown) === numberText(number) || !Number.isFinite(number) ? "=" : "≈");
const MOST_WRITTEN = 8; // terms of a sum

class Words {
  constructor(layer) {
    this.layer = layer;
    this.of = (name) => `d${layer.output}/d${name}`;
  }

  bias(i) {
    return this.layer.b[i] ?? null;
  }

  delta(i) {
    return `δ[${this.layer.rows[i]}]`;
  }

  // "factor · factor = product", with ≈ where the digits shown don't multiply out.
  product(left, right, number) {
    return `${written(left)} · ${inBrackets(right)} ${gives(shownNumber(left) * shownNumber(right), number)} ${written(number)}`;
  }

  // A sum in names and in numbers. terms: [names, factors ...] of each; left: how many of it have no table here; last: a
  // term that always stands, behind them; total: what it gives.
  sum(terms, left, total, last = []) {
    const few = terms.slice(0, MOST_WRITTEN);
    const rest = terms.length - few.length + left;
    const more = rest ? [`… ${rest.toLocaleString("en")} more`] : [];
    const numbers = ([, ...factors]) => factors.map((one, place) => (place ? inBrackets(one) : written(one))).join(" · ");
    const names = [...few.map(([name]) => name), ...more, ...last.map(([name]) => name)].join(" + ");
    const filled = [...few.map(numbers), ...more, ...last.map(numbers)].join(" + ").replace(/\+ −/g, "− ");
    const product = ([, ...factors]) => factors.reduce((sofar, one) => sofar * shownNumber(one), 1);
    const shown = [...terms, ...last].reduce((sofar, term) => sofar + product(term), 0);
    return `${names} = ${filled} ${rest ? "=" : gives(shown, total)} ${written(total)}`;
  }

  forwardOfUnit(i) {
    const { W, x, z, kept, shape } = this.layer;
    const terms = W[i].map((weight, j) => [`${this.weight(i, j)}·${x[j][0]}`, weight[1], x[j][1]]);
    const bias = this.bias(i) ? [[this.biasName(i), this.bias(i)[1]]] : [];
    return `${z[i][0]} = ${this.sum(terms, shape[1] - kept[1], z[i][1], bias)}`;
  }

  // The program may subtract a product: the matrix then holds the opposite of the number named.
  weight(i, j) {
    const name = this.layer.W[i][j][0];
    return this.layer.subtracted.has(`${i}:${j}`) ? `(−${name})` : name;
  }

  biasName(i) {
    const name = this.bias(i)[0];
    return this.layer.minusBias.includes(i) ? `(−${name})` : name;
  }

  forwardOfWeight(i, j) {
    const { W, x, z, product } = this.layer;
    return `${this.weight(i, j)} · ${x[j][0]} = ${this.product(W[i][j][1], x[j][1], product[i][j])}, one of the terms of ${z[i][0]}`;
  }

  backwardOfWeight(i, j) {
    const { W, x, delta } = this.layer;
    const [, , share, grad, elsewhere, others] = W[i][j];
    if (share === undefined) return `${W[i][j][0]} is a plain number of the program: no gradient is wanted for it.`;
    const line = `${this.delta(i)} · ${x[j][0]} = ${this.product(delta[i], x[j][1], share)}`;
    return others ? `${line}. ${this.whole(this.weight(i, j), share, grad, elsewhere, others)}` : `${this.of(this.weight(i, j))} = ${line}`;
  }

  // What is used elsewhere too has here a share of its gradient.
  whole(name, share, grad, elsewhere, others) {
    const relation = gives(shownNumber(share) + shownNumber(elsewhere), grad);
    const edges = `${others.toLocaleString("en")} other edge${others === 1 ? "" : "s"}`;
    return `That is this layer's share: ${this.of(name)} = ${written(share)} + ${inBrackets(elsewhere)} from elsewhere (${edges}) ${relation} ${written(grad)}`;
  }

  ofDelta(i) {
    const { z, delta, closed, shape, b } = this.layer;
    const terms = `${shape[1].toLocaleString("en")} product${shape[1] === 1 ? "" : "s"}${b[i] ? " and its bias" : ""}`;
    if (closed.includes(i)) return `${this.delta(i)} = ${this.of(z[i][0])} = 0: a closed gate above stops all that could arrive.`;
    return `${this.delta(i)} = ${this.of(z[i][0])} = ${written(delta[i])}: the sum hands it on unchanged to its ${terms}.`;
  }

  ofBias(i) {
    const bias = this.bias(i);
    if (!bias) return `${this.layer.z[i][0]} adds no bias.`;
    const [, , share, grad, elsewhere, others] = bias;
    if (share === undefined) return `${bias[0]} is a plain number of the program: no gradient is wanted for it.`;
    const line = `${this.delta(i)} = ${written(this.layer.delta[i])}`;
    return others ? `${line} goes to ${bias[0]} unchanged. ${this.whole(this.biasName(i), share, grad, elsewhere, others)}`
      : `${this.of(this.biasName(i))} = ${line}: added as it is, it gets δ unchanged.`;
  }

  ofInput(j) {
    const { x, shape } = this.layer;
    const units = shape[0] === 1 ? "the one unit" : `all ${shape[0].toLocaleString("en")} units`;
    return `${x[j][0]} = ${written(x[j][1])} goes into ${units}: it meets column ${j} of ${this.layer.symbols.W}.`;
  }

  backwardOfInput(j) {
    const { W, x, delta, kept, shape } = this.layer;
    const [name, , share, grad, elsewhere, others] = x[j];
    if (share === undefined) return `${name} is a plain number of the program: no gradient is wanted for it.`;
    const terms = W.map((row, i) => [`${this.weight(i, j)}·${this.delta(i)}`, row[j][1], delta[i]]);
    const line = this.sum(terms, shape[0] - kept[0], share);
    return others ? `${line}. ${this.whole(name, share, grad, elsewhere, others)}` : `${this.of(name)} = ${line}`;
  }

  // One contribution on its way to an input, and what has arrived by then.
  contribution(i, j, arrived) {
    const { W, x, delta, carried } = this.layer;
    const line = `to ${x[j][0]}: ${this.weight(i, j)} · ${this.delta(i)} = ${this.product(W[i][j][1], delta[i], carried[i][j])}`;
    return `${line}; arrived from this layer so far: ${written(arrived)}`;
  }

  // The lines for an entry, forward first, each with the entry that has to be there for it to be said.
  lines([kind, i, j]) {
    const forwardOfBias = () => (this.bias(i) ? `${this.biasName(i)} = ${written(this.bias(i)[1])} is added to ${this.layer.z[i][0]}` : "");
    const [forward, backward] = {
      W: () => [[["product", i, j], this.forwardOfWeight(i, j)], [["dW", i, j], () => this.backwardOfWeight(i, j)]],
      z: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
      b: () => [[["b", i, 0], forwardOfBias()], [["db", i, 0], () => this.ofBias(i)]],
      x: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      dx: () => [[["x", 0, j], this.ofInput(j)], [["whole", 0, j], () => this.backwardOfInput(j)]],
      delta: () => [[["z", i, 0], this.forwardOfUnit(i)], [["delta", i, 0], () => this.ofDelta(i)]],
    }[ALIKE[kind] ?? kind]();
    const told = this.layer.problem ? [forward] : [forward, [backward[0], backward[1]()]];
    return told.filter(([, line]) => line);
  }
}
