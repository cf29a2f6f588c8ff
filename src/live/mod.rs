//! The live picture: a scene's lanes, growing on standard error while it runs or is replayed.
//!
//! It is drawn on a thread of its own, so that a scene that blocks its loop does not freeze the picture. This is the
//! only module that uses indicatif: each row is one of its bars. It knows a function that returns one [`Snapshot`] after
//! the other, and the terminal. A thread that writes to the terminal meanwhile hides the picture with
//! [`LiveRegion::hide_while`]. Read [`picture`] next for what is drawn, and [`screen`] for how it gets onto the
//! terminal.

mod in_place;
mod picture;
mod screen;
mod step;
mod strip;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::in_place::RedrawnText;
use self::picture::{Line, Picture};
use self::screen::{DrawBuffer, LiveRegion};
pub(crate) use self::step::{StepList, StepPosition, StepPresenter};
use crate::chart::Shown;
use crate::term::Term;
use crate::trace::{Nanos, Snapshot};

/// Shortest time from one frame to the next. A scene that ends within it gets no live picture.
const FRAME: Duration = Duration::from_millis(100);
/// The drawing thread spends at most one part in `SHARE` of its time drawing, because that time is the scene's.
const SHARE: u32 = 10;
/// Most rows of a picture. More rows would take longer to compare between frames.
const MOST_ROWS: usize = 40;
/// Bytes a second that frames are slowed down for, because the terminal may be at the end of a slow connection. A
/// picture of eight lanes stays below it; [`SLOWEST`] limits how much larger ones are slowed down.
const BYTES_A_SECOND: f64 = 1_400.0;
/// Longest pause between frames on account of their bytes.
const SLOWEST: Duration = Duration::from_millis(250);

/// A live picture. It is erased when this is dropped.
pub(crate) struct Live(Option<Drawing>);

struct Drawing {
    term: Arc<Term>,
    region: LiveRegion,
    /// Whether the picture stands still. The scene goes on meanwhile.
    paused: Arc<AtomicBool>,
    /// Stops the thread when it is dropped. Nothing is ever sent.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts drawing what `snapshot` returns, below `heading`, until [`Live::finish`].
    ///
    /// The picture has at most `most_rows` rows and the lanes that `shown` says. The axis begins with the length `expected`
    /// and doubles whenever the scene takes longer. `snapshot` gets what it returned last, to reuse it. Draws nothing if the
    /// terminal shows no live pictures or no thread can be started.
    pub(crate) fn start(
        term: &Arc<Term>,
        heading: &str,
        expected: Duration,
        most_rows: usize,
        shown: &Shown,
        snapshot: impl FnMut(Option<Snapshot>, Nanos) -> Snapshot + Send + 'static,
    ) -> Live {
        if !term.live {
            return Live(None);
        }
        let (stop, stopped) = channel();
        let region = LiveRegion::new(term, MOST_ROWS.min(most_rows));
        let picture = Picture::new(heading, expected, shown, term.error_style);
        let own = region.clone();
        let paused = Arc::new(AtomicBool::new(false));
        let stands_still = Arc::clone(&paused);
        let drawing = move || draw(snapshot, picture, &own, &stands_still, &stopped);
        // Without a thread there is no picture; the scene runs all the same.
        let Ok(thread) = thread::Builder::new().name("picture".to_owned()).spawn(drawing) else {
            return Live(None);
        };
        region.hide_for_other_threads(thread.thread().id());
        Live(Some(Drawing { term: Arc::clone(term), region, paused, stop: Some(stop), thread: Some(thread) }))
    }

    /// Makes the picture stand still, or grow again if it stands still. The scene goes on meanwhile.
    pub(crate) fn toggle_pause(&self) {
        if let Some(drawing) = &self.0 {
            drawing.paused.fetch_xor(true, Ordering::Relaxed);
        }
    }

    /// Returns whether the picture stands still.
    pub(crate) fn is_paused(&self) -> bool {
        self.0.as_ref().is_some_and(|drawing| drawing.paused.load(Ordering::Relaxed))
    }

    /// Stops drawing and erases the picture.
    pub(crate) fn finish(self) {
        drop(self.0);
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The panic hook has reported a panic of the thread already; the picture is erased all the same.
            let _ = thread.join();
        }
        self.region.close();
        self.term.set_hide_while(None);
    }
}

