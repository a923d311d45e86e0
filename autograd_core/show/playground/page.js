import { start } from "../page/start.js";
import { PlaygroundView } from "./playground.js";

start("playground", PlaygroundView);
