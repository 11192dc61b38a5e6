// The box for one text: Enter asks, as in a chat; Shift and Enter begin a new line.

for (const box of document.querySelectorAll("[data-text]")) {
  box.parentElement.querySelector("[data-enter]").hidden = false;
  box.addEventListener("keydown", (event) => {
    // While Hangul is put together, Enter ends the syllable.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
}
