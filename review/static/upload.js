/* How far an upload is (导入进度), asked for while the browser sends the form; and what a form alone does not tell: when
 * each file was last written. Too much is said before it is sent. Without this script the form is sent as it is. */
const form = document.getElementById("upload"), coming = document.getElementById("coming"), share = document.getElementById("share");
const { most, over } = form.dataset;

form.addEventListener("submit", (event) => {
  const files = [...form.files.files];
  coming.hidden = false;
  if (files.reduce((sum, file) => sum + file.size, 0) > Number(most)) {
    event.preventDefault();
    coming.textContent = over;
    return;
  }
  form.times.value = files.map((file) => file.lastModified).join(" ");
  form.querySelector("button").disabled = true;
  share.hidden = false;
  setInterval(async () => {
    const answer = await fetch(`/upload/${form.number.value}`).catch(() => null);
    if (!answer?.ok) return;
    const { bytes, of } = await answer.json();
    coming.textContent = bytes < of * 0.99 ? `${form.dataset.coming} ${Math.floor((100 * bytes) / of)} %` : form.dataset.sealing;
    [share.max, share.value] = [of, bytes];
  }, 1000);
});
