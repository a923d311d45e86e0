// Reads a network with its numbers from the input, and writes what its program gives: a program of Node for the tests.
import { readFileSync } from "node:fs";
import { Runner } from "../../../autograd_core/compiler/backends/javascript/runner.js";
import { writeProgram } from "../../../autograd_core/show/playground/network_program.js";

const { pieces, network, parameters, strength, X, y } = JSON.parse(readFileSync(0, "utf8"));
const { program } = writeProgram(network, pieces, { backward: true });
const results = new Runner(program).run([...parameters, strength, y.length, 1 / y.length], [X.flat(), y], y.length);
process.stdout.write(JSON.stringify([...results.values]));
