//! The single steps of a page's lanes, packed so that `html/steps.js` can draw each at its real place.
//!
//! A lane is a list of numbers, of 7 bits in each byte, the lowest first; the eighth bit says that more bytes follow. The
//! first number is the moment when the lane begins, in nanoseconds. Each step that follows is one number: 8 times its
//! length in nanoseconds, plus its code. Steps follow each other without a gap. Two more numbers follow [`WOKEN`]: the
//! number of the task that woke this one, and how many nanoseconds before the step that was. The whole is Base64 without
//! padding. A million steps take 4 to 8 MB of a page.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use data_encoding::BASE64_NOPAD;
use serde_json::json;

use super::drawing;
use crate::chart::{Shown, View, Window, joined_spans, lanes_with_rows};
use crate::render::Report;
use crate::render::markup::{escape, plain};
use crate::trace::{Nanos, SceneTrace, State, Step, TaskId};

/// Most bytes of all lanes of a page, before Base64 makes four of three. It holds more than a million steps. Lanes that do
/// not fit have their short steps joined.
const MOST: usize = 9_000_000;
/// Most wakers of a scene that are named though they have no lane in the page.
const MOST_NAMES: usize = 500;

/// How many low bits of a step's number are its code.
const CODE_BITS: u32 = 3;
/// The code of a step in which the task was ready because another task had woken it.
const WOKEN: u64 = 5;
/// The code of a step in which the task was ready because it had woken itself.
const WOKEN_BY_ITSELF: u64 = 6;

/// Returns the code of a step in this state. Of a task that was ready, that its waker is not known.
fn code(state: State) -> u64 {
    match state {
        State::Waiting => 0,
        State::Held => 1,
        State::Ready => 2,
        State::Blocked => 3,
        State::Running => 4,
    }
}

/// How the lanes of a page are packed.
#[derive(Clone, Copy, Debug)]
struct Packing {
    /// The part of the time whose steps are not joined, unless they are too many.
    window: Window,
    /// Most bytes of a lane, before Base64.
    most: usize,
    /// The length below which steps outside of the window are joined.
    least: Nanos,
}

/// The packed lanes of a scene.
pub(super) struct Packed {
    /// For each lane its attributes, each with a blank before it.
    pub(super) lanes: HashMap<TaskId, String>,
    /// The attribute of the scene that names tasks that have no lane in the page but woke one.
    pub(super) wakers: String,
}

/// Packs the lanes of all scenes that have a row in the page. Lanes that are small leave their share of the bytes to the large
/// ones.
pub(super) fn pack(report: &Report<'_>) -> Vec<Packed> {
    let any = Packing::of(report);
    let scenes = &report.trace.scenes;
    let lanes: Vec<Vec<TaskId>> = scenes.iter().map(|scene| lanes(report, scene)).collect();
    let mut sizes = Vec::new();
    let mut whole = Vec::new();
    let mut total = 0;
    for (scene, ids) in scenes.iter().zip(&lanes) {
        for id in ids {
            let bytes = any.exact(scene, *id);
            sizes.push(bytes.len());
            total += bytes.len();
            // What does not fit is not kept: a lane may be a thousand times as large as its share.
            whole.push(Some(bytes).filter(|_| total <= MOST));
        }
    }
    let packing = Packing { most: share(sizes, MOST), ..any };
    let mut whole = whole.into_iter().flatten();
    let packed = |(scene, ids): (&SceneTrace, Vec<TaskId>)| {
        let packed = ids.iter().map(|id| (*id, packing.lane(scene, *id, whole.next())));
        Packed { lanes: packed.collect(), wakers: wakers(scene, &ids) }
    };
    scenes.iter().zip(lanes).map(packed).collect()
}

impl Packing {
    /// Says how the lanes of a page are packed if there is but one of them.
    fn of(report: &Report<'_>) -> Self {
        let extent = report.trace.extent();
        let window = report.shown.window.unwrap_or(Window { from: Nanos::ZERO, to: extent });
        let axis = drawing::axis(extent);
        Packing { window, most: MOST, least: axis.extent / axis.cells as u64 }
    }

