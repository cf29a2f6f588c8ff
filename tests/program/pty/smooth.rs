//! The live picture keeps its pace while threads are blocked or compute: the lanes of whoever holds one grow in steps,
//! not in one jump at the end.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroU16;

use asyncguide::trace::Trace;

use crate::program::asyncguide;
use crate::pty::{Ended, Pty, command};

/// A machine that is busy otherwise may hold up the picture, too. One that is frozen is so each time.
const ATTEMPTS: usize = 4;
/// A third of the redraws that there may be in a second.
const LEAST_A_SECOND: f64 = 5.0;
/// In seconds: a scene has no picture before a tenth, and its first, of many bytes, is followed by a longer pause.
const BEGINNING: f64 = 0.35;

/// How many different lengths of whatever is running were to be seen in each of the scenes.
fn steps(ended: &Ended) -> Vec<usize> {
    let (bytes, size) = (ended.bytes(), |n| NonZeroU16::new(n).expect("it is not zero"));
    let mut parser = vt100::Parser::new(size(24), size(80), 0);
    let (mut steps, mut lengths, mut from) = (Vec::new(), BTreeSet::new(), 0);
    for (_, until) in ended.written() {
        parser.process(&bytes[from..until]);
        lengths.insert(parser.screen().contents().matches(['▌', '█']).count());
        // When its scene has ended, the picture is erased; nothing else erases anything here.
        if bytes[from.saturating_sub(2)..until].windows(3).any(|bytes| bytes == b"\x1b[J") {
            lengths.remove(&0);
            steps.push(std::mem::take(&mut lengths).len());
        }
        from = until;
    }
    steps
}

/// Runs a lesson; answers for each scene for how many seconds its longest poll held a thread, and in how many steps that was drawn.
fn watch(lesson: &[&str]) -> (Vec<f64>, Vec<usize>) {
    let file = tempfile::NamedTempFile::with_suffix(".json").expect("a file can be made");
    let path = file.path().to_str().expect("its path is UTF-8");
    let arguments = [&["lesson", "--no-predict", "--save", path] as &[&str], lesson].concat();
    let ended = Pty::run(command(asyncguide(), &arguments)).end();
    let trace = Trace::from_json(&fs::read(path).expect("it was saved")).expect("it is a trace");
    let held = trace.scenes.iter().map(|scene| scene.longest_poll().as_f64() / 1e9);
    (held.collect(), steps(&ended))
}

#[track_caller]
fn check_it_keeps_growing(lesson: &[&str]) {
    let mut seen = Vec::new();
    let kept = (0..ATTEMPTS).any(|_| {
        let (held, steps) = watch(lesson);
        let enough = |(held, steps): (&f64, &usize)| *steps as f64 >= LEAST_A_SECOND * (held - BEGINNING);
        let kept = held.len() == steps.len() && held.iter().zip(&steps).all(enough);
        seen.push((held, steps));
        kept
    });
    assert!(kept, "seconds that a thread was held in each scene, and steps that were seen of it: {seen:?}");
}

#[test]
fn the_picture_keeps_growing_while_calls_block() {
    check_it_keeps_growing(&["blocking", "--tasks", "1", "--delay", "1s"]);
}

#[test]
fn the_picture_keeps_growing_while_tasks_compute() {
    check_it_keeps_growing(&["parallel", "--delay", "500ms"]);
}
