
// Pointing at a bar, or going there with the keyboard, says what it is, and draws arrows from what woke its task.

const tip = at("tip");
const MOST_ARROWS = 100;
// The step that is pointed at or was gone to with the keyboard: its lane and its index there. `several` says that more steps
// are at the same place.
let pointed = null;

// The browser shows a title as a tip of its own, which would cover ours.
for (const title of document.querySelectorAll("svg.chart .lane title")) {
  title.remove();
}

// Returns the description of a bar that the page has without this script.
function describe(bar) {
  const lane = bar.closest(".lane").dataset.name;
  const span = duration(Number(bar.dataset.from)) + " \u2013 " + duration(Number(bar.dataset.to));
  const what = bar.dataset.who !== undefined ? "held by " + bar.dataset.who
    : bar.dataset.inFlight !== undefined ? bar.dataset.inFlight + " of those folded in flight"
    : bar.getAttribute("class");
  return lane + ": " + what + ", " + span;
}
// Returns the lane of a task in a chart; none if the page has none.
function laneOf(chart, task) {
  return chart.querySelector(".lane[data-task=\"" + task + "\"]");
}
// Returns the name of a task that woke another one.
function nameOf(chart, task) {
  const lane = laneOf(chart, task);
  const others = JSON.parse(chart.dataset.wakers || "{}");
  return lane ? lane.dataset.name : others[task] || "another task";
}
// Returns who woke the task for a step, and when, in words; nothing if that is not known.
function wokenBy(lane, wake, exact) {
  if (!wake) {
    return "";
  }
  // A task that wakes itself does so while it is polled, just before.
  if (wake.by === null) {
    return "; woken by itself";
  }
  return "; woken by " + nameOf(lane.closest("svg"), wake.by) + " at " + momentInWords(wake.at, exact);
}
// Returns the description of one step.
function describeStep(lane, steps, index) {
  const [start, end] = [startOf(steps, index), steps.ends[index]];
  // The moment is exact to a microsecond, and as exact as the length, which has four digits.
  const digits = Math.floor(Math.log10(Math.max(1, end - start))) - 3;
  const exact = Math.max(1, Math.min(1000, Math.pow(10, digits)));
  const what = (lane.dataset.joined ? "mostly " : "") + stateNames[steps.states[index]];
  return lane.dataset.name + ": " + what + " for " + duration(end - start) + " from " + momentInWords(start, exact) + " on"
    + wokenBy(lane, wakeOf(steps, index), exact);
}
// Returns the description of several polls that are too close to each other to be pointed at.
function describeSeveral(lane, count) {
  return lane.dataset.name + ": " + count.toLocaleString("en") + " steps here, too close to tell apart; zoom in to see each";
}
// Returns the steps of a lane at a place: the index of the only poll that is near, or else of the step there, and how many
// polls are near.
function stepsAt(steps, moment, near) {
  const first = firstUntil(steps, moment - near);
  let [polls, poll] = [0, -1];
  for (let i = first; i < steps.ends.length && startOf(steps, i) <= moment + near; i += 1) {
    polls += isPoll(steps, i) ? 1 : 0;
    poll = isPoll(steps, i) ? i : poll;
  }
  const within = Math.min(firstUntil(steps, moment), steps.ends.length - 1);
  return { polls, index: polls === 1 ? poll : within };
}

// Shows a description beside the pointer.
function showTip(text, event) {
  tip.textContent = text;
  tip.hidden = false;
  const left = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18 + tip.offsetHeight < window.innerHeight;
  tip.style.left = Math.max(left, 8) + "px";
  tip.style.top = event.clientY + (below ? 18 : -tip.offsetHeight - 10) + "px";
}
function hover(event) {
  const lane = event.target.closest(".lane");
  const bar = event.target.closest("rect[data-from], .steps path");
  const steps = lane && zoom > 0 ? stepsOf(lane) : null;
  tip.hidden = true;
  if (!bar) {
    return;
  }
  if (!steps) {
    showTip(describe(bar), event);
    return;
  }
  const moment = momentAt(event.clientX - scrollers[0].getBoundingClientRect().left);
  const { polls, index } = stepsAt(steps, moment, 1.5 * nanosPerPixel());
  showTip(polls > 1 ? describeSeveral(lane, polls) : describeStep(lane, steps, index), event);
  if (!pointed || pointed.lane !== lane || pointed.index !== index) {
    pointed = { lane, index, several: polls > 1, byKey: false };
    redraw();
  }
}
for (const chart of charts) {
  chart.addEventListener("pointermove", hover);
  chart.addEventListener("pointerdown", hover);
  chart.addEventListener("pointerleave", () => {
    tip.hidden = true;
    if (pointed && !pointed.byKey) {
      leave();
    }
  });
}

