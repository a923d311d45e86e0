// What stands below the picture besides the derivation: what if, the paths, and why this order.

// What if: other numbers for the inputs, beside what the gradient promised and what really happens.
class WhatIf {
  constructor(stepper) {
    this.stepper = stepper;
    const { data, base } = stepper;
    this.element = make("section", { class: "panel what-if", "aria-label": "What if" });
    if (typeof data.program === "string") {
      this.element.append(make("p", {}, `What if is off here: ${data.program}`));
      return;
    }
    this.leaves = data.program.leaves;
    this.inputs = this.leaves.map((card) => this.row(card, base.values[card]));
    this.reset = make("button", { type: "button" }, "Back to the first numbers");
    this.reset.addEventListener("click", () => this.set(this.leaves.map((card) => base.values[card])));
    this.told = make("div", { class: "told", role: "status", "aria-live": "polite" });
    const hint = "Change a number: everything is computed again, here in the page, by the same chain rule." +
      (stepper.update <= stepper.last ? " The update steps belong to the first numbers, and come back with them." : "");
    this.element.append(make("p", { class: "hint" }, hint),
      make("div", { class: "rows" }, ...this.inputs.map(({ row }) => row)), this.told, this.reset);
    this.tell();
  }

  row(card, number) {
    const name = this.stepper.data.cards[card];
    const reach = Math.max(1, Math.abs(number));
    const field = make("input", { type: "number", step: "any", value: String(number), "aria-label": `${name}, a number` });
    const slider = make("input", { type: "range", min: String(number - reach), max: String(number + reach),
      step: String(reach / 100), "aria-label": `${name}, a slider` });
    slider.value = String(number);
    const was = make("span", { class: "was", role: "status" }, `was ${numberText(number)}`);
    const input = { row: make("div", { class: "row" }, make("span", { class: "name" }, name), field, slider, was), field, slider, number };
    // What is no finite number changes nothing, and says so; the number before it stays in force.
    input.tell = (valid) => {
      field.setAttribute("aria-invalid", String(!valid));
      was.textContent = valid ? `was ${numberText(number)}` : `no finite number: still ${numberText(input.number)}`;
    };
    field.addEventListener("input", () => {
      const valid = field.value.trim() !== "" && Number.isFinite(+field.value);
      input.tell(valid);
      if (!valid) return;
      input.number = +field.value;
      slider.value = field.value;
      this.recompute();
    });
    slider.addEventListener("input", () => {
      field.value = String(+(+slider.value).toPrecision(6));
      field.dispatchEvent(new Event("input"));
    });
    return input;
  }

  get numbers() {
    return this.inputs.map(({ number }) => number);
  }

  set(numbers) {
    this.inputs.forEach((input, index) => {
      input.number = numbers[index];
      input.field.value = input.slider.value = String(numbers[index]);
      input.tell(true);
    });
    this.recompute();
  }

  recompute() {
    const { numbers } = this;
    const { base } = this.stepper;
    const moved = this.leaves.some((card, index) => numbers[index] !== base.values[card]);
    this.stepper.recompute(moved ? numbers : null);
    this.tell();
  }

  offBy(difference) {
    if (difference === 0 || !Number.isFinite(difference)) return [];
    return [make("tr", {}, make("th", { scope: "row" }, "Off by"), make("td", {}, signedText(difference)),
      make("td", {}, "the slope is that of the first place; it may bend on the way"))];
  }

  tell() {
    const { data, base, now, output } = this.stepper;
    const name = data.cards[output];
    const before = base.values[output];
    const moved = this.leaves.filter((card) => now.values[card] !== base.values[card]);
    this.reset.disabled = !moved.length;
    if (!moved.length) {
      this.told.replaceChildren(make("p", {}, `${name} is ${numberText(before)}.`));
      return;
    }
    const rows = moved.map((card) => {
      const change = now.values[card] - base.values[card];
      const product = base.grads[card] * change;
      return { product, cells: [`gradient × change of ${data.cards[card]}`,
        `${numberText(base.grads[card])} × ${bracketed(change)} ${relation(base.grads[card], change, product)} ${numberText(product)}`] };
    });
    const promised = rows.reduce((sum, { product }) => sum + product, 0);
    const really = now.values[output] - before;
    const line = (words, change, after, kind) => make("tr", { class: kind }, make("th", { scope: "row" }, words),
      make("td", {}, signedText(change)), make("td", {}, `${name} = ${numberText(after)}`));
    const body = rows.map(({ cells, product }) => make("tr", {}, make("th", { scope: "row" }, cells[0]),
      make("td", {}, signedText(product)), make("td", {}, cells[1])));
    if (rows.length === 1) body.length = 0;
    const table = make("table", {}, make("caption", {}, `${name} was ${numberText(before)}`),
      make("tbody", {}, ...body,
        line(rows.length === 1 ? `The gradient promises (${rows[0].cells[1].split(/ [=≈] /)[0]})` : "The gradient promises", promised, before + promised, "promised"),
        line("It really changes", really, now.values[output], "really"), ...this.offBy(really - promised)));
    this.told.replaceChildren(table);
  }
}

