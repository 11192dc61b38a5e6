// The drawing pad: strokes become the small picture of numbers that a model sees.
// The numbers are the form's own fields; this script only fills them in.

/** Squares of the fine picture along one cell; their share of ink is the cell's number. */
const FINE = 4;
/** The thinnest and the thickest stroke, as a part of the picture's height. */
const STROKE = { thinnest: 0.07, usual: 0.15, thickest: 0.3 };
/** A dot must not be blown up to fill the picture. */
const LARGEST_GROWTH = 4;
/** Levels of grey that the style knows. */
const LEVELS = 16;
/** Pause between two predictions while a stroke goes on, in milliseconds. */
const PAUSE = 150;

for (const grid of document.querySelectorAll("[data-grid]")) setUp(grid);

function setUp(grid) {
  const width = Number(grid.dataset.width);
  const height = Number(grid.dataset.height);
  const most = Number(grid.dataset.most);
  const ink = Number(grid.dataset.ink);
  const form = grid.closest("form");
  const cells = [...grid.querySelectorAll("input")];
  const canvas = grid.querySelector("canvas");
  let strokes = [];
  let timer;
  // Until somebody draws, the pad shows the picture that the model came with.
  let isExample = cells.some((cell) => Number(cell.value) > 0);

  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    form.dispatchEvent(new Event("drawn"));
  };
  const tellSoon = () => timer ??= setTimeout(tell, PAUSE);
  const set = (cell, value) => {
    cell.value = String(value);
    shade(cell);
  };
  const shade = (cell) => {
    const share = Math.max(0, Math.min(1, Number(cell.value) / most));
    cell.dataset.level = String(Math.round(share * LEVELS));
  };
  const fill = () => {
    inkOf(strokes, { width, height, ink }).forEach((share, index) =>
      set(cells[index], Math.round(share * most))
    );
  };
  const show = () => {
    const hint = grid.querySelector("[data-hint]");
    hint.hidden = strokes.length > 0;
    hint.classList.toggle("over", isExample);
    hint.textContent = isExample ? "Draw your own" : "Draw here";
    paint(canvas, strokes);
    if (isExample) paintCells(canvas, cells.map((cell) => Number(cell.value) / most), width);
  };
  const clear = () => {
    strokes = [];
    isExample = false;
    clearTimeout(timer);
    timer = undefined;
    show();
    for (const cell of cells) set(cell, 0);
    document.querySelector("#answer").replaceChildren(hint());
  };

  grid.querySelector("[data-pad]").hidden = false;
  grid.querySelector("[data-keys]").hidden = false;
  const clearButton = form.querySelector("[data-clear]");
  clearButton.hidden = false;
  clearButton.addEventListener("click", clear);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    isExample = false;
    strokes.push([placeOf(canvas, event)]);
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      strokes.at(-1).push(placeOf(canvas, each));
    }
    show();
    fill();
    tellSoon();
  });
  const end = (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    canvas.releasePointerCapture(event.pointerId);
    fill();
    tell();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  // The colour of ink follows light and dark.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show());

  show();
  setUpKeys(cells, { width, most, set, shade, tellSoon });
}

/** What stands in the place of an answer to an empty pad. */
function hint() {
  const text = document.createElement("p");
  text.className = "quiet-text";
  text.textContent = "Draw something, and the model says here what it sees.";
  return text;
}

/** Arrow keys walk through the cells, of which only one is in the order of the Tab key. */
function setUpKeys(cells, { width, most, set, shade, tellSoon }) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width };
  cells.forEach((cell, index) => {
    cell.tabIndex = index === 0 ? 0 : -1;
    cell.addEventListener("focus", () => {
      for (const other of cells) other.tabIndex = -1;
      cell.tabIndex = 0;
      cell.select();
    });
    cell.addEventListener("input", () => {
      shade(cell);
      tellSoon();
    });
    cell.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        set(cell, Number(cell.value) > 0 ? 0 : most);
        tellSoon();
        return;
      }
      const step = steps[event.key];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const isAtSide = Math.abs(step) === 1 &&
        Math.floor((index + step) / width) !== Math.floor(index / width);
      if (!isAtSide) cells[index + step]?.focus();
    });
  });
}

