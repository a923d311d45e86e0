// A step as whole sentences for a screen reader; the formulas stand in the panel.
import { numberText } from "../page/numbers.js";

const MOST_NAMED = 4; // operands

/** @param {string[]} names */
const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

/**
 * At the sweep's step.
 * @param {import("./sweep.js").Sweep} sweep
 */
export function spokenStep(sweep) {
  const { names, now, step, at } = sweep;
  const name = names[step.node];
  if (step.phase === "update") {
    const [{ card, what, text }, ...others] = step.changes;
    return others.length || what !== "value" ? step.words : `Gradient descent moves ${names[card]} to ${text}.`;
  }
  if (step.phase === "forward") {
    const value = numberText(now.values[step.node]);
    const operands = [...new Set(sweep.links.filter(({ tip }) => tip === step.node).map(({ tail }) => names[tail]))].filter(Boolean);
    if (!operands.length) return `The value of ${name} is ${value}.`;
    return `${name} is computed from ${operands.length > MOST_NAMED ? `${operands.length} numbers` : listed(operands)}: its value is ${value}.`;
  }
  if (step.source === null) return `Backward starts at ${name}: its gradient is 1.`;
  const source = names[step.source];
  const edge = now.links[step.link];
  const { complete, total } = sweep.arrivedAt(step.source, at);
  const product = `upstream ${numberText(now.grads[step.node])} times partial ${numberText(edge.partial)} is ${numberText(edge.contribution)}`;
  const carried = edge.flows ? `Back from ${name} to ${source}: ${product}.` : `From ${name} to ${source}, ${edge.blocked ?? "nothing flows"}.`;
  return `${carried} The gradient of ${source} is ${complete ? numberText(total) : `${numberText(total)} so far; more is to come`}.`;
}
