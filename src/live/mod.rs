//! The live picture: a scene's lanes, growing on standard error while it runs or is replayed.
//!
//! Drawn from a thread of its own, so that a scene that blocks its loop does not freeze the picture. The one door to
//! indicatif: each row is one of its bars, and the bar is the lane. Knows whatever gives it one [`Snapshot`] after the other
//! and the terminal that it draws on; never in the way of either: whoever writes meanwhile goes through
//! [`Canvas::step_aside`]. Read [`picture`] next for what is drawn, [`screen`] for how it gets there.

mod in_place;
mod picture;
mod screen;
mod step;
mod strip;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::in_place::InPlace;
use self::picture::{Line, Picture};
use self::screen::{Canvas, Sheet};
pub(crate) use self::step::{StepList, StepPosition, StepPresenter};
use crate::term::Term;
use crate::trace::{Nanos, Snapshot};

/// At least so long from one frame to the next; a scene that is over before gets no picture at all.
const FRAME: Duration = Duration::from_millis(100);
/// Of all its time, the thread draws for one part in so many: what it takes is taken from the scene.
const SHARE: u32 = 10;
/// No picture of lanes is higher: the more rows, the more there is to compare.
const MOST_ROWS: usize = 40;
/// Bytes a second that a picture of eight lanes stays below by being drawn less often, for whoever sits at the end of
/// a slow line;
const BYTES_A_SECOND: f64 = 1_400.0;
/// but so often it is drawn, however many bytes that takes.
const SLOWEST: Duration = Duration::from_millis(250);

/// A live picture; it goes when this is dropped.
pub(crate) struct Live(Option<Drawing>);

struct Drawing {
    term: Arc<Term>,
    canvas: Canvas,
    /// Dropped, it stops the thread; nothing is ever sent.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Draws what `snapshot` returns as it grows until `finish`, below `heading`, on an axis that holds `expected` and doubles
    /// whenever that turns out too short. Does nothing at all where the terminal cannot show it.
    pub(crate) fn start(
        term: &Arc<Term>,
        heading: &str,
        expected: Duration,
        snapshot: impl FnMut(Option<Snapshot>, Nanos) -> Snapshot + Send + 'static,
    ) -> Live {
        if !term.live {
            return Live(None);
        }
        let (stop, stopped) = channel();
        let canvas = Canvas::new(term, MOST_ROWS);
        let picture = Picture::new(heading, expected, term.error_page);
        let own = canvas.clone();
        let drawing = move || draw(snapshot, picture, &own, &stopped);
        // Without a thread there is no picture; the scene runs all the same.
        let Ok(thread) = thread::Builder::new().name("picture".to_owned()).spawn(drawing) else {
            return Live(None);
        };
        canvas.make_way(thread.thread().id());
        Live(Some(Drawing { term: Arc::clone(term), canvas, stop: Some(stop), thread: Some(thread) }))
    }

    /// Stops drawing and takes the picture off the screen.
    pub(crate) fn finish(self) {
        drop(self.0);
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, that was said; what it drew is taken away all the same.
            let _ = thread.join();
        }
        self.canvas.close();
        self.term.set_step_aside(None);
    }
}

fn draw(
    mut snapshot: impl FnMut(Option<Snapshot>, Nanos) -> Snapshot,
    mut picture: Picture,
    canvas: &Canvas,
    stopped: &Receiver<()>,
) {
    let (mut bars, mut pace) = (Bars::on(&canvas.sheet), Pace::default());
    let (mut last, mut pause) = (None, FRAME);
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let begun = Instant::now();
        let mut seen = snapshot(last.take(), picture.horizon());
        if picture.hold(seen.now) {
            seen = snapshot(Some(seen), picture.horizon());
        }
        let (columns, rows) = canvas.fit();
        bars.set(picture.lines(&seen, columns, rows));
        let bytes = canvas.show();
        last = Some(seen);
        pause = pace.pause(begun.elapsed(), bytes);
    }
}

/// How fast frames follow each other.
#[derive(Default)]
struct Pace {
    /// How long nothing should be written for what was written.
    owed: Duration,
}

impl Pace {
    /// How long to wait after a frame that took so long and so many bytes.
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
    style: ProgressStyle,
    bars: Vec<(ProgressBar, Line)>,
}

impl Bars {
    fn on(sheet: &Sheet) -> Self {
        // Setting a bar makes indicatif draw all of them; so rarely, the work is done once a frame, by `set`.
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(sheet.clone()), 1);
        let style = ProgressStyle::with_template("{prefix}{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Bars { multi: MultiProgress::with_draw_target(target), style, bars: Vec::new() }
    }

    fn set(&mut self, lines: Vec<Line>) {
        while self.bars.len() > lines.len() {
            if let Some((bar, _)) = self.bars.pop() {
                self.multi.remove(&bar);
            }
        }
        while self.bars.len() < lines.len() {
            let bar = self.multi.add(ProgressBar::hidden().with_style(self.style.clone()));
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

/// How many of many runs have been made: one line on standard error, drawn between them and never while one is timed.
pub(crate) struct Counter {
    /// None where a live picture cannot be drawn.
    drawing: Option<(Canvas, Bars)>,
    made: usize,
    runs: usize,
}

impl Counter {
    /// Counts up to `runs`.
    pub(crate) fn start(term: &Arc<Term>, runs: usize) -> Self {
        let canvas = term.live.then(|| Canvas::new(term, MOST_ROWS));
        let drawing = canvas.map(|canvas| {
            let bars = Bars::on(&canvas.sheet);
            (canvas, bars)
        });
        Counter { drawing, made: 0, runs }
    }

    /// The next run is that of `name`.
    pub(crate) fn next(&mut self, name: &str) {
        self.made += 1;
        if let Some((canvas, bars)) = &mut self.drawing {
            canvas.fit();
            let lane = format!("run {} of {}: {name}", self.made, self.runs);
            bars.set(vec![Line { name: String::new(), lane }]);
            canvas.show();
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some((canvas, _)) = &self.drawing {
            canvas.close();
        }
    }
}
