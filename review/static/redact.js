/* Boxes over a film (遮盖框): drawn, moved and sized by pointer or keys, with a key point wherever one is moved; kept at once.
 * Without this script the page's forms do the same with times and pixels. Times are milliseconds of the film, places pixels
 * of its shown picture; between two key points a box moves evenly. */
import { isKey, player } from "./player.js";
import { post } from "./post.js";

const $ = (id) => document.getElementById(id), root = $("boxes"), SVG = "http://www.w3.org/2000/svg";
const NEAR_MS = 20, FRESH_MS = 3000, WAIT_MS = 400, SMALLEST = 8, GRIP = 14, UNDONE_MAX = 50;

/* whoever hands on or checks has told first what they watched */
document.addEventListener("submit", async (event) => {
  const form = event.target, video = $("video");
  if (!form.matches("[data-ends-look]") || !video || form.dataset.told) return;
  const { played } = video, spans = Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]);
  if (!spans.length) return;
  event.preventDefault();
  await post(`/looks/${video.dataset.look}/watched`, JSON.stringify(spans)).catch(() => {});
  form.dataset.told = "yes";
  form.requestSubmit(event.submitter);
});
for (const one of document.querySelectorAll(".js[hidden]")) one.hidden = false;
document.addEventListener("click", (event) => {
  const now = event.target.closest("[data-now]");
  if (now && player) now.previousElementSibling.value = `${Math.floor(player.clock.time / 60)}:${(player.clock.time % 60).toFixed(2).padStart(5, "0")}`;
});
if (root && player) edit(player.clock);

