import { start } from "../page/start.js";
import { Stepper } from "./stepper.js";

start("stepper", Stepper);
