// Puts the pictures of `draw` into the page itself, where their tooltips work and they follow its theme.
for (const picture of document.querySelectorAll("img[data-autograd-drawing]")) {
  const source = picture.src;
  const text = decodeURIComponent(source.slice(source.indexOf(",") + 1));
  picture.replaceWith(document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true));
}
