import { start } from "../page/start.js";
import { MatrixPage } from "./matrix_page.js";

start("matrix", MatrixPage);
