// Makes the charts interactive: hovering describes a bar, zooming stretches the axis, and playing moves a marker along it.
// Everything that it shows is in the page already, so the page can be read without it.

const charts = Array.from(document.querySelectorAll("svg.chart"));
const scrollers = Array.from(document.querySelectorAll(".scroll"));
const at = (id) => document.getElementById(id);
const extent = Number(at("charts").dataset.extent);
const slider = at("moment");
const steps = Number(slider.max);
const zooms = [1, 2, 4, 8, 16, 32];

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

// Returns the description of a bar.
function describe(bar) {
  const lane = bar.closest(".lane").dataset.name;
  const span = duration(Number(bar.dataset.from)) + " \u2013 " + duration(Number(bar.dataset.to));
  const what = bar.dataset.who !== undefined ? "held by " + bar.dataset.who
    : bar.dataset.inFlight !== undefined ? bar.dataset.inFlight + " of those folded in flight"
    : bar.getAttribute("class");
  return lane + ": " + what + ", " + span;
}

// Hovering.

// The browser shows a title as a tip of its own, which would cover ours.
for (const title of document.querySelectorAll("svg.chart .lane title")) {
  title.remove();
}
const tip = at("tip");
function hover(event) {
  const bar = event.target.closest("rect[data-from]");
  tip.hidden = !bar;
  if (!bar) {
    return;
  }
  tip.textContent = describe(bar);
  const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18 + tip.offsetHeight < window.innerHeight;
  tip.style.left = Math.max(left, 8) + "px";
  tip.style.top = event.clientY + (below ? 18 : -tip.offsetHeight - 10) + "px";
}
for (const chart of charts) {
  chart.addEventListener("pointermove", hover);
  chart.addEventListener("pointerdown", hover);
  chart.addEventListener("pointerleave", () => { tip.hidden = true; });
}
document.addEventListener("keydown", (event) => { tip.hidden = tip.hidden || event.key === "Escape"; });

// Zooming.

let zoom = 0;
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
function zoomTo(next) {
  zoom = Math.max(0, Math.min(zooms.length - 1, next));
  charts.forEach((chart) => { chart.style.width = 100 * zooms[zoom] + "%"; });
  at("zoom").textContent = zooms[zoom] + "\u00d7";
  at("zoom-out").disabled = zoom === 0;
  at("zoom-in").disabled = zoom === zooms.length - 1;
  follow();
  keepLabels();
}
// Scrolls the marked moment to the middle.
function follow() {
  const [chart, scroller] = [charts[0], scrollers[0]];
  if (chart) {
    scrollAll(slider.value / steps * chart.clientWidth - scroller.clientWidth / 2);
  }
}
at("zoom-in").addEventListener("click", () => zoomTo(zoom + 1));
at("zoom-out").addEventListener("click", () => zoomTo(zoom - 1));
scrollers.forEach((scroller) => scroller.addEventListener("scroll", () => scrollAll(scroller.scrollLeft)));
window.addEventListener("resize", keepLabels);

// The marker, and the state of every lane at that moment.

const markers = charts.map((chart) => {
  const marker = document.createElementNS("http://www.w3.org/2000/svg", "line");
  marker.setAttribute("class", "marker");
  marker.setAttribute("y2", "100%");
  chart.append(marker);
  return marker;
});
function mark() {
  const moment = slider.value / steps * extent;
  for (const marker of markers) {
    marker.setAttribute("x1", 100 * slider.value / steps + "%");
    marker.setAttribute("x2", 100 * slider.value / steps + "%");
    marker.setAttribute("visibility", moment > 0 ? "visible" : "hidden");
  }
  at("now").textContent = duration(moment);
  slider.setAttribute("aria-valuetext", duration(moment));
  return moment;
}
function states(moment) {
  const descriptions = charts.map((chart) => {
    const doing = new Map();
    for (const bar of chart.querySelectorAll(".lane:not(.left-out) rect[data-from]:not([data-in-flight])")) {
      if (Number(bar.dataset.from) <= moment && moment < Number(bar.dataset.to)) {
        const kind = bar.getAttribute("class");
        doing.set(kind, (doing.get(kind) || []).concat(bar.dataset.who || bar.closest(".lane").dataset.name));
      }
    }
    const groups = Array.from(doing, ([kind, names]) => kind + " " + names.join(", "));
    return chart.dataset.title + ": " + (groups.join("; ") || "nothing");
  });
  at("states").textContent = descriptions.join(". ") + ".";
}
slider.addEventListener("input", () => {
  states(mark());
  follow();
});

// Playing, in about the time that the run took. With reduced motion, the marker moves once a second.

let playing = null;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const takes = Math.max(3, Math.min(12, extent / 1e9)) * 1000;
function stop() {
  cancelAnimationFrame(playing);
  playing = null;
  at("play").textContent = "Play";
  states(mark());
}
function play() {
  const from = Number(slider.value) >= steps ? 0 : Number(slider.value);
  let began = null;
  at("play").textContent = "Pause";
  const frame = (now) => {
    began = began === null ? now : began;
    const passed = calm.matches ? Math.floor((now - began) / 1000) * 1000 : now - began;
    slider.value = Math.min(steps, from + steps * passed / takes);
    mark();
    follow();
    if (Number(slider.value) >= steps) {
      stop();
    } else {
      playing = requestAnimationFrame(frame);
    }
  };
  playing = requestAnimationFrame(frame);
}
at("play").addEventListener("click", () => (playing === null ? play() : stop()));

// A guess opens what the run showed.
for (const guess of document.querySelectorAll("input[name=guess]")) {
  guess.addEventListener("change", () => { at("run").open = true; });
}
at("run").addEventListener("toggle", keepLabels);

// Printing shows what is folded, too.
let folded = [];
window.addEventListener("beforeprint", () => {
  folded = Array.from(document.querySelectorAll("details:not([open])"));
  folded.forEach((details) => { details.open = true; });
});
window.addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));

at("controls").hidden = false;
zoomTo(0);
mark();
