// Puts the pictures of `draw` into the page itself, where their tooltips work and they follow its theme.
import { parsePicture } from "../page/elements.js";

for (const image of document.querySelectorAll("img[data-autograd-drawing]")) image.replaceWith(parsePicture(image));
