// Ties the step of the page to the step of the widget, both ways. Before this text stands startSteppers().
export default {
  render({ model, el }) {
    el.innerHTML = model.get("_page");
    const root = el.querySelector("[data-autograd-stepper]");
    let closed = false;

    const tell = () => {
      if (model.get("step") === root.autogradStepper.at) return;
      model.set("step", root.autogradStepper.at);
      // The front end keeps one message on its way and merges what comes meanwhile, so a slow kernel is not flooded.
      model.save_changes();
    };
    const follow = () => {
      if (model.get("step") !== root.autogradStepper.at) root.autogradStepper.go(model.get("step"));
    };
    // A front end may attach the element only after this, and the steppers are looked for in the document.
    const begin = () => {
      if (closed) return;
      if (!el.isConnected) {
        requestAnimationFrame(begin);
        return;
      }
      startSteppers();
      if (!root.autogradStepper) return;
      follow();
      root.addEventListener("autograd-step", tell);
      model.on("change:step", follow);
    };
    begin();

    return () => {
      closed = true;
      model.off("change:step", follow);
      root.autogradStepper?.pause();
    };
  },
};
