/* Sheets (预览图): resting on a poster for 0.4 s, or an arrow key on it, opens a look at its clip; the pointer's place, or
 * arrow keys, then choose the moment. Esc or leaving puts the poster back. The station writes one line a look, however
 * often one comes back. Without this script a poster is a link. */
import { post } from "./post.js";
import { span } from "./times.js";

const REST_MS = 400;
const says = document.getElementById("sheet-says");
const canvas = document.createElement("canvas"), length = document.createElement("span"), share = document.createElement("progress");
length.className = "length";
length.ariaHidden = share.ariaHidden = "true";
let on = null, wanted = null, kept = null, left = null, resting;

async function open(poster, at) {
  const mine = wanted = { poster, at };
  try {
    const answer = await post(poster.dataset.sheet);
    if (!answer.ok) throw new Error(String(answer.status));
    const sheet = await answer.json();
    if (kept?.sheet.sheet !== sheet.sheet) {
      const image = new Image();
      image.src = sheet.sheet;
      await image.decode();
      kept = { image, sheet };
    }
    if (wanted !== mine) return;
    on = { poster, ...kept, number: 0 };
    [canvas.width, canvas.height, share.max] = [sheet.tile_width_px, sheet.tile_height_px, sheet.count];
    poster.append(canvas, share, length);
    show(Math.floor(mine.at * sheet.count));
    says.textContent = says.dataset.opens;
  } catch {
    if (wanted === mine) says.textContent = says.dataset.failed;
  }
}

function show(number) {
  const { image, sheet } = on, { tile_width_px: wide, tile_height_px: high } = sheet;
  on.number = number = Math.min(Math.max(0, number), sheet.count - 1);
  canvas.getContext("2d").drawImage(image, (number % sheet.columns) * wide, Math.floor(number / sheet.columns) * high, wide, high, 0, 0, wide, high);
  length.textContent = span(number * sheet.every_s);
  share.value = number + 1;
}

function back() {
  clearTimeout(resting);
  wanted = on = null;
  canvas.remove(); share.remove(); length.remove();
  says.textContent = "";
}

const bound = new WeakSet();
function bind(poster) {
  if (bound.has(poster)) return;
  bound.add(poster);
  poster.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || left === poster) return;
    const box = poster.getBoundingClientRect(), at = (event.clientX - box.left) / box.width;
    if (on?.poster === poster) return show(Math.floor(at * on.sheet.count));
    if (wanted?.poster === poster) return void (wanted.at = at);
    clearTimeout(resting);
    resting = setTimeout(() => { back(); open(poster, at); }, REST_MS);
  });
  poster.addEventListener("pointerleave", () => { left = null; back(); });
  poster.addEventListener("blur", back);
  poster.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (on?.poster === poster) {
      show(on.number + step);
      says.textContent = `${says.dataset.opens} ${length.textContent}`;
    } else if (wanted?.poster !== poster) { back(); open(poster, 0); }
  });
}
function bindAll() {
  const posters = document.querySelectorAll("[data-sheet]");
  if (posters.length) says.parentElement.hidden = false;
  posters.forEach(bind);
}
bindAll();
addEventListener("rows", bindAll); // older ones came (chosen.js)
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  left = (on ?? wanted)?.poster ?? null; // until the pointer has left it, it opens no look
  back();
});
