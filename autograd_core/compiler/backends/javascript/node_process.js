// The runner as a program of Node: a request of JSON on each line of the input, its answer on a line of the output.
import { createInterface } from "node:readline";
import { Runner } from "./runner.js";

/** @type {Runner[]} */
const runners = [];
/** @param {string} text bytes in base 64 @returns {Float64Array} */
const numbersOf = (text) => {
  const bytes = Buffer.from(text, "base64");
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};
/** @param {Float64Array} numbers */
const textOf = (numbers) => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");

/** @type {Record<string, (request: any) => any>} */
const ANSWERS = {
  load: ({ program }) => runners.push(new Runner(program)) - 1,
  run: ({ runner, given, data, count }) => {
    const { values, byRow } = runners[runner].run(numbersOf(given), data.map(numbersOf), count);
    return { values: textOf(values), byRow: byRow.map(textOf) };
  },
  train: ({ runner, updater, given, data, count, shared, columns, steps, batch, start }) => {
    const update = { runner: runners[updater], given: numbersOf(shared), columns: columns.map(numbersOf) };
    const made = runners[runner].trainSteps(numbersOf(given), data.map(numbersOf), count, update, steps, batch, start);
    return { ...made, losses: textOf(Float64Array.from(made.losses)), shared: textOf(update.given), columns: update.columns.map(textOf) };
  },
};

createInterface({ input: process.stdin }).on("line", (/** @type {string} */ line) => {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { result: ANSWERS[request.ask](request) };
  } catch (problem) {
    answer = { problem: String(/** @type {Error} */ (problem).stack ?? problem) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
