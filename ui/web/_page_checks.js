// deno-lint-ignore-file no-unused-vars -- browser_test.ts calls them by name

// Checks that a test runs inside a page.

/** Waits for the pictures that a page loads only when they are scrolled to. */
async function showPictures() {
  const pictures = [...document.images];
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
}

/** By how many pixels the page is wider than the window. */
function sidewaysScroll() {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

/** Fields, links and pictures that a screen reader could not name. */
function unnamedControls() {
  return [...document.querySelectorAll("input:not([type=hidden]), select, button, a, img, canvas")]
    .filter((element) =>
      !(element.labels?.length || element.getAttribute("aria-label") ||
        element.getAttribute("alt") || element.textContent.trim())
    )
    .map((element) => element.outerHTML.slice(0, 100));
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
function faintTexts() {
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text === "" || !node.parentElement.checkVisibility()) continue;
    const ground = groundOf(node.parentElement);
    const front = brightness([...ground, getComputedStyle(node.parentElement).color]);
    const behind = brightness(ground);
    const contrast = (Math.max(front, behind) + 0.05) / (Math.min(front, behind) + 0.05);
    if (contrast < 4.5) faint.add(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return [...faint];
}

/** Colours on each other, from the window's own to the element's. */
function groundOf(element) {
  if (element === null) return ["white"];
  return [...groundOf(element.parentElement), getComputedStyle(element).backgroundColor];
}

/** Relative luminance of colours on each other. */
function brightness(colors) {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  for (const color of colors) {
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
  }
  const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** What has the focus: its name, and whether a person sees it. */
function focusStop() {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const text = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ??
    element.textContent;
  return {
    name: element === document.body ? "" : text.trim().replaceAll(/\s+/g, " "),
    kind: element.getAttribute("role") ?? element.localName,
    isRinged: style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2,
    isInView: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 &&
      box.top < innerHeight && box.left < innerWidth,
  };
}
