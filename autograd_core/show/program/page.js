import { start } from "../page/start.js";
import { ProgramView } from "./program_view.js";

start("program", ProgramView);
