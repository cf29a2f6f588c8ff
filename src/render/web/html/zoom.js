
// Zooming. A chart is at most so many screens wide. Beyond that it shows a part of the axis, from `origin` on.

const WIDEST = 32;
const zooms = [1, 2, 4, 8, 16, WIDEST];
while (extent / zooms[zooms.length - 1] > 4000) {
  zooms.push(zooms[zooms.length - 1] * 4);
}
let zoom = 0;
let origin = 0;

// Returns how much time a chart shows, in nanoseconds.
function shownTime() {
  return extent * Math.min(1, WIDEST / zooms[zoom]);
}
// Returns the place of a moment on a chart, in percent.
function percent(moment) {
  return 100 * (moment - origin) / shownTime();
}
// Returns how many nanoseconds a pixel of a chart stands for.
function nanosPerPixel() {
  return shownTime() / (scrollers[0].clientWidth * Math.min(zooms[zoom], WIDEST));
}
// Returns the moment that is so many pixels from the left edge of what is in sight.
function momentAt(pixels) {
  return origin + (scrollers[0].scrollLeft + pixels) * nanosPerPixel();
}
// Scrolls all charts so that a moment is at the left edge of what is in sight.
function showFrom(moment) {
  const inSight = scrollers[0].clientWidth * nanosPerPixel();
  const middle = moment + inSight / 2 - shownTime() / 2;
  origin = Math.max(0, Math.min(extent - shownTime(), middle));
  placeAll();
  scrollAll((moment - origin) / nanosPerPixel());
  redraw();
}
// Keeps names and durations in sight when the axis is wider than the page.
function keepLabels() {
  for (const scroller of scrollers) {
    const right = scroller.scrollLeft + scroller.clientWidth - scroller.scrollWidth;
    scroller.style.setProperty("--left", scroller.scrollLeft + "px");
    scroller.style.setProperty("--right", right + "px");
  }
}
// Scrolls all charts to the same part of the axis, which they share.
function scrollAll(left) {
  scrollers.forEach((scroller) => { scroller.scrollLeft = left; });
  keepLabels();
}
// Zooms so that what is `pixels` from the left edge stays there: the marked moment, or else the middle of what is in sight.
function zoomTo(next, pixels) {
  const middle = scrollers.length > 0 ? scrollers[0].clientWidth / 2 : 0;
  if (middle === 0) {
    return;
  }
  const marked = slider.value / slots * extent;
  const fixed = pixels === undefined ? middle : pixels;
  const moment = pixels === undefined && marked > 0 ? marked : momentAt(fixed);
  zoom = Math.max(0, Math.min(zooms.length - 1, next));
  charts.forEach((chart) => {
    chart.style.width = 100 * Math.min(zooms[zoom], WIDEST) + "%";
    chart.classList.toggle("zoomed", zoom > 0);
  });
  at("zoom").textContent = zooms[zoom].toLocaleString("en") + "\u00d7";
  at("zoom-out").disabled = zoom === 0;
  at("zoom-in").disabled = zoom === zooms.length - 1;
  showFrom(moment - fixed * nanosPerPixel());
}
// Scrolls the marked moment to the middle.
function follow() {
  if (scrollers.length > 0) {
    showFrom(slider.value / slots * extent - scrollers[0].clientWidth / 2 * nanosPerPixel());
  }
}
// Goes on beyond the edge of a chart that shows a part of the axis.
function scrolled(scroller) {
  scrollAll(scroller.scrollLeft);
  const room = scroller.scrollWidth - scroller.clientWidth;
  const near = scroller.clientWidth;
  const before = origin > 0 && scroller.scrollLeft < near;
  const after = origin + shownTime() < extent && scroller.scrollLeft > room - near;
  if (before || after) {
    showFrom(momentAt(0));
  }
  redraw();
}
at("zoom-in").addEventListener("click", () => zoomTo(zoom + 1));
at("zoom-out").addEventListener("click", () => zoomTo(zoom - 1));
for (const scroller of scrollers) {
  scroller.addEventListener("scroll", () => scrolled(scroller));
  scroller.addEventListener("dblclick", (event) => zoomTo(zoom + 2, event.clientX - scroller.getBoundingClientRect().left));
}
window.addEventListener("resize", () => { keepLabels(); redraw(); });

// What the page has without this script, moved to where it belongs in the part of the axis that a chart shows. What has steps
// is drawn anew.

const places = new Map();
function placeAll() {
  const isWhole = shownTime() >= extent;
  if (isWhole && places.size === 0) {
    return;
  }
  for (const bar of document.querySelectorAll("svg.chart .lane:not([data-steps]) rect[data-from]")) {
    if (!places.has(bar)) {
      places.set(bar, [bar.getAttribute("x"), bar.getAttribute("width")]);
    }
    const [x, width] = [percent(bar.dataset.from), percent(bar.dataset.to) - percent(bar.dataset.from)];
    bar.setAttribute("x", isWhole ? places.get(bar)[0] : x + "%");
    bar.setAttribute("width", isWhole ? places.get(bar)[1] : Math.max(width, 0.005) + "%");
  }
}

// Drawing what is in sight, once a frame.