    /// Returns the attributes of a lane. `exact` is what [`Packing::exact`] returns, if that is known.
    fn lane(&self, scene: &SceneTrace, id: TaskId, exact: Option<Vec<u8>>) -> String {
        let exact = exact.unwrap_or_else(|| self.exact(scene, id));
        if exact.len() <= self.most {
            return format!(" data-task=\"{}\" data-steps=\"{}\"", id.number(), BASE64_NOPAD.encode(&exact));
        }
        let (joined, least) = self.joined(scene, id);
        let joined = BASE64_NOPAD.encode(&joined);
        format!(" data-task=\"{}\" data-joined=\"{least}\" data-steps=\"{joined}\"", id.number())
    }

    /// Packs each step of the window, and joins short ones outside of it. Stops beyond the most bytes of a lane.
    fn exact(&self, scene: &SceneTrace, id: TaskId) -> Vec<u8> {
        let Some(task) = scene.task(id) else { return Vec::new() };
        let Window { from, to } = self.window;
        let before = scene.states(task).take_while(|span| span.end <= from);
        let within = scene.steps(task).skip_while(|step| step.span.end <= from && from > Nanos::ZERO);
        let within = within.take_while(|step| step.span.start <= to);
        // Nothing follows the window of a whole scene, so its steps need not be gone through for that.
        let after = scene.states(task).take(if to < scene.wall { usize::MAX } else { 0 });
        let after = after.skip_while(|span| span.start <= to);
        let plain = |span| Step { span, wake: None };
        let before = joined_spans(before, self.least).into_iter().map(plain);
        let after = joined_spans(after, self.least).into_iter().map(plain);
        encode(scene, id, before.chain(within).chain(after), self.most)
    }

    /// Packs a lane with its short steps joined, and returns the length up to which they are.
    fn joined(&self, scene: &SceneTrace, id: TaskId) -> (Vec<u8>, Nanos) {
        let Some(task) = scene.task(id) else { return (Vec::new(), Nanos::ZERO) };
        // Each joined step is at least this long, so there are not too many of them if each takes two bytes.
        let most_steps = (self.most / 2).max(1) as u64;
        let mut least = (scene.wall / most_steps).max(Nanos(1));
        loop {
            let steps = joined_spans(scene.states(task), least).into_iter().map(|span| Step { span, wake: None });
            let bytes = encode(scene, id, steps, self.most);
            if bytes.len() <= self.most || least > scene.wall {
                return (bytes, least);
            }
            least = least + least;
        }
    }
}

/// Returns the lanes of `scene` that have a row of their own in the page.
fn lanes(report: &Report<'_>, scene: &SceneTrace) -> Vec<TaskId> {
    match report.view {
        View::Task => lanes_with_rows(scene, &Shown { window: None, ..report.shown.clone() }),
        View::Thread => Vec::new(),
    }
}

/// Returns the most that one of `sizes` may be so that their sum is at most `whole`. Those that are smaller leave what they
/// do not need to the others.
fn share(mut sizes: Vec<usize>, whole: usize) -> usize {
    sizes.sort_unstable();
    let mut rest = whole;
    for (index, size) in sizes.iter().enumerate() {
        let share = rest / (sizes.len() - index);
        if *size > share {
            return share;
        }
        rest -= size;
    }
    whole
}

