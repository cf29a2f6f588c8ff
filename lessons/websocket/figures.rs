//! What the scene with many idle connections measured, read from its marks.

use asyncguide::trace::Quantity::{Bytes, Share, Time, Unknown};
use asyncguide::trace::{Figure, Mark, Nanos, SceneTrace, Task, TaskId};

/// What the idle connections cost, and how long the echoes of the connection that talked beside them took.
pub struct Figures {
    /// The number of idle connections.
    pub idle: usize,
    /// What limited the number of connections, as ` (…)`. Empty if nothing did.
    pub limit: String,
    /// The memory of this process that each idle connection took, in bytes.
    pub each: Option<f64>,
    /// The memory of the kernel that both ends of each idle connection took, in bytes.
    pub kernel: Option<f64>,
    /// The share of a processor that the loop took while all connections were silent, from 0 to 1.
    pub processor: Option<f64>,
    /// The echoes beside a few idle connections.
    pub beside_few: Option<Echo>,
    /// The echoes beside all idle connections.
    pub beside_many: Option<Echo>,
}

/// How long the echoes of many messages took.
pub struct Echo {
    /// The median of all echoes.
    pub median: Nanos,
    /// The most that the quickest tenth took.
    pub quick: Nanos,
}

/// The fewest connections to measure. With fewer, other work of the process counts for more.
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

/// Returns the row of the lesson's own table.
pub fn row(scene: &SceneTrace) -> Vec<Figure> {
    let figures = Figures::of(scene);
    let echo = |echo: Option<Echo>| echo.map_or(Unknown, |echo| Time(echo.median));
    vec![
        Figure::new("idle", figures.idle),
        Figure::new("memory each", figures.each.map_or(Unknown, Bytes)),
        Figure::new("kernel each", figures.kernel.map_or(Unknown, Bytes)),
        Figure::new("processor", figures.processor.map_or(Unknown, Share)),
        Figure::new("echo, few", echo(figures.beside_few)),
        Figure::new("echo, many", echo(figures.beside_many)),
    ]
}

/// Returns the marks that `task` made.
pub fn marks<'a>(scene: &'a SceneTrace, task: &Task) -> impl Iterator<Item = &'a Mark> {
    let index = scene.tasks.iter().position(|own| std::ptr::eq(own, task)).map(|index| TaskId::new(index as u32));
    scene.marks.iter().filter(move |mark| mark.task == index)
}

/// Returns the number of idle connections in this mark, and the mark. `None` if the mark does not count them.
fn count(mark: &Mark) -> Option<(usize, &Mark)> {
    Some((usize::try_from(mark.count("idle")?).ok()?, mark))
}

/// Returns what limited the number of idle connections, or `None` if this mark does not say that.
fn limit(mark: &Mark) -> Option<String> {
    let (descriptors, connections) = (mark.count("descriptors")?, mark.count("connections")?);
    Some(format!(" (the limit of {descriptors} descriptors allows {connections} connections)"))
}

/// Returns the bytes that one more connection took, measured from the first count of `counts` to the last.
///
/// The first count is not 0, so that what the server needs to serve any connection at all is there already.
fn each(counts: &[(usize, &Mark)], name: &str) -> Option<f64> {
    let ((few, before), (many, after)) = (counts.first()?, counts.last()?);
    let more = many.checked_sub(*few).filter(|more| *more >= FEWEST)?;
    Some((1024.0 * (after.number(name)? - before.number(name)?) / more as f64).max(0.0))
}

fn processor(scene: &SceneTrace) -> Option<f64> {
    // The scene makes this mark when the silence begins and when it is over.
    let mut said = scene.marks.iter().filter_map(|mark| Some((mark.at, mark.number("processor_ns")?)));
    let ((from, before), (until, after)) = (said.next()?, said.next()?);
    Some((after - before) / (until - from).max(Nanos(1)).as_f64())
}

/// Returns how long the echoes took on the lane of this name: from sending a message to hearing its echo.
fn echo(scene: &SceneTrace, lane: &str) -> Option<Echo> {
    let marks: Vec<&Mark> = marks(scene, scene.lane(lane)?).collect();
    let mut times: Vec<Nanos> = marks.chunks_exact(2).map(|pair| pair[1].at - pair[0].at).collect();
    times.sort_unstable();
    Some(Echo { median: *times.get(times.len() / 2)?, quick: *times.get(times.len() / 10)? })
}
