/* Chosen rows (选择) and a long list (长列表): Shift chooses from the row chosen last to this one, in the order shown; older
 * rows come when the end is near; rows far from what is seen are put aside, and their height is kept. What is chosen is
 * known by its number, wherever its row is. Without this script ticks are sent as they are, and older rows are a link. */
const NEAR = "2000px 0px", AGAIN_MS = 500;
const ask = (link) => { // again while it is there: one that just came does nothing until htmx has read it
  if (!link.isConnected) return;
  htmx.trigger(link, "older");
  setTimeout(ask, AGAIN_MS, link);
};
const list = document.getElementById("list"), form = document.getElementById("chosen");
const chosen = new Set(), order = [], aside = new WeakMap();
let last = null;

if (form) {
  const count = document.getElementById("chosen-count"), none = count.textContent, bar = document.querySelector(".acts");
  const said = () => {
    count.textContent = chosen.size || none;
    for (const button of bar.querySelectorAll("button")) button.disabled = !chosen.size;
  };
  const mark = (id, on) => {
    chosen[on ? "add" : "delete"](id);
    const box = list.querySelector(`input[value="${id}"]`);
    if (box) box.checked = on;
  };
  form.addEventListener("click", ({ target, shiftKey }) => {
    if (target.name !== "clip") return;
    const [from, to] = [order.indexOf(shiftKey && last !== null ? last : target.value), order.indexOf(target.value)].sort((a, b) => a - b);
    for (const id of order.slice(from, to + 1)) mark(id, target.checked);
    last = target.value;
    said();
  });
  form.addEventListener("reset", () => { chosen.clear(); last = null; for (const box of list.querySelectorAll("input:checked")) box.checked = false; said(); });
  form.addEventListener("formdata", ({ formData }) => {
    formData.delete("clip");
    for (const id of order) if (chosen.has(id)) formData.append("clip", id);
  });

  const rows = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const kept = aside.get(target);
      if (isIntersecting && kept) {
        aside.delete(target);
        target.replaceChildren(...kept);
        for (const box of target.querySelectorAll("[name=clip]")) box.checked = chosen.has(box.value);
      } else if (!isIntersecting && !kept && !target.contains(document.activeElement)) {
        const row = document.createElement("tr");
        row.className = "away";
        row.style.height = `${target.offsetHeight}px`;
        aside.set(target, [...target.childNodes]);
        target.replaceChildren(row);
      }
    }
  }, { root: list, rootMargin: NEAR });
  const end = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting && window.htmx) { end.unobserve(target); ask(target.querySelector("[hx-get]")); }
  }, { root: list, rootMargin: NEAR });
  const taken = new WeakSet();
  const take = () => {
    for (const some of list.querySelectorAll("tbody.slice")) {
      if (taken.has(some)) continue;
      taken.add(some);
      for (const box of some.querySelectorAll("[name=clip]")) { order.push(box.value); if (box.checked) chosen.add(box.value); }
      rows.observe(some);
    }
    const older = document.getElementById("older");
    if (older?.querySelector("[hx-get]")) end.observe(older);
    dispatchEvent(new Event("rows"));
    said();
  };
  document.addEventListener("htmx:after:swap", take);
  take();
}