/// Packs steps that follow each other. Stops once they take more than `most` bytes.
fn encode(scene: &SceneTrace, id: TaskId, steps: impl Iterator<Item = Step>, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(task) = scene.task(id) else { return bytes };
    let mut at = scene.began(task).unwrap_or_default();
    put(&mut bytes, at.0);
    for Step { span, wake } in steps {
        if bytes.len() > most {
            break;
        }
        let length = (span.end - at).0;
        let mut step = |code| put(&mut bytes, length.saturating_mul(1 << CODE_BITS) | code);
        match wake.and_then(|wake| Some((wake, scene.waker(task, wake)?))) {
            Some((_, by)) if by == id => step(WOKEN_BY_ITSELF),
            Some((wake, by)) => {
                step(WOKEN);
                put(&mut bytes, u64::from(by.number()));
                put(&mut bytes, (span.start - wake).0);
            }
            None => step(code(span.state)),
        }
        at = at.max(span.end);
    }
    bytes
}

/// Adds a number to `bytes`.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Returns the attribute that names the tasks without a lane that woke one of `lanes`.
fn wakers(scene: &SceneTrace, lanes: &[TaskId]) -> String {
    let own: HashSet<TaskId> = lanes.iter().copied().collect();
    let tasks = lanes.iter().filter_map(|id| scene.task(*id));
    let others: BTreeSet<TaskId> =
        tasks.flat_map(|task| scene.wakers(task)).flatten().copied().filter(|by| !own.contains(by)).collect();
    let named = others.into_iter().take(MOST_NAMES).filter_map(|by| Some((by, scene.task(by)?)));
    let names: BTreeMap<String, String> =
        named.map(|(by, task)| (by.number().to_string(), plain(&task.name))).collect();
    if names.is_empty() { String::new() } else { format!(" data-wakers=\"{}\"", escape(&json!(names).to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;

    #[test]
    fn small_lanes_leave_their_share_to_large_ones() {
        assert_eq!(share(vec![], 100), 100);
        assert_eq!(share(vec![10, 20], 100), 100);
        assert_eq!(share(vec![90, 10, 90], 100), 45);
        assert_eq!(share(vec![40, 40, 40], 100), 33);
    }

    /// A scene with one task, which is polled `polls` times, once in each microsecond: ten times for most of it, then ten times
    /// for a nanosecond, and so on.
    fn scene(polls: u64) -> SceneTrace {
        let mut stream = concat!(
            r#"{"event":"run","schema":1,"program":"a test","lesson":"app","clock":"real","inputs":{"tasks":0,"delay":0}}"#,
            "\n",
            r#"{"event":"scene","scene":"main","title":"main","file":"","runtime":{"flavor":"current_thread","workers":1}}"#,
            "\n",
            r#"{"event":"thread","thread":0,"name":"main"}"#,
            "\n",
            r#"{"event":"created","task":0,"at":0,"parent":null,"kind":"future","name":"A"}"#,
            "\n"
        )
        .to_owned();
        for at in (0..polls).map(|poll| poll * 1_000) {
            let end = if at % 20_000 < 10_000 { at + 900 } else { at + 1 };
            stream += &format!("{{\"event\":\"poll\",\"task\":0,\"thread\":0,\"start\":{at},\"end\":{end}}}\n");
        }
        let mut trace = Trace::from_jsonl(stream.as_bytes()).expect("it is a stream");
        trace.scenes.remove(0)
    }

    #[test]
    fn a_lane_that_is_too_large_has_short_steps_joined_and_says_which() {
        let scene = scene(10_000);
        let window = Window { from: Nanos::ZERO, to: scene.wall };
        for most in [100, 1_000, 10_000, 29_000] {
            let packing = Packing { window, most, least: scene.wall / 960 };
            let id = TaskId::new(0);
            let lane = packing.lane(&scene, id, None);
            assert!(lane.contains(" data-joined=\""), "{most} are too few for 20,000 steps");
            let (bytes, least) = packing.joined(&scene, id);
            assert!(
                bytes.len() <= most && (bytes.len() > 1_000 || most < 10_000),
                "{} of {most} bytes, joined to {least}",
                bytes.len()
            );
        }
        let packing = Packing { window, most: 36_000, least: scene.wall / 960 };
        assert!(!packing.lane(&scene, TaskId::new(0), None).contains("data-joined"), "a step takes 1 byte or 2");
    }
}
