// Reads an address from the input, and writes for each weight of the first layer where its gradients end: for the tests.
import { readFileSync } from "node:fs";
import { gradientEnds } from "../../../autograd_core/show/playground/gradient_ends.js";
import { settingsOf } from "../../../autograd_core/show/playground/settings.js";
import { Trainer } from "../../../autograd_core/show/playground/trainer.js";

const { pieces, address } = JSON.parse(readFileSync(0, "utf8"));
const trainer = new Trainer(pieces, settingsOf(new URLSearchParams(address), pieces));
const inspected = trainer.inspect(trainer.train);
const { sizes } = trainer.network;
const found = Array.from({ length: sizes[1] * sizes[0] }, (_, weight) => {
  const input = weight % sizes[0];
  const inputs = trainer.train.points.map((point) => point[input]);
  return gradientEnds(trainer, inspected, 1, Math.floor(weight / sizes[0]), inputs);
});
process.stdout.write(JSON.stringify({ found, parameters: [...trainer.parameters], points: trainer.train.points }));
