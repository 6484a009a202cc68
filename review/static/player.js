/* The player (播放): one recording, or several of a case on one clock, to the frame, by mouse or keys.
 * Without this script the browser's own controls play the same files. Times are seconds of the line of time; the corrected
 * clock is its begin plus that, a recorder's own is what its file name or container says. */
import { Clock, TOGETHER_MAX } from "./clock.js";
import { post } from "./post.js";
import { span } from "./times.js";

const RATES = [0.25, 0.5, 1, 1.5, 2, 4, 8], TOLD_EVERY_MS = 30_000, LATE_MS = 100, STILL_MS = 250, POINTS = 1200;
const $ = (id) => document.getElementById(id), FILMS = "video.film";
document.addEventListener("htmx:error", () => { const said = $("unverified"); if (said) said.textContent = said.dataset.failed; });

/* whether a key is no letter of a word that somebody types, nor of a browser's own */
const keysOn = $("keys-on");
export const isKey = (event) => !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest("input:not([type=range]), select, textarea, dialog") || keysOn?.checked === false || (event.key === " " && event.target.closest("button, a, summary")));
if (keysOn) { // kept as a person's other preferences are
  keysOn.checked = !document.cookie.includes("keys=off");
  keysOn.addEventListener("change", () => { document.cookie = `keys=${keysOn.checked ? "on" : "off"}; path=/; max-age=31536000; samesite=strict`; });
}
export const player = document.querySelector(FILMS) ? start($("films")) : null;

