import { start } from "../../show/page/start.js";
import { Exercise } from "./exercise.js";

start("quiz", Exercise);
