/* Whether what is shown is still true: 15 seconds without a word from the station, and no bay is known any more. */
const SILENCE_MS = 15_000;
const live = document.getElementById("live");
let silence;
function heard() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE_MS);
  live.classList.toggle("lost", document.getElementById("board").classList.contains("lost"));
}
function lost() { // whoever answers again is asked for the whole page: a stream that never began is not begun anew
  live.classList.add("lost");
  silence = setTimeout(lost, SILENCE_MS);
  fetch("/bays", { signal: AbortSignal.timeout(SILENCE_MS) }).then((answer) => { if (answer.ok) location.reload(); }, () => {});
}
live.addEventListener("htmx:sse:after:message", heard);
heard();
