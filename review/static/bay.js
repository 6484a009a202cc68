/* At a bay: keys for a PIN by finger, and the page goes back to all bays when nobody touches it. */
const IDLE_MS = 90_000;
let idle;
const touched = () => { clearTimeout(idle); idle = setTimeout(() => location.assign("/bays"), IDLE_MS); };
for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, touched);
touched();
addEventListener("input", ({ target }) => { // what is typed beside a choice is that choice
  const choice = target.type === "text" && target.closest(".card")?.querySelector("[type=radio]");
  if (choice) choice.checked = true;
});
const pads = document.querySelector(".pads"), field = document.querySelector("#pin [name=secret]");
if (pads) {
  const enter = pads.querySelector("button");
  const press = (word, does) => {
    const button = document.createElement("button");
    button.type = "button"; button.className = "button"; button.textContent = word;
    button.addEventListener("click", does);
    pads.insertBefore(button, enter);
  };
  for (const digit of "1234567890") press(digit, () => { field.value += digit; });
  press(document.documentElement.lang === "en" ? "Delete" : "退格", () => { field.value = field.value.slice(0, -1); });
}
