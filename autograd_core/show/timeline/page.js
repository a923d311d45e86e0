import { start } from "../page/start.js";
import { TimelineView } from "./timeline_view.js";

start("timeline", TimelineView);
