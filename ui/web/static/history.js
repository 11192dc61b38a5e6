// The predictions of this tab, newest first, as long as it is open. Without this script there is none.

/** Predictions that are kept. */
const KEPT = 8;

const list = document.querySelector("[data-history]");

document.addEventListener("htmx:after:swap", () => {
  const answer = document.querySelector("#answer .answer");
  if (list === null || answer === null) return;
  const label = answer.querySelector("output").textContent;
  const sure = answer.querySelector(".answer-label > :last-child").textContent;
  const row = rowText();
  // A stroke that goes on changes the last line instead of adding one.
  if (list.firstElementChild?.dataset.row === row || isDrawing()) list.firstElementChild?.remove();
  const line = document.createElement("li");
  line.dataset.row = row;
  const name = document.createElement("strong");
  name.textContent = label;
  line.append(name, ` ${sure}`, row.length > 0 ? ` · ${row}` : "");
  list.prepend(line);
  while (list.children.length > KEPT) list.lastElementChild.remove();
  list.closest("section").hidden = false;
});

/** What was asked, if it is short enough to be read. */
function rowText() {
  const fields = [...document.querySelectorAll("#try .field :is(input, select, textarea)")];
  const text = fields.map(({ value }) => value).join(", ");
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function isDrawing() {
  return document.querySelector("canvas:active") !== null;
}
