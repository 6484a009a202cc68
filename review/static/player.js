/* The player (播放): one recording on its corrected clock, to the frame, by mouse or keys.
 * Without this script the browser's own controls play the same file. Times are seconds of the recording; the corrected
 * clock is its start plus that, the recorder's own is what its file name or container says plus that. */
import { post } from "./post.js";
import { span } from "./times.js";

const RATES = [0.25, 0.5, 1, 1.5, 2, 4, 8], TOLD_EVERY_MS = 30_000, LATE_MS = 100, FILM_RATE_MAX = 2;
const $ = (id) => document.getElementById(id);

const video = $("video");
if (video) start(video);
document.addEventListener("htmx:error", () => { const said = $("unverified"); said.textContent = said.dataset.failed; });

function start(video) {
  const facts = video.dataset, fps = Number(facts.fps), seek = $("seek"), rate = $("rate");
  const fixes = ($("track")?.dataset.moments ?? "").split(" ").filter(Boolean).map((one) => one.split(",").map(Number));
  let a = null, b = null, peaks = null, told = "";

  /* the two clocks */
  const clock = (from, t) => from === "" ? "" : new Date(Number(from) + t * 1000 + facts.zone * 60_000).toISOString();
  function paint() {
    const t = video.currentTime, now = clock(facts.starts, t), length = Number(seek.max);
    $("now").textContent = now.slice(11, 21);
    $("own").textContent = clock(facts.own, t).slice(11, 19);
    $("position").textContent = `${span(t)} / ${span(length)}`;
    seek.value = t;
    seek.setAttribute("aria-valuetext", now.slice(11, 19) || span(t));
    place(t);
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
  const still = $("still"), sheet = new Image(), [count, every, columns, wide, high] = facts.stills.split(" ").map(Number);
  let late = 0;
  const missing = () => video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
  function standIn() {
    $("coming").hidden = false;
    still.hidden = !missing() || !sheet.naturalWidth;
    if (still.hidden) return;
    const at = Math.min(count - 1, Math.round(video.currentTime / every)), shape = video.videoWidth / video.videoHeight || wide / high;
    still.width = Math.min(wide, high * shape); still.height = Math.min(high, wide / shape);
    still.getContext("2d").drawImage(sheet, at % columns * wide + (wide - still.width) / 2, Math.floor(at / columns) * high + (high - still.height) / 2, still.width, still.height, 0, 0, still.width, still.height);
  }
  function comes() {
    if (!$("coming").hidden) standIn();
    else late ||= setTimeout(standIn, LATE_MS);
  }
  function came() {
    if (missing()) return;
    clearTimeout(late); late = 0;
    still.hidden = $("coming").hidden = true;
  }
  if (still) {
    for (const name of ["seeking", "waiting"]) video.addEventListener(name, comes);
    for (const name of ["seeked", "loadeddata", "playing"]) video.addEventListener(name, came);
    sheet.addEventListener("load", () => $("coming").hidden || standIn());
    if (facts.sheet) sheet.src = facts.sheet;
    if (missing()) comes();
  }

  /* what can be done */
  const go = (t) => { video.currentTime = Math.min(Math.max(0, t), video.duration || 0); };
  function step(count) { // aim at the middle of a picture, never at its edge
    video.pause();
    go((Math.floor(video.currentTime * fps + 1e-3) + count + 0.5) / fps);
  }
  function loop() {
    if (a === null) a = video.currentTime;
    else if (b === null) [a, b] = [Math.min(a, video.currentTime), Math.max(a, video.currentTime)];
    else a = b = null;
    if (b !== null && b - a < 1 / fps) b = null;
    $("ab").dataset.ab = a === null ? 0 : b === null ? 1 : 2;
    $("ab").setAttribute("aria-pressed", b !== null);
    const band = $("loop");
    band.hidden = a === null;
    band.style.setProperty("left", `${100 * (a ?? 0) / video.duration}%`);
    band.style.setProperty("width", b === null ? "2px" : `${100 * (b - a) / video.duration}%`);
  }
  function faster() {
    if (video.paused) return void video.play();
    rate.value = RATES[Math.min(RATES.length - 1, RATES.indexOf(video.playbackRate) + 1)];
    rate.dispatchEvent(new Event("change"));
  }
  const does = {
    "toggle": () => video.paused ? video.play() : video.pause(),
    "back": () => go(video.currentTime - 5), "forward": () => go(video.currentTime + 5),
    "frame-back": () => step(-1), "frame": () => step(1), "faster": faster, "loop": loop,
    "sound": () => { video.muted = !video.muted; }, "keys": () => $("keys").showModal(),
    "left": () => go(video.currentTime - 1), "right": () => go(video.currentTime + 1),
  };
  const keys = { "k": "toggle", " ": "toggle", "j": "back", "l": "faster", ",": "frame-back", ".": "frame", "a": "loop", "m": "sound", "?": "keys", "ArrowLeft": "left", "ArrowRight": "right" };
  const keysOn = $("keys-on"); // kept as a person's other preferences are
  keysOn.checked = !document.cookie.includes("keys=off");
  keysOn.addEventListener("change", () => { document.cookie = `keys=${keysOn.checked ? "on" : "off"}; path=/; max-age=31536000; samesite=strict`; });
  $("buttons").addEventListener("click", (event) => does[event.target.closest("[data-do]")?.dataset.do]?.());
  $("moments")?.addEventListener("click", (event) => { const one = event.target.closest("[data-at]"); if (one) go(Number(one.dataset.at)); });
  document.addEventListener("keydown", (event) => {
    const at = event.target, typing = at.closest("input:not([type=range]), select, textarea, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing || !keysOn.checked) return;
    if (event.key === " " && at.closest("button, a, summary")) return;
    const name = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (name) { event.preventDefault(); does[name](); }
  });
  rate.addEventListener("change", () => { video.playbackRate = Number(rate.value); });
  seek.addEventListener("input", () => go(Number(seek.value)));

  /* a loop; where it ends with the film the browser has paused, and before anything takes it for a pause it goes on */
  function again() {
    const { ended, currentTime } = video;
    if (b === null || !(ended || currentTime >= b)) return;
    go(a);
    if (ended) video.play().catch(() => {});
  }
  video.addEventListener("pause", again);

  /* what plays fast is a small copy of the same pictures, which keeps up; what is slow, or stands still, is the film */
  const film = video.getAttribute("src");
  function choose() {
    const { paused, playbackRate, currentTime } = video, small = Boolean(facts.sub) && !paused && playbackRate > FILM_RATE_MAX;
    if (small !== $("small").hidden) return;
    $("small").hidden = !small;
    tell(); // the browser forgets what it played of the other
    video.src = small ? facts.sub : film;
    Object.assign(video, { currentTime, playbackRate });
    if (!paused) video.play().catch(() => {});
    if (still) comes();
  }
  for (const name of ["ratechange", "play", "pause"]) video.addEventListener(name, choose);

  /* while it plays, the end of a loop is looked for at every picture of the screen */
  let frame = 0;
  function tick() {
    cancelAnimationFrame(frame);
    again();
    paint();
    if (!video.paused) frame = requestAnimationFrame(tick);
  }
  for (const name of ["play", "pause"]) video.addEventListener(name, () => { $("transport").classList.toggle("playing", !video.paused); tick(); });
  for (const name of ["seeking", "seeked", "durationchange", "ended"]) video.addEventListener(name, paint);
  video.addEventListener("durationchange", () => { seek.max = video.duration || seek.max; });
  video.addEventListener("volumechange", () => $("sound").setAttribute("aria-pressed", !video.muted));
  async function over() {
    const damaged = video.error?.code === MediaError.MEDIA_ERR_DECODE;
    const answer = damaged ? null : await fetch(video.src, { headers: { range: "bytes=0-0" } }).catch(() => null);
    $("why").textContent = $("why").dataset[damaged ? "damaged" : answer?.status === 404 ? "over" : "broken"];
    $("over").hidden = false;
  }
  video.addEventListener("error", over);
  if (video.error) over(); // before this script was there

  /* the sound as a picture, one byte each `every` seconds */
  function draw() {
    const canvas = $("peaks"), wide = canvas.clientWidth, high = canvas.clientHeight, every = Number(facts.every);
    if (!peaks || !wide || !video.duration) return;
    canvas.width = wide * devicePixelRatio; canvas.height = high * devicePixelRatio;
    const paper = canvas.getContext("2d");
    paper.scale(devicePixelRatio, devicePixelRatio);
    paper.fillStyle = getComputedStyle(canvas).color;
    for (let x = 0; x < wide; x++) {
      const from = Math.floor(x / wide * video.duration / every), to = Math.max(from + 1, Math.floor((x + 1) / wide * video.duration / every));
      const tall = Math.max(1, peaks.subarray(from, to).reduce((most, one) => Math.max(most, one), 0) / 255 * high);
      paper.fillRect(x, (high - tall) / 2, 1, tall);
    }
  }
  if (facts.peaks) fetch(facts.peaks).then((answer) => answer.ok ? answer.arrayBuffer() : null).then((bytes) => { peaks = bytes && new Uint8Array(bytes); draw(); });
  addEventListener("resize", draw);
  video.addEventListener("durationchange", draw);

  /* what was watched, for the line that ends this look */
  function tell() {
    const { played } = video, spans = JSON.stringify(Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]));
    if (spans !== "[]" && spans !== told) post(`/looks/${facts.look}/watched`, told = spans).catch(() => {});
  }
  setInterval(tell, TOLD_EVERY_MS);
  addEventListener("pagehide", tell);

  video.controls = false;
  $("own-time").hidden = facts.own === "";
  $("transport").hidden = false;
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") video.play().catch(() => {}); // who pressed "play" wants it to; no reload does
  if (video.duration) { seek.max = video.duration; draw(); }
  paint();
}
