/* A key does what the button or link with its letter does; not while somebody types. */
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  document.querySelector(key === "u" ? ".toast button" : `[data-key="${CSS.escape(key)}"]`)?.click();
});
