/* A verdict rests on a part of a film (引用区段): the clip that leads and where it stands are put into the form. */
import { player } from "./player.js";

const shown = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
for (const button of player ? document.querySelectorAll("[data-now]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const { clock } = player, film = clock.at(clock.lead), form = button.closest("form");
    if (!film) return;
    form.elements[button.dataset.now].value = shown(clock.local(film));
    form.elements.clip.value = film.video.dataset.clip ?? form.elements.clip.value;
  });
}
