/* The browser's own printing (打印); without this script it is in the browser's menu. */
const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
