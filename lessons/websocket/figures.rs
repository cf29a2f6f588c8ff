//! What the scene with many idle connections measured, read from its marks.

use asyncguide::trace::Quantity::{Bytes, Share, Time, Unknown};
use asyncguide::trace::{Figure, Mark, SceneTrace, Task};

/// What became of the idle connections, and of the one that talked beside them.
pub struct Figures {
    pub idle: usize,
    /// What limited their number, if anything did: ` (…)`.
    pub limit: String,
    /// Bytes of this process that each one took, and of the kernel for both its ends.
    pub each: Option<f64>,
    pub kernel: Option<f64>,
    /// The share of a processor that the loop had in the silence.
    pub processor: Option<f64>,
    pub beside_few: Option<Echo>,
    pub beside_many: Option<Echo>,
}

/// How long the echo of a message took: the median of many, and what the quickest tenth took at most.
pub struct Echo {
    pub median: u64,
    pub quick: u64,
}

/// With fewer than this, what else happens in a process counts for more.
const FEWEST: usize = 100;

impl Figures {
    pub fn of(scene: &SceneTrace) -> Self {
        let counts: Vec<(usize, &Mark)> = scene.marks.iter().filter_map(count).collect();
        let limit = scene.marks.iter().find(|mark| mark.text.starts_with("the limit of"));
        Figures {
            idle: counts.last().map_or(0, |(idle, _)| *idle),
            limit: limit.map_or(String::new(), |mark| format!(" ({})", mark.text)),
            each: each(&counts, "Rss:"),
            kernel: each(&counts, "Slab:"),
            processor: processor(scene),
            beside_few: echo(scene, "talk, few"),
            beside_many: echo(scene, "talk, many"),
        }
    }
}

/// The row of the lesson's own table.
pub fn row(scene: &SceneTrace) -> Vec<Figure> {
    let figures = Figures::of(scene);
    let echo = |echo: Option<Echo>| echo.map_or(Unknown, |echo| Time(echo.median));
    vec![
        Figure::new("idle", figures.idle),
        Figure::new("each", figures.each.map_or(Unknown, Bytes)),
        Figure::new("in kernel", figures.kernel.map_or(Unknown, Bytes)),
        Figure::new("processor", figures.processor.map_or(Unknown, Share)),
        Figure::new("echo, few", echo(figures.beside_few)),
        Figure::new("echo, many", echo(figures.beside_many)),
    ]
}

/// What `task` said.
pub fn marks<'a>(scene: &'a SceneTrace, task: &Task) -> impl Iterator<Item = &'a Mark> {
    let index = scene.tasks.iter().position(|own| std::ptr::eq(own, task)).map(|index| index as u32);
    scene.marks.iter().filter(move |mark| mark.task == index)
}

/// A mark that counts those that are idle, and how many there were.
fn count(mark: &Mark) -> Option<(usize, &Mark)> {
    let (idle, _) = mark.text.split_once(" idle: ")?;
    Some((idle.parse().ok()?, mark))
}

/// What one more took, in bytes: from a few, who have found everything ready that it takes to serve one, to many.
fn each(counts: &[(usize, &Mark)], name: &str) -> Option<f64> {
    let ((few, before), (many, after)) = (counts.first()?, counts.last()?);
    let more = many.checked_sub(*few).filter(|more| *more >= FEWEST)?;
    Some((1024.0 * (figure(after, name)? - figure(before, name)?) / more as f64).max(0.0))
}

fn processor(scene: &SceneTrace) -> Option<f64> {
    let mark = |start: &str| scene.marks.iter().find(|mark| mark.text.starts_with(start));
    let (from, until) = (mark("silence: ")?, mark("silence over: ")?);
    let taken = figure(until, "processor:")? - figure(from, "processor:")?;
    Some(taken / until.at.saturating_sub(from.at).max(1) as f64)
}

/// The figure of this name in what the scene said.
fn figure(mark: &Mark, name: &str) -> Option<f64> {
    let (_, rest) = mark.text.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}

/// From what was said to what was heard, on the lane of this name.
fn echo(scene: &SceneTrace, lane: &str) -> Option<Echo> {
    let marks: Vec<&Mark> = marks(scene, scene.lane(lane)?).collect();
    let mut times: Vec<u64> = marks.chunks_exact(2).map(|pair| pair[1].at - pair[0].at).collect();
    times.sort_unstable();
    Some(Echo { median: *times.get(times.len() / 2)?, quick: *times.get(times.len() / 10)? })
}
