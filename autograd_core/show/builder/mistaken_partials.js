// What the wrong rules of the table give as the partial of an edge, each with the mistake behind it.
import { formOf, runForm } from "./evaluate_graph.js";
import { fillPlaces, nodeOf } from "./graph_record.js";
import { StepLines, withPowers } from "./step_lines.js";
import { shownName } from "./sweep_steps.js";

/**
 * @param {import("./graph_record.js").Graph} graph
 * @param {import("./graph_record.js").Table} table
 * @param {import("./evaluate_graph.js").Evaluation} found
 * @param {import("../stepper/sweep.js").Sweep} sweep
 * @param {number} link
 * @returns {import("../stepper/turn_check.js").WrongPartial[]}
 */
export function mistakenPartials(graph, table, found, sweep, link) {
  const { tail, head, place } = found.edges[link];
  const node = nodeOf(graph, head);
  const form = formOf(table, node);
  const tape = runForm(form, node, found);
  const lines = new StepLines(graph, table, found, sweep);
  const [source, operands] = [shownName(nodeOf(graph, tail), found), lines.operands(node, false)];
  const operation = `${lines.of(head)} = ${withPowers(fillPlaces(form.text, operands))}`;
  return form.mistakes.flatMap(([ofPlace, rule, kindNumber], number) => {
    const wrong = tape[form.wrong[number]];
    if (ofPlace !== place || !Number.isFinite(wrong)) return [];
    const [kind, hint] = table.operations[node.operation].kindsOfMistakes[kindNumber];
    const sentence = `the derivative of ${operation} with respect to ${source} was taken to be ${withPowers(fillPlaces(rule, operands))}`;
    return [{ number: wrong, mistake: { kind, sentence, hint } }];
  });
}
