/* A case (案卷): a record and its moment, both ways; one key makes the record large and what was recorded small. */
import { isKey, player } from "./player.js";

const $ = (id) => document.getElementById(id), panes = document.querySelector(".panes");
const records = [...document.querySelectorAll(".paper[data-r]")], SETTLED_MS = 1000;

function keep(name, value) {
  const address = new URL(location.href);
  value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  history.replaceState(null, "", address);
}
function mark(record) {
  for (const one of document.querySelectorAll("[data-r]")) one.dataset.r === record ? one.setAttribute("aria-current", "true") : one.removeAttribute("aria-current");
  const about = document.querySelector("#note-case [name=paper]");
  if (about) about.value = record;
  keep("r", record);
}
/* a record: its extract opens by what htmx does with the link, its square lights, the clock goes to its moment */
function opened(record, loads) {
  mark(record);
  const square = document.querySelector(`.square[data-r="${record}"]`), link = records.find((one) => one.dataset.r === record);
  if (square && player) player.clock.seek(Number(square.dataset.at));
  link?.scrollIntoView({ block: "nearest" });
  if (loads && link) globalThis.htmx ? link.click() : location.assign(link.href);
}
document.addEventListener("click", (event) => {
  const square = event.target.closest(".square[data-r], .flag[data-r]"), link = event.target.closest(".paper[data-r]");
  if (!globalThis.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (square) { event.preventDefault(); opened(square.dataset.r, true); }
  else if (link) opened(link.dataset.r, false);
});
/* what was said of a moment: N goes to the next flag, Shift N to the one before, and its words are shown */
const flags = [...document.querySelectorAll(".flag")];
function flagged(step) {
  const now = player ? player.clock.time : Number(document.activeElement.dataset?.at ?? -step), is = (one) => (Number(one.dataset.at) - now) * step > 0.05;
  const next = step > 0 ? flags.find(is) : flags.findLast(is);
  if (next) { player?.clock.seek(Number(next.dataset.at)); next.focus(); }
}
function beside(step) {
  const now = records.findIndex((one) => one.hasAttribute("aria-current")), next = records[now < 0 ? 0 : Math.max(0, Math.min(records.length - 1, now + step))];
  if (next) opened(next.dataset.r, true);
}
function larger() {
  const view = panes.classList.contains("film") ? "paper" : "film";
  panes.classList.toggle("film", view === "film");
  const word = $("larger").querySelector("span");
  word.textContent = word.dataset[view];
  $("larger").querySelector("use").setAttribute("href", `/static/icons.svg#${view === "film" ? "file-text" : "film"}`);
  keep("view", view === "film" ? view : "");
}
$("larger").addEventListener("click", (event) => { event.preventDefault(); larger(); });
document.addEventListener("keydown", (event) => {
  if (!isKey(event)) return;
  const does = { ArrowUp: () => beside(-1), ArrowDown: () => beside(1), p: larger, n: () => flagged(1), N: () => flagged(-1) }[event.key];
  if (does) { event.preventDefault(); does(); }
});

/* the address is the state: where the clock stands still */
let settled = 0;
player?.clock.addEventListener("time", () => {
  clearTimeout(settled);
  settled = setTimeout(() => player.clock.playing || keep("t", player.clock.time.toFixed(2)), SETTLED_MS);
});
