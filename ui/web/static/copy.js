// Buttons that copy the text beside them. Hidden until this script runs, because they need it.

const setUp = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 2000);
    });
  }
};

setUp(document);
document.addEventListener("htmx:after:swap", () => setUp(document));
