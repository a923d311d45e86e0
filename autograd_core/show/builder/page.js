import { start } from "../page/start.js";
import { BuilderView } from "./builder_view.js";

start("builder", BuilderView);
