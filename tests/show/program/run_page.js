// Reads the data of a page from the input, makes steps, and writes what it gives before and after: for the tests.
import { readFileSync } from "node:fs";
import { ProgramSteps } from "../../../autograd_core/show/program/program_steps.js";

const { page, row, steps, choose } = JSON.parse(readFileSync(0, "utf8"));
const program = new ProgramSteps(page);
const read = () => {
  const [all, one] = [program.evaluate(), program.evaluate(row, 1)];
  return { value: all.value, gradient: [...all.gradient], inputs: all.inputs.map((column) => [...column]), row: one.value, rowInputs: one.inputs.map(([number]) => number), fast: program.valueOf() };
};
const before = read();
program.choose(choose);
program.advance(steps);
const outputs = page.plane ? program.answers(program.overPlane().outputs) : null;
process.stdout.write(JSON.stringify({ before, after: read(), parameters: [...program.parameters], step: program.step,
  lines: outputs?.lines?.map((line) => [...line]), shares: outputs?.shares && [...outputs.shares], classes: outputs?.classes, grid: program.grid && [...program.grid] }));