/** Where a pointer is, from 0 to 1 of the canvas's width. */
function placeOf(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.width };
}

function paint(canvas, strokes) {
  const pen = canvas.getContext("2d");
  const size = canvas.width;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = pen.fillStyle = getComputedStyle(canvas).color;
  pen.lineWidth = size * 0.07;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(stroke[0].x * size, stroke[0].y * size);
    for (const { x, y } of stroke) pen.lineTo(x * size, y * size);
    pen.stroke();
  }
}

/** A picture of few numbers, smooth, as a faint example of what to draw, above the hint. */
function paintCells(canvas, shares, width) {
  const small = document.createElement("canvas");
  // An empty frame of one cell, so that ink at the edge fades out too.
  small.width = width + 2;
  small.height = shares.length / width + 2;
  const pen = small.getContext("2d");
  pen.fillStyle = getComputedStyle(canvas).color;
  shares.forEach((share, index) => {
    pen.globalAlpha = Math.max(0, Math.min(1, share)) * 0.6;
    pen.fillRect(1 + index % width, 1 + Math.floor(index / width), 1, 1);
  });
  const large = canvas.getContext("2d");
  large.imageSmoothingQuality = "high";
  const [wide, high] = [canvas.width * 0.88, canvas.height * 0.88];
  large.drawImage(small, (canvas.width - wide) / 2, 0, wide, high);
}

/**
 * The share of ink in every cell, 0 to 1. The drawing is moved to the middle and grown until it fills
 * the picture, with strokes as thick as gives it the ink of the pictures that the model learned from.
 */
function inkOf(strokes, { width, height, ink }) {
  const size = { width: width * FINE, height: height * FINE };
  const radiusOf = (stroke) => stroke * size.height / 2;
  const usual = distances(strokes, size, radiusOf(STROKE.usual));
  const wanted = usual.toSorted()[Math.round(ink * usual.length)];
  const radius = Math.max(radiusOf(STROKE.thinnest), Math.min(radiusOf(STROKE.thickest), wanted));
  const cells = new Float64Array(width * height);
  distances(strokes, size, radius).forEach((distance, index) => {
    if (distance > radius) return;
    const x = Math.floor(index % size.width / FINE);
    const y = Math.floor(index / size.width / FINE);
    cells[y * width + x] += 1 / FINE ** 2;
  });
  return [...cells];
}

/** From every square of the fine picture to the nearest stroke. */
function distances(strokes, { width, height }, margin) {
  const lines = fitted(strokes, { width, height, margin });
  return Float64Array.from({ length: width * height }, (_, index) => {
    const place = { x: index % width + 0.5, y: Math.floor(index / width) + 0.5 };
    return lines.reduce((least, [a, b]) => Math.min(least, distance(place, a, b)), Infinity);
  });
}

/** Pieces of the strokes in the fine picture's squares. */
function fitted(strokes, { width, height, margin }) {
  const places = strokes.flat();
  const [left, right] = [
    Math.min(...places.map(({ x }) => x)),
    Math.max(...places.map(({ x }) => x)),
  ];
  const [top, bottom] = [
    Math.min(...places.map(({ y }) => y)),
    Math.max(...places.map(({ y }) => y)),
  ];
  const growth = Math.min(
    (width - 2 * margin) / Math.max(right - left, 1e-9),
    (height - 2 * margin) / Math.max(bottom - top, 1e-9),
    LARGEST_GROWTH * width,
  );
  const move = ({ x, y }) => ({
    x: width / 2 + (x - (left + right) / 2) * growth,
    y: height / 2 + (y - (top + bottom) / 2) * growth,
  });
  return strokes.flatMap((stroke) => {
    const moved = stroke.map(move);
    return moved.map((place, index) => [moved[Math.max(0, index - 1)], place]);
  });
}

/** From a place to the nearest point of a line from a to b. */
function distance(place, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0
    ? 0
    : Math.max(0, Math.min(1, ((place.x - a.x) * dx + (place.y - a.y) * dy) / length));
  return Math.hypot(place.x - a.x - along * dx, place.y - a.y - along * dy);
}
