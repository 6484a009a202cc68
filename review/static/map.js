/* Where the clips begin (点位图): a box that is drawn there is searched in. Without this script the points are links. */
const map = document.getElementById("map"), drawn = document.getElementById("drawn");
if (map) {
  document.getElementById("map-hint").hidden = false;
  const { lat, lon, east, north } = map.dataset, at = ({ clientX, clientY }) => new DOMPoint(clientX, clientY).matrixTransform(map.getScreenCTM().inverse());
  let from = null;
  const box = (to) => ({ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) });
  const draw = (to) => { for (const [name, value] of Object.entries(box(to))) drawn.setAttribute(name, value); };
  map.addEventListener("pointerdown", (event) => { if (event.button || event.target.closest("a")) return; from = at(event); map.setPointerCapture(event.pointerId); });
  map.addEventListener("pointermove", (event) => { if (from) draw(at(event)); });
  map.addEventListener("pointerup", (event) => {
    if (!from) return;
    const { x, y, width, height } = box(at(event)), address = new URL(location.href);
    from = null;
    if (!width || !height) return;
    for (const name of ["after", "along", "around"]) address.searchParams.delete(name);
    const places = [lat - (y + height) / north, Number(lon) + x / east, lat - y / north, Number(lon) + (x + width) / east];
    address.searchParams.set("box", places.map((one) => one.toFixed(6)).join());
    location.assign(address);
  });
}