function start(root) {
  const { base, zone } = root.dataset, cells = [...root.querySelectorAll(".cell")], seek = $("seek"), rate = $("rate");
  const lanes = cells.map((cell) => [...cell.querySelectorAll(FILMS)].map((video) => film(video, cell)));
  const clock = new Clock(lanes, Number(root.dataset.length)), fixes = ($("track")?.dataset.moments ?? "").split(" ").filter(Boolean).map((one) => one.split(",").map(Number));
  const percent = (t) => `${100 * t / clock.end}%`;
  let a = null;

  function film(video, cell) {
    const { start, length, fps } = video.dataset, part = (name) => cell.querySelector(`.${name}`);
    return { video, cell, facts: video.dataset, start: Number(start), length: Number(length), fps: Number(fps), src: video.getAttribute("src"), still: part("still"), coming: part("coming"), sheet: new Image(), told: "" };
  }

  /* the clocks */
  const said = (from, t) => from === "" ? "" : new Date(Number(from) + t * 1000 + zone * 60_000).toISOString();
  const own = (film) => film ? said(film.facts.own, clock.local(film)).slice(11, 19) : "";
  function paint() {
    const t = clock.time, now = said(base, t);
    $("now").textContent = now.slice(11, 21);
    $("own").textContent = own(clock.at(clock.lead));
    $("position").textContent = `${span(t)} / ${span(clock.end)}`;
    seek.value = t;
    seek.setAttribute("aria-valuetext", now.slice(11, 19) || span(t));
    for (const name of ["x1", "x2"]) $("playhead")?.setAttribute(name, percent(t));
    for (const [lane, cell] of cells.entries()) if (!clock.alone) inCell(cell, lane, t);
    place(t);
  }
  function inCell(cell, lane, t) {
    const shown = clock.at(lane, t), gap = cell.querySelector(".nothing");
    for (const one of lanes[lane]) one.video.hidden = one !== shown;
    cell.querySelector(".own").textContent = own(shown);
    gap.hidden = Boolean(shown);
    if (shown || clock.playing && gap.dataset.at === String(Math.floor(t))) return;
    gap.dataset.at = String(Math.floor(t));
    const next = lanes[lane].find((one) => one.start > t), last = lanes[lane].findLast((one) => one.start + one.length <= t);
    gap.querySelector("span").textContent = next ? gap.dataset.next.replace("…", said(base, next.start).slice(11, 19)) : last ? gap.dataset.ended.replace("…", said(base, last.start + last.length).slice(11, 19)) : "";
  }
  function place(t) {
    if (!fixes.length) return;
    const i = Math.max(1, fixes.findIndex((one) => one[0] >= t)), next = fixes[i] ?? fixes.at(-1), last = fixes[i - 1];
    const part = next[0] > last[0] ? Math.min(1, Math.max(0, (t - last[0]) / (next[0] - last[0]))) : 0, dot = $("dot");
    dot.setAttribute("cx", last[1] + (next[1] - last[1]) * part);
    dot.setAttribute("cy", last[2] + (next[2] - last[2]) * part);
    dot.setAttribute("visibility", "visible");
  }

  /* while a picture is on its way the still nearest to it stands in, dimmed; a poster is another moment's */
  const isStill = (one) => clock.rate > TOGETHER_MAX && clock.playing && one.cell !== cells[clock.lead];
  const missing = (one) => one.video.seeking || one.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || isStill(one);
  function standIn(one) {
    const { still, sheet, video } = one, [count, every, columns, wide, high] = one.facts.stills.split(" ").map(Number);
    if (video.hidden) return;
    one.coming.hidden = isStill(one);
    still.hidden = !missing(one) || !sheet.naturalWidth;
    if (still.hidden) return;
    const at = Math.min(count - 1, Math.round((clock.alone ? video.currentTime : clock.local(one)) / every)), shape = video.videoWidth / video.videoHeight || wide / high;
    still.width = Math.min(wide, high * shape); still.height = Math.min(high, wide / shape);
    still.getContext("2d").drawImage(sheet, at % columns * wide + (wide - still.width) / 2, Math.floor(at / columns) * high + (high - still.height) / 2, still.width, still.height, 0, 0, still.width, still.height);
  }
  function comes(one) {
    if (!one.coming.hidden) standIn(one);
    else one.late ||= setTimeout(() => { one.late = 0; if (missing(one)) standIn(one); }, LATE_MS);
  }
  function came(one) {
    if (missing(one)) return;
    clearTimeout(one.late); one.late = 0;
    one.still.hidden = one.coming.hidden = true;
  }
  for (const one of clock.films.filter((each) => each.still)) {
    for (const name of ["seeking", "waiting"]) one.video.addEventListener(name, () => comes(one));
    for (const name of ["seeked", "loadeddata", "playing"]) one.video.addEventListener(name, () => came(one));
    one.sheet.addEventListener("load", () => one.coming.hidden || standIn(one));
    if (one.facts.sheet) one.sheet.src = one.facts.sheet;
    if (missing(one) && clock.alone) comes(one);
  }
  if (!clock.alone) setInterval(() => { for (const lane of lanes.keys()) { const one = clock.at(lane); if (one?.still) isStill(one) ? standIn(one) : came(one); } }, STILL_MS);

  /* what can be done */
  function loop() {
    if (a === null) a = clock.time;
    else if (clock.loop === null) clock.loop = [Math.min(a, clock.time), Math.max(a, clock.time)];
    else a = clock.loop = null;
    if (clock.loop && clock.loop[1] - clock.loop[0] < 1 / clock.films[0].fps) clock.loop = null;
    const [from, to] = clock.loop ?? [a, a], band = $("loop");
    $("ab").dataset.ab = a === null ? 0 : clock.loop === null ? 1 : 2;
    $("ab").setAttribute("aria-pressed", clock.loop !== null);
    band.toggleAttribute("hidden", a === null);
    band.setAttribute("x", percent(from ?? 0));
    band.setAttribute("width", from === to ? 2 : percent(to - from));
  }
  function faster() {
    if (!clock.playing) return clock.play();
    rate.value = RATES[Math.min(RATES.length - 1, RATES.indexOf(clock.rate) + 1)];
    rate.dispatchEvent(new Event("change"));
  }
  let isLoud = true;
  function leads(lane) {
    clock.lead = Math.min(lane, cells.length - 1);
    for (const one of clock.films) one.video.muted = !isLoud || one.cell !== cells[clock.lead];
    for (const [number, cell] of cells.entries()) cell.classList.toggle("leads", number === clock.lead);
    choose(); paint();
  }
  function zoom(times) {
    const all = $("stretch");
    if (!all) return;
    const wide = Math.max(100, Math.min(6400, times ? parseFloat(all.getAttribute("width")) * times : 100)), share = 100 * clock.time / clock.end;
    all.setAttribute("width", `${wide}%`);
    all.setAttribute("x", `${Math.max(100 - wide, Math.min(0, 50 - share * wide / 100))}%`);
  }
  const does = {
    "toggle": () => clock.toggle(), "back": () => clock.seek(clock.time - 5), "forward": () => clock.seek(clock.time + 5),
    "frame-back": () => clock.step(-1), "frame": () => clock.step(1), faster, loop,
    "sound": () => { isLoud = !isLoud; $("sound").setAttribute("aria-pressed", isLoud); leads(clock.lead); }, "keys": () => $("keys").showModal(),
    "left": () => clock.seek(clock.time - 1), "right": () => clock.seek(clock.time + 1),
    "own": () => root.classList.toggle("owns"), "one": () => root.classList.toggle("one"), "whole": () => zoom(0), "closer": () => zoom(2),
  };
  const keys = { "k": "toggle", " ": "toggle", "j": "back", "l": "faster", ",": "frame-back", ".": "frame", "a": "loop", "m": "sound", "?": "keys", "ArrowLeft": "left", "ArrowRight": "right", "t": "own", "g": "one", "0": "whole", "z": "closer" };
  $("buttons").addEventListener("click", (event) => does[event.target.closest("[data-do]")?.dataset.do]?.());
  document.addEventListener("click", (event) => { const one = event.target.closest("#moments [data-at]"); if (one) clock.seek(Number(one.dataset.at)); });
  document.addEventListener("keydown", (event) => {
    if (!isKey(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, name = keys[key];
    if (name) { event.preventDefault(); does[name](); }
    else if (key >= "1" && key <= String(cells.length) && key.length === 1) leads(Number(key) - 1);
  });
  for (const [lane, cell] of cells.entries()) cell.querySelector(".pick")?.addEventListener("click", () => leads(lane));
  rate.addEventListener("change", () => { clock.rate = Number(rate.value); });
  seek.addEventListener("input", () => clock.seek(Number(seek.value)));
  const line = $("timeline");
  line?.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a")) return;
    const go = ({ clientX }) => { const box = line.getBoundingClientRect(), all = $("stretch"); clock.seek(((clientX - box.left) / box.width * 100 - parseFloat(all.getAttribute("x") ?? 0)) / parseFloat(all.getAttribute("width")) * clock.end); };
    line.setPointerCapture(event.pointerId); go(event);
    line.addEventListener("pointermove", go);
    line.addEventListener("pointerup", () => line.removeEventListener("pointermove", go), { once: true });
  });
  line?.addEventListener("wheel", (event) => { if (event.ctrlKey) { event.preventDefault(); zoom(event.deltaY > 0 ? 0.8 : 1.25); } }, { passive: false });

  /* what plays fast is a small copy of the same pictures, which keeps up; what is slow, or stands still, is the film */
  function choose() {
    const fast = clock.playing && clock.rate > TOGETHER_MAX;
    for (const one of clock.films) {
      const { video, facts } = one, small = Boolean(facts.sub) && fast && one.cell === cells[clock.lead];
      if (small === Boolean(one.isSmall)) continue;
      one.isSmall = small;
      tell(one); // the browser forgets what it played of the other
      const { currentTime, playbackRate, paused } = video;
      video.src = small ? facts.sub : one.src;
      Object.assign(video, { currentTime, playbackRate });
      if (!paused) video.play().catch(() => {});
      if (one.still) comes(one);
    }
    $("small").hidden = !clock.films.some((one) => one.isSmall);
  }
  clock.addEventListener("state", () => { $("transport").classList.toggle("playing", clock.playing); choose(); paint(); });
  clock.addEventListener("time", paint);
  async function over({ video }) {
    const damaged = video.error?.code === MediaError.MEDIA_ERR_DECODE;
    const answer = damaged ? null : await fetch(video.src, { headers: { range: "bytes=0-0" } }).catch(() => null);
    $("why").textContent = $("why").dataset[damaged ? "damaged" : answer?.status === 404 ? "over" : "broken"];
    $("over").hidden = false;
  }

  /* the sound as a picture, one byte each `every` seconds */
  async function draw(one) {
    const wave = document.querySelector(`[data-wave="${one.facts.look}"]`), answer = await fetch(one.facts.peaks);
    if (!wave || !answer.ok) return;
    const peaks = new Uint8Array(await answer.arrayBuffer()), count = Math.min(POINTS, peaks.length), each = peaks.length / count;
    let drawn = "";
    for (let x = 0; x < count; x++) {
      const tall = Math.max(2, peaks.subarray(Math.floor(x * each), Math.max(Math.floor(x * each) + 1, Math.floor((x + 1) * each))).reduce((most, value) => Math.max(most, value), 0));
      drawn += `M${x} ${255 - tall}V${255 + tall}`;
    }
    wave.setAttribute("viewBox", `0 0 ${count} 510`);
    wave.firstElementChild.setAttribute("d", drawn);
  }

  /* what was watched, for the line that ends this look, and as a bar below its lane */
  function tell(one) {
    const { played } = one.video, spans = JSON.stringify(Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]));
    const bar = document.querySelector(`[data-seen="${one.facts.look}"]`);
    if (bar) bar.setAttribute("d", (bar.dataset.before ?? "") + JSON.parse(spans).map(([from, to]) => `M${from} 0H${to}`).join(""));
    if (spans !== "[]" && spans !== one.told) post(`/looks/${one.facts.look}/watched`, one.told = spans).catch(() => {});
  }
  for (const one of clock.films) {
    one.video.addEventListener("error", () => over(one));
    if (one.video.error) over(one); // before this script was there
    if (one.facts.peaks) draw(one).catch(() => {});
    one.video.controls = false;
    one.video.addEventListener("pause", () => tell(one));
  }
  setInterval(() => clock.films.forEach(tell), TOLD_EVERY_MS);
  addEventListener("pagehide", () => clock.films.forEach(tell));

  const settle = () => { seek.max = clock.end; };
  clock.alone?.addEventListener("durationchange", settle);
  settle();
  $("own-time").hidden = clock.films[0].facts.own === "";
  $("transport").hidden = false;
  leads(0);
  const begin = Number(new URLSearchParams(location.search).get("t"));
  if (begin && !clock.alone) clock.seek(begin);
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") clock.play(); // who pressed "play" wants it to; no reload does
  paint();
  return { clock, does };
}
