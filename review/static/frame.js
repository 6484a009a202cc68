/* Dialogs and toasts of every page (对话框、提示). Without it a dialog is a part of its page, and a toast stands on top. */
const show = (dialog) => { dialog.removeAttribute("open"); dialog.showModal(); };
for (const one of document.querySelectorAll("dialog[open]")) {
  show(one);
  const address = new URL(location);
  address.searchParams.delete("dialog");
  one.addEventListener("close", () => history.replaceState(null, "", address), { once: true });
}
addEventListener("click", (at) => {
  const opener = at.target.closest("[data-dialog]"), dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog || at.ctrlKey || at.metaKey) return;
  at.preventDefault();
  show(dialog);
});

/* A toast stays 4.5 s, 9 s with a way back, and as long as somebody points at it or is in it. */
const said = document.getElementById("said");
const stay = (toast) => {
  const left_ms = toast.querySelector("form") ? 9000 : 4500;
  const ends = () => (toast.matches(":hover, :focus-within") ? setTimeout(ends, 1000) : toast.remove());
  said.replaceChildren(toast);
  setTimeout(ends, left_ms);
};
/* What a script of a page did: a toast of one sentence. */
export const say = (sentence) => {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = sentence;
  stay(toast);
};
const done = document.getElementById("done");
if (done) setTimeout(stay, 100, done); // a status that is there from the begin is read to nobody
