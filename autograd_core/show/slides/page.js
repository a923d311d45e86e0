import { start } from "../page/start.js";
import { Slides } from "./slides.js";

start("slides", Slides);
