//! What the scene with many idle connections measured, read from its marks.

use asyncguide::trace::Quantity::{Bytes, Share, Time, Unknown};
use asyncguide::trace::{Figure, Mark, Nanos, SceneTrace, Task, TaskId};

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
    pub median: Nanos,
    pub quick: Nanos,
}

/// With fewer than this, what else happens in a process counts for more.
const FEWEST: usize = 100;

impl Figures {
    pub fn of(scene: &SceneTrace) -> Self {
        let counts: Vec<(usize, &Mark)> = scene.marks.iter().filter_map(count).collect();
        Figures {
            idle: counts.last().map_or(0, |(idle, _)| *idle),
            limit: scene.marks.iter().find_map(limit).unwrap_or_default(),
            each: each(&counts, "own_kb"),
            kernel: each(&counts, "kernel_kb"),
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
    let index = scene.tasks.iter().position(|own| std::ptr::eq(own, task)).map(|index| TaskId::new(index as u32));
    scene.marks.iter().filter(move |mark| mark.task == index)
}

/// A mark that counts those that are idle, and how many there were.
fn count(mark: &Mark) -> Option<(usize, &Mark)> {
    Some((usize::try_from(mark.count("idle")?).ok()?, mark))
}

/// What limited the number of those that are idle, if this mark says that.
fn limit(mark: &Mark) -> Option<String> {
    let (descriptors, connections) = (mark.count("descriptors")?, mark.count("connections")?);
    Some(format!(" (the limit of {descriptors} descriptors allows {connections} connections)"))
}

/// What one more took, in bytes: from a few, who have found everything ready that it takes to serve one, to many.
fn each(counts: &[(usize, &Mark)], name: &str) -> Option<f64> {
    let ((few, before), (many, after)) = (counts.first()?, counts.last()?);
    let more = many.checked_sub(*few).filter(|more| *more >= FEWEST)?;
    Some((1024.0 * (after.number(name)? - before.number(name)?) / more as f64).max(0.0))
}

fn processor(scene: &SceneTrace) -> Option<f64> {
    // The scene says it when the silence begins and when it is over.
    let mut said = scene.marks.iter().filter_map(|mark| Some((mark.at, mark.number("processor_ns")?)));
    let ((from, before), (until, after)) = (said.next()?, said.next()?);
    Some((after - before) / (until - from).max(Nanos(1)).as_f64())
}

/// From what was said to what was heard, on the lane of this name.
fn echo(scene: &SceneTrace, lane: &str) -> Option<Echo> {
    let marks: Vec<&Mark> = marks(scene, scene.lane(lane)?).collect();
    let mut times: Vec<Nanos> = marks.chunks_exact(2).map(|pair| pair[1].at - pair[0].at).collect();
    times.sort_unstable();
    Some(Echo { median: *times.get(times.len() / 2)?, quick: *times.get(times.len() / 10)? })
}
