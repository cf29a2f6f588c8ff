
// The marker, and the state of every lane at that moment.

const markers = charts.map((chart) => {
  const marker = document.createElementNS("http://www.w3.org/2000/svg", "line");
  marker.setAttribute("class", "marker");
  marker.setAttribute("y2", "100%");
  chart.append(marker);
  return marker;
});
// Puts the markers where the moment is on the charts.
function placeMarkers() {
  const moment = slider.value / slots * extent;
  for (const marker of markers) {
    marker.setAttribute("x1", percent(moment) + "%");
    marker.setAttribute("x2", percent(moment) + "%");
    marker.setAttribute("visibility", moment > 0 ? "visible" : "hidden");
  }
}
function mark() {
  const moment = slider.value / slots * extent;
  placeMarkers();
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
  const from = Number(slider.value) >= slots ? 0 : Number(slider.value);
  let began = null;
  at("play").textContent = "Pause";
  const frame = (now) => {
    began = began === null ? now : began;
    const passed = calm.matches ? Math.floor((now - began) / 1000) * 1000 : now - began;
    slider.value = Math.min(slots, from + slots * passed / takes);
    mark();
    follow();
    if (Number(slider.value) >= slots) {
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

// The page opens at the part of the time that was asked for, once that can be seen.
let isOpened = false;
function open() {
  const { from, to } = at("charts").dataset;
  const width = scrollers.length > 0 ? scrollers[0].clientWidth : 0;
  if (!isOpened && width > 0) {
    isOpened = true;
    const fitting = zooms.filter((one) => from !== undefined && extent / one >= to - from);
    zoomTo(fitting.length - 1);
    showFrom(from === undefined ? 0 : (Number(from) + Number(to)) / 2 - width / 2 * nanosPerPixel());
  }
  keepLabels();
  redraw();
}
at("run").addEventListener("toggle", open);
// Lanes that come into sight are drawn.
window.addEventListener("scroll", redraw, { passive: true });

// Printing shows what is folded, too, and all of the axis.
let folded = [];
let [zoomBefore, momentBefore] = [0, 0];
window.addEventListener("beforeprint", () => {
  [zoomBefore, momentBefore] = [zoom, momentAt(0)];
  zoomTo(0);
  folded = Array.from(document.querySelectorAll("details:not([open])"));
  folded.forEach((details) => { details.open = true; });
});
window.addEventListener("afterprint", () => {
  folded.forEach((details) => { details.open = false; });
  zoomTo(zoomBefore);
  showFrom(momentBefore);
});

at("controls").hidden = false;
mark();
open();
