
// A text field chooses lanes by their names. The axis moves up below the lanes that stay.

const filter = at("filter");
// For each chart its lanes, with the pixels from the top of one lane to that of the next, and how high the chart is then.
const heights = charts.map((chart) => {
  const lanes = Array.from(chart.querySelectorAll(".lane"));
  const bottom = Number(chart.querySelector(".axis").getAttribute("y1"));
  const tops = lanes.map((lane) => lane.transform.baseVal.consolidate().matrix.f).concat(bottom);
  return { lanes: lanes.map((lane, i) => ({ lane, height: tops[i + 1] - tops[i] })), bottom, whole: chart.height.baseVal.value };
});

// Returns whether a name matches a pattern as it does for --only: * stands for any text, ? for one character.
function matches(pattern, name) {
  const wanted = Array.from(pattern);
  const given = Array.from(name);
  // Where the last star is, and up to where the name is taken to be what that star stands for.
  let star = -1;
  let taken = 0;
  let next = 0;
  let read = 0;
  while (read < given.length) {
    if (wanted[next] === "*") {
      star = next;
      taken = read;
      next += 1;
    } else if (wanted[next] === "?" || wanted[next] === given[read]) {
      next += 1;
      read += 1;
    } else if (star >= 0) {
      taken += 1;
      read = taken;
      next = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every((character) => character === "*");
}
// Returns whether a lane has a name of this pattern, or stands for a task of a function with such a name. Lanes that share
// a row have no names here.
function isNamed(lane, pattern) {
  const { name, kind, lanes } = lane.dataset;
  // The name of a lane that only helps to show the others is in parentheses.
  const names = [name, kind || name, name.replace(/^\((.*)\)$/u, "$1")];
  return lanes === undefined && names.some((one) => matches(pattern, one));
}
// Puts the lanes of a chart that are not left out below each other, and the axis below them.
function layOut(chart, { lanes, bottom, whole }) {
  let top = 0;
  for (const { lane, height } of lanes) {
    lane.setAttribute("transform", "translate(0 " + top + ")");
    top += lane.classList.contains("left-out") ? 0 : height;
  }
  const set = (selector, names, value) => {
    for (const element of chart.querySelectorAll(selector)) {
      names.forEach((name) => element.setAttribute(name, value));
    }
  };
  set(".axis", ["y1", "y2"], top);
  set(".grid", ["y2"], top + 6);
  set(".tick", ["y"], top + 20);
  chart.setAttribute("height", whole - bottom + top);
}
// Shows only the lanes that `isShown` says, in all charts.
function chooseLanes(isShown) {
  charts.forEach((chart, index) => {
    heights[index].lanes.forEach(({ lane }) => lane.classList.toggle("left-out", !isShown(lane)));
    layOut(chart, heights[index]);
  });
  redraw();
}
// Returns a number of lanes in words.
function lanesInWords(count) {
  return count.toLocaleString("en") + (count === 1 ? " lane" : " lanes");
}
// Returns what a pattern leaves out, in words. `shown` are the lanes that match.
function leftOut(pattern, all, shown) {
  const help = "* stands for any text, ? for one character.";
  if (shown.length === 0) {
    return "No lane has a name like " + pattern + ", so all are shown. " + help;
  }
  const named = all.filter((lane) => lane.dataset.lanes === undefined);
  const sharing = all.reduce((sum, lane) => sum + Number(lane.dataset.lanes || 0), 0);
  const words = "Shows " + lanesInWords(shown.length) + ", leaves out " + (named.length - shown.length).toLocaleString("en") + ".";
  return sharing === 0 ? words : words + " Left out as well: " + lanesInWords(sharing)
    + " that share a row, whose names are not in this page. Save it with --only or --lanes all to see them.";
}
function applyFilter() {
  const pattern = filter.value.trim();
  const all = heights.flatMap(({ lanes }) => lanes.map(({ lane }) => lane));
  const shown = all.filter((lane) => isNamed(lane, pattern));
  chooseLanes((lane) => pattern === "" || shown.length === 0 || isNamed(lane, pattern));
  at("filtered").textContent = pattern === "" ? "" : leftOut(pattern, all, shown);
}
filter.addEventListener("input", applyFilter);
window.addEventListener("beforeprint", () => chooseLanes(() => true));
window.addEventListener("afterprint", applyFilter);
