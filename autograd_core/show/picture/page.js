import { start } from "../page/start.js";
import { FoldedView } from "./folded_view.js";

start("fold", FoldedView);
