// Ties the step of the page to the step of the widget, both ways.
import { start } from "../page/start.js";
import { Stepper } from "./stepper.js";

/** @param {{ model: any, el: HTMLElement }} widget */
export function render({ model, el }) {
  el.innerHTML = model.get("_page");
  /** @type {HTMLElement} */
  const root = el.querySelector("[data-autograd-stepper]");
  let closed = false;

  const send = () => {
    if (model.get("step") === root.autogradView.at) return;
    model.set("step", root.autogradView.at);
    // The front end keeps one message on its way and merges those that come meanwhile, so a slow kernel is not flooded.
    model.save_changes();
  };
  const receive = () => {
    if (model.get("step") !== root.autogradView.at) root.autogradView.go(model.get("step"));
  };
  // A front end may attach the element only after this, and a view is measured in its place.
  const begin = () => {
    if (closed) return;
    if (!el.isConnected) {
      requestAnimationFrame(begin);
      return;
    }
    start("stepper", Stepper, el);
    if (!root.autogradView) return;
    receive();
    root.addEventListener("autograd-step", send);
    model.on("change:step", receive);
  };
  begin();

  return () => {
    closed = true;
    model.off("change:step", receive);
    root.autogradView?.pause();
  };
}