// Draws a frame around the step that is pointed at, and an arrow to each poll of its lane in sight from what woke the task.
function drawPointed() {
  charts.forEach((chart) => layer(chart, "pointed"));
  if (!pointed || pointed.lane.classList.contains("left-out") || scrollers[0].clientWidth === 0) {
    return;
  }
  const chart = pointed.lane.closest("svg");
  const steps = stepsOf(pointed.lane);
  const [group, now] = [layer(chart, "pointed"), sight()];
  const y = laneTop(pointed.lane);
  if (!pointed.several) {
    const from = now.x(startOf(steps, pointed.index));
    const to = now.x(steps.ends[pointed.index]);
    add(group, "rect", { class: "frame", x: from - 2, y: y + 15, width: Math.max(1, to - from) + 4, height: 18 });
  }
  drawArrows(chart, group, steps, y, now);
}
function drawArrows(chart, group, steps, y, now) {
  const first = firstUntil(steps, now.from);
  let [count, last] = [0, -Infinity];
  for (let i = countBefore(steps.wakes, (wake) => wake.step < first); i < steps.wakes.length && count < MOST_ARROWS; i += 1) {
    const wake = steps.wakes[i];
    const moment = steps.ends[wake.step];
    if (moment > now.to) {
      break;
    }
    const from = wake.by === null ? null : laneOf(chart, wake.by);
    const x = now.x(moment);
    // Arrows that are too close to each other would be a black bar.
    if (from && !from.classList.contains("left-out") && x - last >= 4) {
      drawArrow(group, now.x(wake.at), laneTop(from) + 24, x, y);
      [count, last] = [count + 1, x];
    }
  }
}
// Draws an arrow from the middle of a bar to the edge of the bar of the lane that is `lane` pixels from the top.
function drawArrow(group, fromX, fromY, toX, lane) {
  const toY = lane + (fromY < lane ? 17 : 31);
  const angle = Math.atan2(toY - fromY, toX - fromX);
  const side = (turn) => (toX - 8 * Math.cos(angle + turn)).toFixed(2) + " " + (toY - 8 * Math.sin(angle + turn)).toFixed(2);
  const line = "M" + fromX.toFixed(2) + " " + fromY + "L" + toX.toFixed(2) + " " + toY;
  add(group, "path", { class: "arrow-ground", d: line });
  add(group, "path", { class: "arrow", d: line });
  add(group, "path", { class: "head", d: "M" + toX.toFixed(2) + " " + toY + "L" + side(0.4) + "L" + side(-0.4) + "z" });
  add(group, "circle", { class: "head", cx: fromX.toFixed(2), cy: fromY, r: 2.5 });
}

// The keyboard. Enter in a chart goes to a lane; from there, arrow keys go to other lanes and steps.

// Goes to a step, says what it is, and brings it into sight.
function goTo(lane, index) {
  const steps = stepsOf(lane);
  pointed = { lane, index, several: false, byKey: true };
  at("states").textContent = describeStep(lane, steps, index);
  const { from, to } = sight();
  if (steps.ends[index] < from || startOf(steps, index) > to) {
    showFrom(startOf(steps, index) - (to - from) / 2);
  }
  const box = lane.getBoundingClientRect();
  if (box.top < 0 || box.bottom > window.innerHeight) {
    lane.scrollIntoView({ block: "center", inline: "nearest" });
  }
  redraw();
}
// Goes to the lane that is so many lanes below, at about the same moment.
function goDown(chart, by) {
  const lanes = Array.from(chart.querySelectorAll(".lane[data-steps]:not(.left-out)")).filter((lane) => stepsOf(lane).ends.length > 0);
  const { from, to } = sight();
  const moment = pointed ? startOf(stepsOf(pointed.lane), pointed.index) : (zoom > 0 ? (from + to) / 2 : 0);
  const lane = lanes[Math.max(0, Math.min(lanes.length - 1, pointed ? lanes.indexOf(pointed.lane) + by : 0))];
  if (lane) {
    goTo(lane, Math.min(firstUntil(stepsOf(lane), moment), stepsOf(lane).ends.length - 1));
  }
}
// Goes to the next step, or to the one before.
function goAlong(by) {
  const last = stepsOf(pointed.lane).ends.length - 1;
  goTo(pointed.lane, Math.max(0, Math.min(last, pointed.index + by)));
}
// Zooms around the step that the keyboard is at, or else as the buttons do.
function zoomBy(by) {
  if (pointed) {
    const { from, scale } = sight();
    const pixels = (startOf(stepsOf(pointed.lane), pointed.index) - from) / scale;
    zoomTo(zoom + by, Math.max(0, Math.min(scrollers[0].clientWidth, pixels)));
  } else {
    zoomTo(zoom + by);
  }
}
function leave() {
  pointed = null;
  tip.hidden = true;
  redraw();
}
function pressed(event) {
  const chart = event.currentTarget.querySelector("svg.chart");
  const isHere = pointed !== null && chart.contains(pointed.lane);
  const always = { "+": () => zoomBy(1), "=": () => zoomBy(1), "-": () => zoomBy(-1),
    Enter: () => { pointed = isHere ? pointed : null; goDown(chart, 0); } };
  const within = { ArrowDown: () => goDown(chart, 1), ArrowUp: () => goDown(chart, -1), ArrowRight: () => goAlong(1),
    ArrowLeft: () => goAlong(-1) };
  const act = always[event.key] || (isHere ? within[event.key] : undefined);
  if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    act();
  }
}
for (const scroller of scrollers) {
  scroller.setAttribute("aria-describedby", "keys");
  scroller.addEventListener("keydown", pressed);
}
document.addEventListener("keydown", (event) => { if (event.key === "Escape") { leave(); } });