fn draw(
    mut snapshot: impl FnMut(Option<Snapshot>, Nanos) -> Snapshot,
    mut picture: Picture,
    region: &LiveRegion,
    paused: &AtomicBool,
    stopped: &Receiver<()>,
) {
    let (mut bars, mut pace) = (Bars::on(&region.buffer), Pace::default());
    let (mut last, mut pause) = (None, FRAME);
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let begun = Instant::now();
        let stands_still = paused.load(Ordering::Relaxed);
        let seen = match last.take() {
            Some(seen) if stands_still => seen,
            before => picture.look(before, &mut snapshot),
        };
        picture.paused = stands_still;
        let (columns, rows) = region.fit();
        bars.set(picture.lines(&seen, columns, rows));
        let bytes = region.show();
        last = Some(seen);
        pause = pace.pause(begun.elapsed(), bytes);
    }
}

/// Decides how fast frames follow each other.
#[derive(Default)]
struct Pace {
    /// How long nothing should be written, to make up for what was written faster than [`BYTES_A_SECOND`].
    owed: Duration,
}

impl Pace {
    /// Returns how long to wait after a frame that took the time `cost` to draw and `bytes` to write.
    fn pause(&mut self, cost: Duration, bytes: usize) -> Duration {
        self.owed += Duration::from_secs_f64(bytes as f64 / BYTES_A_SECOND);
        let pause = FRAME.max(cost * (SHARE - 1)).max(self.owed.min(SLOWEST));
        self.owed = self.owed.saturating_sub(cost + pause);
        pause
    }
}

/// The rows of the picture as indicatif's bars: a bar's prefix is the lane's name, its message the lane.
struct Bars {
    multi: MultiProgress,
    bar_style: ProgressStyle,
    bars: Vec<(ProgressBar, Line)>,
}

impl Bars {
    fn on(buffer: &DrawBuffer) -> Self {
        // indicatif draws all bars whenever one is set, unless it did so recently. At one draw a second it hardly ever
        // does, and `set` forces one draw a frame.
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(buffer.clone()), 1);
        let bar_style = ProgressStyle::with_template("{prefix}{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Bars { multi: MultiProgress::with_draw_target(target), bar_style, bars: Vec::new() }
    }

    /// Replaces all rows with `lines`, and draws them if there are any.
    fn set(&mut self, lines: Vec<Line>) {
        while self.bars.len() > lines.len() {
            if let Some((bar, _)) = self.bars.pop() {
                self.multi.remove(&bar);
            }
        }
        while self.bars.len() < lines.len() {
            let bar = self.multi.add(ProgressBar::hidden().with_style(self.bar_style.clone()));
            self.bars.push((bar, Line::default()));
        }
        for ((bar, old), new) in self.bars.iter_mut().zip(lines) {
            if old.name != new.name {
                bar.set_prefix(new.name.clone());
            }
            if old.lane != new.lane {
                bar.set_message(new.lane.clone());
            }
            *old = new;
        }
        if let Some((bar, _)) = self.bars.last() {
            bar.force_draw();
        }
    }
}

/// A progress line for many runs on standard error. It is drawn between runs, never while one is timed, and erased when
/// this is dropped.
pub(crate) struct Counter {
    /// `None` if the terminal shows no live pictures.
    drawing: Option<(LiveRegion, Bars)>,
    /// Number of runs begun so far, the current one included.
    made: usize,
    runs: usize,
}

impl Counter {
    /// Creates a counter that stands at 0 of `runs`. Draws nothing yet.
    pub(crate) fn start(term: &Arc<Term>, runs: usize) -> Self {
        let region = term.live.then(|| LiveRegion::new(term, MOST_ROWS));
        let drawing = region.map(|region| {
            let bars = Bars::on(&region.buffer);
            (region, bars)
        });
        Counter { drawing, made: 0, runs }
    }

    /// Counts one more run, which is about to begin, and shows its number and `name`.
    pub(crate) fn next(&mut self, name: &str) {
        self.made += 1;
        if let Some((region, bars)) = &mut self.drawing {
            region.fit();
            let lane = format!("run {} of {}: {name}", self.made, self.runs);
            bars.set(vec![Line { name: String::new(), lane }]);
            region.show();
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some((region, _)) = &self.drawing {
            region.close();
        }
    }
}
