
// The single steps of a lane, which `web/steps.rs` packs into the page and which are unpacked once the lane is looked at.

const stateNames = ["waiting", "held", "ready", "blocked", "running"];
const RUNNING = 4;
const BLOCKED = 3;
const READY = 2;
const WOKEN = 5;
const WOKEN_BY_ITSELF = 6;

// Reads the numbers of a packed lane, one after the other.
function numbers(packed) {
  const bytes = atob(packed);
  let at = 0;
  const next = () => {
    let number = 0;
    let factor = 1;
    let byte = 0;
    do {
      byte = bytes.charCodeAt(at);
      at += 1;
      number += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return number;
  };
  return { next, more: () => at < bytes.length, length: bytes.length };
}
// Unpacks a lane: when it begins, and for each step its state and its end, in nanoseconds. A step begins where the one before
// ends. `wakes` has those of which the waker is known: the step in which the task was ready, the waker and the moment, which are
// null if the task woke itself.
function unpack(packed) {
  const { next, more, length } = numbers(packed);
  const began = next();
  // Each step takes a byte at least.
  const ends = new Float64Array(length);
  const states = new Uint8Array(length);
  const wakes = [];
  let [count, end] = [0, began];
  while (more()) {
    const number = next();
    const code = number % 8;
    const start = end;
    end += Math.floor(number / 8);
    if (code === WOKEN) {
      wakes.push({ step: count, by: next(), at: start - next() });
    } else if (code === WOKEN_BY_ITSELF) {
      wakes.push({ step: count, by: null, at: null });
    }
    ends[count] = end;
    states[count] = code > RUNNING ? READY : code;
    count += 1;
  }
  return { began, ends: ends.slice(0, count), states: states.slice(0, count), wakes };
}
const unpacked = new Map();
// Returns the steps of a lane; none if the page does not have them.
function stepsOf(lane) {
  if (!lane.dataset.steps) {
    return null;
  }
  if (!unpacked.has(lane)) {
    unpacked.set(lane, unpack(lane.dataset.steps));
  }
  return unpacked.get(lane);
}
function startOf(steps, index) {
  return index === 0 ? steps.began : steps.ends[index - 1];
}
// Returns how many elements of a sorted list `isBefore` is true for.
function countBefore(list, isBefore) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
// Returns the index of the first step that ends at or after a moment.
function firstUntil(steps, moment) {
  return countBefore(steps.ends, (end) => end < moment);
}
function isPoll(steps, index) {
  return steps.states[index] >= BLOCKED;
}
// Returns the wake that a poll answers, or that made the task ready in this step; undefined if its waker is not known.
function wakeOf(steps, index) {
  const ready = isPoll(steps, index) ? index - 1 : index;
  const wake = steps.wakes[countBefore(steps.wakes, (one) => one.step < ready)];
  return wake !== undefined && wake.step === ready ? wake : undefined;
}
// Returns what is drawn of a part of the time: each step, but those shorter than `least` joined until they are as long. Joined
// ones have the state of most of their time. Of equals it is the later one, since holding the thread matters most.
function barsBetween(steps, from, to, least) {
  const bars = [];
  const times = [0, 0, 0, 0, 0];
  let since = null;
  const join = (until) => {
    if (since !== null) {
      const state = times.reduce((longest, time, one) => (time >= times[longest] ? one : longest), 0);
      bars.push({ state, from: since, to: until });
      times.fill(0);
      since = null;
    }
  };
  let end = from;
  for (let i = firstUntil(steps, from); i < steps.ends.length && startOf(steps, i) <= to; i += 1) {
    const start = startOf(steps, i);
    const state = steps.states[i];
    end = steps.ends[i];
    if (end - start >= least) {
      join(start);
      bars.push({ state, from: start, to: end });
    } else {
      since = since === null ? start : since;
      times[state] += end - start;
      if (end - since >= least) {
        join(end);
      }
    }
  }
  join(end);
  return bars;
}
