// Makes the charts interactive: pointing at a bar describes it, zooming shows single steps, a name chooses lanes, and playing
// moves a marker along the axis. The page can be read without it. Here is what the files beside it share.

const charts = Array.from(document.querySelectorAll("svg.chart"));
const scrollers = Array.from(document.querySelectorAll(".scroll"));
const at = (id) => document.getElementById(id);
const extent = Number(at("charts").dataset.extent);
const slider = at("moment");
const slots = Number(slider.max);

// Returns a duration for people, written as the program writes it: four significant digits, in the unit that fits.
function duration(nanos) {
  if (nanos === 0) {
    return "0";
  }
  const units = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]];
  const found = units.findIndex(([, size]) => nanos >= size);
  const [unit, size] = found < 0 ? units[3] : units[found];
  const value = nanos / size;
  if (size === 1) {
    return value.toFixed(0) + " " + unit;
  }
  for (const [digits, beyond] of [[3, 10], [2, 100], [1, 1000]]) {
    if (Number(value.toFixed(digits)) < beyond) {
      return value.toFixed(digits) + " " + unit;
    }
  }
  return found === 0 ? value.toFixed(0) + " s" : "1.000 " + units[found - 1][0];
}
