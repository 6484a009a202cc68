/* Whether what is shown is still true: 15 seconds without a word from the station, and no bay is known any more. */
const SILENCE_MS = 15_000;
const live = document.getElementById("live");
let silence;
function heard() {
  clearTimeout(silence);
  silence = setTimeout(() => live.classList.add("lost"), SILENCE_MS);
  live.classList.toggle("lost", document.getElementById("board").classList.contains("lost"));
}
live.addEventListener("htmx:sse:after:message", heard);
heard();