// Every path from a chosen node to the output, with the product of its partials; past a limit they are counted.
class Paths {
  constructor(stepper) {
    this.stepper = stepper;
    const { data } = stepper;
    const id = `autograd-paths-${stepper.number}`;
    this.choice = make("select", { id });
    for (const card of [...data.inputs, ...data.others]) this.choice.append(make("option", { value: String(card) }, data.cards[card]));
    this.choice.addEventListener("change", () => this.tell());
    this.list = make("ol", { class: "paths" });
    this.words = make("p", { class: "sum", role: "status", "aria-live": "polite" });
    this.element = make("section", { class: "panel", "aria-label": "Paths" },
      make("p", { class: "hint" }, make("label", { for: id }, "Every path back to "), this.choice,
        `, with the product of its partials. Choose a path to see it in the picture.`), this.list, this.words);
  }

  tell() {
    const { data, links, now, output } = this.stepper;
    const source = +this.choice.value;
    const leaving = new Map();
    for (const link of links) {
      if (now.links[link.index]?.flows) leaving.set(link.tail, [...(leaving.get(link.tail) ?? []), link]);
    }
    const counts = new Map([[output, 1]]);
    // Cards of nodes stand in the order of computation, so going down their numbers every end is counted before.
    for (const card of data.sequence) {
      if (card !== output) counts.set(card, (leaving.get(card) ?? []).reduce((sum, link) => sum + counts.get(link.tip), 0));
    }
    const count = counts.get(source);
    const many = `${count.toLocaleString("en")} path${count === 1 ? "" : "s"}`;
    const of = `d${data.cards[output]}/d${data.cards[source]}`;
    const gradient = numberText(source === output ? 1 : now.grads[source]);
    this.stepper.trace([]);
    if (!count || count > data.mostPaths) {
      const why = count ? "too many to list: the sweep adds where they meet instead of following each" : "no edge is open";
      this.list.replaceChildren();
      this.words.textContent = `${many}, ${why}. ${of} = ${gradient}`;
      return;
    }
    const found = this.walk(source, leaving, counts);
    this.list.replaceChildren(...found.map((path) => this.item(source, path)));
    const products = found.map((path) => this.product(path));
    const sum = products.map((one, index) => (index ? bracketed(one) : numberText(one))).join(" + ");
    const gives = numberText(products.reduce((total, one) => total + +numberText(one), 0)) === gradient;
    this.words.textContent = products.length === 1 ? `1 path: ${of} = ${gradient}` : `${many}: ${of} = ${sum} ${gives ? "=" : "≈"} ${gradient}`;
  }

  walk(source, leaving, counts) {
    const found = [];
    const waiting = [[source, []]];
    while (waiting.length) {
      const [card, path] = waiting.pop();
      if (card === this.stepper.output) found.push(path);
      else for (const link of (leaving.get(card) ?? [])) if (counts.get(link.tip)) waiting.push([link.tip, [...path, link]]);
    }
    return found;
  }

  product(path) {
    return path.reduceRight((product, link) => product * this.stepper.now.links[link.index].partial, 1);
  }

  item(source, path) {
    const { data, now } = this.stepper;
    const names = [source, ...path.map((link) => link.tip)].map((card) => data.cards[card]);
    const partials = path.map((link) => now.links[link.index].partial);
    const product = this.product(path);
    const gives = numberText(partials.reduce((total, one) => total * +numberText(one), 1)) === numberText(product);
    const factors = partials.map((one, index) => (index ? bracketed(one) : numberText(one))).join(" × ");
    const button = make("button", { type: "button", "aria-pressed": "false" }, make("span", {}, names.join(" → ")),
      make("span", { class: "numbers" }, path.length > 1 ? `${factors} ${gives ? "=" : "≈"} ${numberText(product)}` : numberText(product)));
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      for (const one of this.list.querySelectorAll("button")) one.setAttribute("aria-pressed", String(on && one === button));
      this.stepper.trace(on ? path : []);
    });
    return make("li", {}, button);
  }
}

// Why this order: who waits for whom, and the numbers another way gives on this very graph.
function orderPanel(order) {
  const wrong = order.wrong.map(([kind, sentence, lines]) => make("li", {}, make("strong", {}, `${kind}: `), `${sentence}.`,
    make("ul", {}, ...lines.map((line) => make("li", {}, line)))));
  const panel = make("section", { class: "panel", "aria-label": "Why this order" }, make("p", {}, order.why),
    make("p", { class: "sequence" }, order.nodes.join(" → ")),
    make("ul", {}, ...order.sentences.map((sentence) => make("li", {}, sentence))));
  if (wrong.length) panel.append(make("h3", {}, "Another way on this very graph, at the numbers the page came with"), make("ul", { class: "wrong" }, ...wrong));
  return panel;
}
