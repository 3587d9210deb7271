const main = document.querySelector("main");
const left = document.getElementById("left");
let remaining = main.dataset.remaining === "" ? null : Number(main.dataset.remaining);
const show = () => {
  if (left && remaining !== null) {
    left.textContent = Math.floor(remaining / 60) + ":" + String(remaining % 60).padStart(2, "0");
  }
};
show();
setInterval(async () => {
  try {
    const state = await (await fetch("state", { cache: "no-store" })).json();
    if (String(state.revision) !== main.dataset.revision) {
      location.reload();
    }
    remaining = state.remaining_seconds;
    show();
  } catch {
    // The sandbox was stopped: the page stays as it is.
  }
}, 1000);
document.addEventListener("click", async ({ target }) => {
  const text = target.dataset?.copy;
  if (text === undefined) {
    return;
  }
  try {
    await navigator.clipboard.writeText(text);
    target.textContent = main.dataset.copied;
  } catch {
    // The browser does not let pages write there: mark the text for the customer to copy.
    getSelection().selectAllChildren(target.previousElementSibling);
  }
});
