// The bar of what is played step by step. goals: where each button leads, asked when it is pressed; under: below the slider.
function playerControls({ name, unit, last, goals, go, toggle, speeds, root, fit, slider = {}, under = [] }) {
  const move = (act, words, key) => actButton(act, words, () => go(goals[act]()), `${words} (${key})`);
  const buttons = {
    first: move("first", "First", "Home"),
    back: move("back", "Back", "left arrow"),
    next: move("next", "Next", "right arrow"),
    last: move("last", "Last", "End"),
  };
  const play = actButton("play", "Play", toggle, "Play (space)");
  const track = make("input", { type: "range", min: "0", max: String(last), "aria-label": unit, ...slider });
  track.addEventListener("input", () => go(+track.value));
  const count = make("output", { class: "count" });
  const speed = make("select", { "aria-label": "Speed" });
  for (const [factor, words] of speeds) speed.append(make("option", { value: factor }, words));
  speed.value = "1";
  const large = projectorButton(root, fit);
  const controls = make("div", { class: "controls", role: "toolbar", "aria-label": name },
    make("div", { class: "buttons" }, buttons.first, buttons.back, play, buttons.next, buttons.last),
    make("div", { class: "track" }, track, ...under), count,
    make("div", { class: "settings" }, make("label", {}, "Speed ", speed), large));
  return { buttons, play, slider: track, count, speed, large, controls };
}