function edit(clock) {
  const { width: W, height: H } = root.viewBox.baseVal, length = Number(root.dataset.length), undone = [];
  let recipe, chosen = null, drag = null, due = 0;
  const read = () => { recipe = JSON.parse($("side").dataset.recipe); lines(); for (const one of document.querySelectorAll(".js[hidden]")) one.hidden = false; paint(); };
  const ms = () => Math.min(length, Math.round(clock.time * 1000)), box = () => recipe.boxes.find((one) => one.id === chosen);
  const bound = (n, from, to) => Math.max(from, Math.min(to, Math.round(n)));

  const lines = () => $("spans").replaceChildren(...["mutes", "cuts"].flatMap((name) => recipe[name].map((one) => rect({ class: name, x: one.from_ms / 1000, width: (one.to_ms - one.from_ms) / 1000, height: 1 }))));

  function at(one, t) {
    const next = one.keys.findIndex((key) => key[0] >= t);
    if (next < 0 || t < one.keys[0][0]) return null;
    const b = one.keys[next], a = one.keys[Math.max(0, next - 1)], share = b[0] > a[0] ? (t - a[0]) / (b[0] - a[0]) : 0;
    return a.slice(1).map((side, i) => Math.round(side + (b[i + 1] - side) * share));
  }
  function put(one, t, place) { // a key point here, in place of one that is as good as here
    one.keys = [...one.keys.filter((key) => Math.abs(key[0] - t) > NEAR_MS), [t, ...place]].sort((a, b) => a[0] - b[0]);
    if (one.verdict === "open") one.verdict = "confirmed";
  }
  function keep(anew) {
    clearTimeout(due);
    $("saved").textContent = "";
    due = setTimeout(async () => {
      const answer = await post(`/releases/${root.dataset.no}/recipe`, JSON.stringify(recipe)).catch(() => null);
      $("saved").textContent = root.dataset[answer?.ok ? "saved" : "unsaved"];
      if (answer?.ok && anew) location.search = new URLSearchParams({ look: $("video").dataset.look, t: clock.time.toFixed(3) });
    }, anew ? 0 : WAIT_MS);
  }
  const before = () => { undone.push(JSON.stringify(recipe)); if (undone.length > UNDONE_MAX) undone.shift(); };

  function paint() {
    const t = drag?.t ?? ms(), seen = new Set();
    for (const one of recipe.boxes) {
      const place = drag?.id === one.id ? drag.place : at(one, t);
      if (!place) continue;
      seen.add(one.id);
      const drawn = root.querySelector(`[data-id="${CSS.escape(one.id)}"]`) ?? root.appendChild(rect({ "data-id": one.id, tabindex: 0, role: "button" }));
      drawn.setAttribute("class", `${one.verdict}${one.id === chosen ? " chosen" : ""}`);
      drawn.setAttribute("aria-label", `${root.dataset.box} ${one.id}: ${place.join(", ")}`);
      placed(drawn, place);
    }
    for (const drawn of root.querySelectorAll("[data-id]")) if (!seen.has(drawn.dataset.id)) drawn.remove();
    const grip = root.querySelector(".grip") ?? root.appendChild(rect({ class: "grip", "aria-hidden": "true" })), mine = seen.has(chosen) && (drag?.place ?? at(box(), t));
    grip.toggleAttribute("hidden", !mine);
    if (mine) { const size = GRIP * W / root.clientWidth; placed(grip, [mine[0] + mine[2] - size / 2, mine[1] + mine[3] - size / 2, size, size]); root.append(grip); }
  }
  const rect = (facts) => { const made = document.createElementNS(SVG, "rect"); for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value); return made; };
  const placed = (drawn, place) => ["x", "y", "width", "height"].forEach((name, i) => drawn.setAttribute(name, place[i]));
  const within = ([x, y, w, h]) => { w = bound(w, SMALLEST, W); h = bound(h, SMALLEST, H); return [bound(x, 0, W - w), bound(y, 0, H - h), w, h]; };

  /* by pointer */
  const point = (event) => { const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(root.getScreenCTM().inverse()); return [x, y]; };
  root.addEventListener("pointerdown", (event) => {
    const target = event.target, from = point(event), t = ms(), adds = root.classList.contains("adding");
    clock.playing && clock.toggle();
    if (adds) drag = { id: null, t, from, place: [...from, SMALLEST, SMALLEST], how: "new" };
    else if (target.classList.contains("grip")) drag = { id: chosen, t, from, was: at(box(), t), how: "size" };
    else if (target.dataset.id) { chosen = target.dataset.id; target.focus(); drag = { id: chosen, t, from, was: at(box(), t), how: "move" }; }
    else { chosen = null; paint(); return; }
    if (adds) { before(); chosen = drag.id = `n${Date.now().toString(36)}`; recipe.boxes.push({ id: chosen, what: "face", verdict: "confirmed", why: null, keys: [[t, ...drag.place]] }); }
    drag.place ??= drag.was;
    root.setPointerCapture(event.pointerId);
    event.preventDefault(); paint();
  });
  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = point(event), [dx, dy] = [x - drag.from[0], y - drag.from[1]], was = drag.was;
    drag.moved ||= Math.hypot(dx, dy) > 2;
    drag.place = drag.how === "new" ? within([Math.min(x, drag.from[0]), Math.min(y, drag.from[1]), Math.abs(dx), Math.abs(dy)])
      : drag.how === "size" ? within([was[0], was[1], was[2] + dx, was[3] + dy]) : within([was[0] + dx, was[1] + dy, was[2], was[3]]);
    paint();
  });
  root.addEventListener("pointerup", () => {
    if (!drag) return;
    const { how, t, place, moved } = drag, one = box();
    drag = null;
    if (how === "new") {
      one.keys = [[t, ...place], [Math.max(t + 1, Math.min(length, t + FRESH_MS)), ...place]];
      adding(false); keep(true);
    } else if (moved) { before(); put(one, t, place); keep(); }
    paint();
  });
  root.addEventListener("focusin", (event) => { if (event.target.dataset.id) { chosen = event.target.dataset.id; paint(); } });

  /* by keys and buttons */
  function adding(is) { root.classList.toggle("adding", is); document.querySelector("[data-redact=add]").setAttribute("aria-pressed", is); }
  function jump(forward) {
    const times = box()?.keys.map((key) => key[0]) ?? [], t = ms();
    const to = forward ? times.find((one) => one > t + NEAR_MS) : times.findLast((one) => one < t - NEAR_MS);
    if (to !== undefined) clock.seek(to / 1000);
  }
  function ends(first) { // from here on, or up to here
    const one = box(), t = ms();
    if (!one) return;
    before();
    const place = at(one, t) ?? (first ? one.keys[0] : one.keys.at(-1)).slice(1), rest = one.keys.filter((key) => first ? key[0] > t : key[0] < t);
    if (!rest.length) return;
    one.keys = first ? [[t, ...place], ...rest] : [...rest, [t, ...place]];
    keep();
  }
  const does = {
    add: () => adding(!root.classList.contains("adding")), previous: () => jump(false), next: () => jump(true), from: () => ends(true), to: () => ends(false),
    key: () => { const one = box(), place = one && at(one, ms()); if (place) { before(); put(one, ms(), place); keep(); } },
    undo: () => { if (undone.length) { recipe = JSON.parse(undone.pop()); keep(true); } },
  };
  const keys = { f: "key", "[": "previous", "]": "next", i: "from", o: "to", u: "undo", n: "add" }, ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  root.addEventListener("keydown", (event) => {
    const way = ways[event.key], one = box(), place = one && at(one, ms());
    if (!way || !place) return;
    event.preventDefault(); event.stopPropagation();
    before();
    const [dx, dy] = [way[0] * W / 200, way[1] * H / 200];
    put(one, ms(), within(event.shiftKey ? [place[0], place[1], place[2] + dx, place[3] + dy] : [place[0] + dx, place[1] + dy, place[2], place[3]]));
    keep(); paint();
  });
  document.addEventListener("keydown", (event) => { const name = isKey(event) && keys[event.key.toLowerCase()]; if (name) { event.preventDefault(); does[name](); paint(); } });
  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-redact]")?.dataset.redact, of = event.target.closest("[data-box]")?.dataset.box;
    if (name) does[name]();
    if (of) { chosen = of; const one = box(), t = ms(); if (one && !at(one, t)) clock.seek(one.keys[0][0] / 1000); }
    if (name || of) paint();
  });
  document.addEventListener("htmx:after:swap", read);
  clock.addEventListener("time", () => drag || paint());
  read();
  root.dataset.ready = "yes";
  const t = new URLSearchParams(location.search).get("t");
  if (t) { if (clock.playing) clock.toggle(); clock.seek(Number(t)); }
}
