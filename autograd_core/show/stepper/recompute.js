// The page at other numbers: the same texts as the data brings, made here from what the program gives.

// values and grads by card; by link its partial, its contribution, whether anything flows and why not.
function numbersOf(data) {
  const links = {};
  for (const [index, [partial, contribution, blocked]] of Object.entries(data.links)) {
    links[index] = { partial: numberOf(partial), contribution: numberOf(contribution), flows: contribution !== null, blocked };
  }
  const each = (numbers) => Object.fromEntries(Object.entries(numbers).map(([card, one]) => [card, numberOf(one)]));
  return { values: each(data.values), grads: each(data.grads), links, largest: largestOf(links) };
}

function recomputed(program, leaves) {
  const held = run(program, leaves);
  const values = {}, grads = {}, links = {};
  for (const [card, [value, grad]] of Object.entries(program.cards)) [values[card], grads[card]] = [held[value], held[grad]];
  for (const [index, [partial, contribution, flows]] of Object.entries(program.links)) {
    links[index] = { partial: held[partial], contribution: held[contribution], flows: held[flows] !== 0 };
  }
  return { values, grads, links, largest: largestOf(links) };
}

function largestOf(links) {
  return Math.max(0, ...Object.values(links).filter((one) => one.flows).map((one) => Math.abs(one.contribution)).filter(Number.isFinite));
}

// The contributions to a card up to the step shown, and whether these are all.
function arrivedAt(stepper, card, upTo) {
  const { incoming } = stepper.cards[card];
  const done = incoming.filter((link) => link.step <= upTo);
  const terms = done.map((link) => stepper.now.links[link.index]).filter((one) => one.flows).map((one) => one.contribution);
  const complete = done.length === incoming.length;
  const total = complete ? stepper.now.grads[card] : terms.reduce((sum, one) => sum + one, 0);
  return { terms, complete, total };
}

function cardText(stepper, card, what) {
  const { now, at, output } = stepper;
  if (what === "value") return { text: numberText(now.values[card]), role: "ink" };
  if (card === output) return { text: "+1", role: "positive" };
  const { terms, complete, total } = arrivedAt(stepper, card, at);
  if (complete) return { text: signedText(total), role: roleOf(total) };
  return { text: terms.length ? `${numberText(total)} + …` : "–", role: "ink" };
}

// What is written on a link: the contribution, its product while it is made; and how thick it is, by size.
function carriedBy(stepper, link) {
  const one = stepper.now.links[link.index];
  if (!one) return null;
  if (!one.flows) return { flows: false, role: "ink", width: 1.5, text: "", product: one.blocked ?? "nothing flows" };
  const upstream = stepper.now.grads[link.tip];
  const part = stepper.now.largest && Number.isFinite(one.contribution) ? Math.abs(one.contribution) / stepper.now.largest : 0;
  return { flows: true, role: roleOf(one.contribution), width: 1.5 + 4.5 * Math.sqrt(part), text: signedText(one.contribution),
    product: `${numberText(upstream)} × ${bracketed(one.partial)} ${relation(upstream, one.partial, one.contribution)} ${numberText(one.contribution)}` };
}

const EQUALS = ["mo", "="];
const about = (gives) => (gives ? EQUALS : ["mo", "≈"]);

// A formula of a step with the numbers of now, as pieces of MathML; what stands in symbols stays.
function rewritten(stepper, label, symbols, moment) {
  const { now, data } = stepper;
  const written = symbols.map((number) => data.pieces[number]);
  const edge = now.links[moment.link];
  if (label === "value") return [...written, EQUALS, mathNumber(now.values[moment.node])];
  if (label === "partial") return [...written, EQUALS, ...(edge.flows ? [mathNumber(edge.partial)] : [["mi", "nothing flows"]])];
  if (label === "upstream × partial") {
    if (!edge.flows) return [["mtext", "nothing flows"]];
    const upstream = now.grads[moment.node];
    return [mathNumber(upstream), ["mo", "·"], mathNumber(edge.partial, true),
      about(relation(upstream, edge.partial, edge.contribution) === "="), mathNumber(edge.contribution)];
  }
  if (label === "arrived" || label === "gradient") {
    const { terms, complete, total } = arrivedAt(stepper, moment.source, stepper.moments.indexOf(moment));
    const sum = terms.flatMap((one, index) => (index ? [["mo", "+"], mathNumber(one, true)] : [mathNumber(one)]));
    if (!complete) return [...written, ...sum, ...(sum.length ? [["mo", "+"]] : []), ["mo", "⋯"]];
    if (terms.length < 2) return [...written, EQUALS, mathNumber(total)];
    const gives = numberText(terms.reduce((whole, one) => whole + +numberText(one), 0)) === numberText(total);
    return [...written, EQUALS, ...sum, about(gives), mathNumber(total)];
  }
  return written;
}

// A step in words, at the numbers of now.
function reworded(stepper, moment) {
  const { now, base, data, output } = stepper;
  const name = data.cards[moment.node];
  if (moment.phase === "forward") {
    return `${name} is now ${numberText(now.values[moment.node])}; it was ${numberText(base.values[moment.node])}.`;
  }
  if (moment.source === null) return moment.words;
  const source = data.cards[moment.source];
  const edge = now.links[moment.link];
  const { complete, total } = arrivedAt(stepper, moment.source, stepper.moments.indexOf(moment));
  const arrived = complete ? `d${data.cards[output]}/d${source} is now ${numberText(total)}; it was ${numberText(base.grads[moment.source])}.`
    : "More is to come.";
  if (!edge.flows) return `From ${name} to ${source} nothing flows at these numbers. ${arrived}`;
  return `Back from ${name} to ${source}: upstream ${numberText(now.grads[moment.node])} times partial ` +
    `${numberText(edge.partial)} is ${numberText(edge.contribution)}. ${arrived}`;
}
