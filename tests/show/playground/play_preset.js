// Reads presets with the changes that solve them from the input, trains, and writes what is missing before and after: for the tests.
import { readFileSync } from "node:fs";
import { missing } from "../../../autograd_core/show/playground/preset_task.js";
import { settingsOf } from "../../../autograd_core/show/playground/settings.js";
import { Trainer } from "../../../autograd_core/show/playground/trainer.js";
import { statesOf } from "../../../autograd_core/show/playground/unit_states.js";

const { pieces, presets } = JSON.parse(readFileSync(0, "utf8"));

const after = (settings, preset, steps, stepped) => {
  const trainer = new Trainer(pieces, settings);
  trainer.advance(steps);
  const { accuracy, loss } = trainer.measure(trainer.test);
  const states = statesOf(trainer, trainer.inspect(trainer.train));
  return missing(preset.goal, settingsOf(new URLSearchParams(preset.address), pieces), { settings, right: accuracy, loss, states, stepped });
};

process.stdout.write(JSON.stringify(presets.map(({ preset, solution, steps }) => {
  const first = settingsOf(new URLSearchParams(preset.address), pieces);
  return { first: after(first, preset, 0, false), played: after(first, preset, steps, false), solved: after(settingsOf(new URLSearchParams(solution), pieces, first), preset, steps, true) };
})));