const SVG = "http://www.w3.org/2000/svg";
let isDue = false;
function redraw() {
  if (!isDue) {
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      placeMarkers();
      drawAll();
      drawPointed();
    });
  }
}
// Returns the element of this class in a group, which is made if there is none, and emptied.
function layer(group, name, before) {
  let found = group.querySelector(":scope > ." + name);
  if (!found) {
    found = document.createElementNS(SVG, "g");
    found.setAttribute("class", name);
    group.insertBefore(found, before || null);
  }
  found.replaceChildren();
  return found;
}
function add(group, tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  group.append(element);
  return element;
}
// Returns the part of the time that is in sight, how many nanoseconds a pixel stands for, and where that part begins on the
// chart, in pixels.
function sight() {
  const scale = nanosPerPixel();
  const from = momentAt(0);
  const [left, width] = [scrollers[0].scrollLeft, scrollers[0].clientWidth];
  const x = (moment) => left + (moment - from) / scale;
  return { from, to: from + width * scale, scale, x };
}
// Whether anything is drawn that has to go when nothing is zoomed any more.
let isDrawn = false;
function drawAll() {
  if (scrollers.length === 0 || scrollers[0].clientWidth === 0 || (zoom === 0 && !isDrawn)) {
    return;
  }
  isDrawn = zoom > 0;
  const now = sight();
  for (const chart of charts) {
    const top = chart.getBoundingClientRect().top;
    drawRuler(chart, now);
    for (const lane of chart.querySelectorAll(".lane[data-steps]")) {
      const y = top + laneTop(lane);
      const inSight = y > -100 && y < window.innerHeight + 100 && !lane.classList.contains("left-out");
      drawLane(lane, zoom > 0 && inSight ? stepsOf(lane) : null, now);
    }
  }
  at("joined").textContent = zoom > 0 ? joined(now) : "";
}
function laneTop(lane) {
  return lane.transform.baseVal.consolidate().matrix.f;
}
// Draws the steps of a lane that are in sight; nothing without steps.
function drawLane(lane, steps, now) {
  const group = layer(lane, "steps");
  if (!steps) {
    return;
  }
  const paths = stateNames.map(() => "");
  // A little more than what is in sight, so that scrolling shows no gaps.
  const margin = (now.to - now.from) / 4;
  const [least, most] = [now.x(now.from - margin) - 9, now.x(now.to + margin) + 9];
  for (const bar of barsBetween(steps, now.from - margin, now.to + margin, 1.5 * now.scale)) {
    const from = Math.max(least, now.x(bar.from));
    const width = Math.max(1, Math.min(most, now.x(bar.to)) - from);
    paths[bar.state] += "M" + from.toFixed(2) + " 18h" + width.toFixed(2) + "v12h-" + width.toFixed(2) + "z";
  }
  paths.forEach((path, state) => {
    if (path !== "") {
      add(group, "path", { class: stateNames[state], d: path });
    }
  });
}
// Returns steps of time that are round numbers, and of which each is `least` nanoseconds long.
function roundStep(least) {
  const power = Math.pow(10, Math.floor(Math.log10(Math.max(1, least))));
  return Math.max(1, [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) || 10 * power);
}
// Returns a moment for people, exact to `step` nanoseconds.
function momentInWords(moment, step) {
  const [unit, size] = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]].find(([, one]) => moment >= one) || ["ns", 1];
  const digits = Math.max(0, Math.min(Math.ceil(Math.log10(size / step) - 1e-9), Math.round(Math.log10(size))));
  return (moment / size).toFixed(digits) + " " + unit;
}
// Draws lines and labels at round moments; while nothing is zoomed, those of the page show.
function drawRuler(chart, now) {
  const group = layer(chart, "ruler", chart.querySelector(".lane"));
  if (zoom === 0) {
    return;
  }
  const bottom = Number(chart.querySelector(".axis").getAttribute("y1"));
  const step = roundStep(120 * now.scale);
  const last = Math.min(extent, now.to + 200 * now.scale);
  for (let n = Math.max(0, Math.floor(now.from / step) - 1); n * step <= last; n += 1) {
    const x = now.x(n * step).toFixed(2);
    // Labels at an edge of what is in sight stand within it.
    const anchor = x - now.x(now.from) < 40 ? "start" : now.x(now.to) - x < 40 ? "end" : "middle";
    add(group, "line", { class: "line", x1: x, x2: x, y1: 0, y2: bottom + 6 });
    add(group, "text", { class: "label", x, y: bottom + 20, "text-anchor": anchor }).textContent =
      n === 0 ? "0" : momentInWords(n * step, step);
  }
}
// Returns what is joined in the lanes, and how to see it; nothing if nothing is.
function joined(now) {
  const lanes = Array.from(document.querySelectorAll(".lane[data-joined]"));
  if (lanes.length === 0) {
    return "";
  }
  const longest = Math.max(...lanes.map((lane) => Number(lane.dataset.joined)));
  const seconds = (moment) => (Math.max(0, moment) / 1e9).toFixed(Math.min(9, Math.max(0, Math.ceil(-Math.log10(now.scale / 1e8))))) + "s";
  return "This run has too many steps for a page. In " + lanesInWords(lanes.length) + ", steps shorter than "
    + duration(longest) + " are joined. A page of a part of the time has each: --from " + seconds(now.from) + " --to "
    + seconds(now.to) + ".";
}
