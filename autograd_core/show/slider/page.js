import { start } from "../page/start.js";
import { SliderView } from "./slider_view.js";

start("slider", SliderView);
