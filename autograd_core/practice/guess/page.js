import { all } from "../../show/page/elements.js";
import { Slot } from "./slot.js";

for (const root of all(document, "[data-autograd-guess]:not([data-started])")) {
  root.setAttribute("data-started", "");
  new Slot(root, JSON.parse(root.querySelector('script[type="application/json"]').textContent)).build();
}
