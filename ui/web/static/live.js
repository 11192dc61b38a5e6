// Keeps the page of a run that goes on up to date: the server says when there is something new.

const main = document.querySelector("main[data-live]");
if (main !== null) listen(main.dataset.live);

function listen(address) {
  const source = new EventSource(address);
  let isBusy = false;
  let isStale = false;

  const refresh = async () => {
    isStale = true;
    if (isBusy) return;
    isBusy = true;
    while (isStale) {
      isStale = false;
      await htmx.ajax("GET", location.pathname + location.search, {
        target: "main",
        select: "main",
        swap: "outerMorph",
      });
    }
    isBusy = false;
  };

  // Whatever happened while nobody listened is fetched with the first event, also after the line was cut.
  source.addEventListener("listening", refresh);
  source.addEventListener("changed", refresh);
  source.addEventListener("ended", () => {
    source.close();
    refresh();
  });
}
