import { start } from "../../show/page/start.js";
import { HomeworkPage } from "./homework_page.js";

start("homework", HomeworkPage);
