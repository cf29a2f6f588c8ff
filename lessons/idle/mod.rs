//! `idle`: what waiting costs. Shows that a waiting task takes far less memory than a waiting thread and is created
//! faster, that a thread takes far less memory than people say, and that neither is free.

mod both;
mod tasks;
mod threads;

use std::time::Duration;

use asyncguide::lesson::{Choice, Claim, Lesson, Question, Reply, Takes, Verdict, check};
use asyncguide::scene;
use asyncguide::trace::Quantity::{Bytes, Time};
use asyncguide::trace::{Evidence, Figure, Mark, Nanos, SceneTrace, Task, TaskKind, Trace};

pub const LESSON: Lesson = Lesson {
    name: "idle",
    aliases: &["memory", "cost", "c10k"],
    summary: "what waiting costs",
    readme: include_str!("README.md"),
    twin: include_str!("twin.py"),
    scenes: &[
        scene!(tasks, "Tasks")
            .to_see("Every lane waits, and a waiting task holds no thread: one thread is enough for all of the tasks.")
            .with_figures(figures)
            .on_the_real_clock(MEMORY),
        scene!(threads, "Threads")
            .to_see("Every lane waits, too, but each is a thread of its own: the table counts them, and their memory.")
            .with_figures(figures)
            .on_the_real_clock(MEMORY),
        scene!(both, "As many of both")
            .to_see("All of them wait. The lanes named “task” share one thread, those named “thread” have one each.")
            .lasting(|_, delay| delay.saturating_mul(5) / 4)
            .on_the_real_clock(THREADS),
    ],
    question: Question {
        ask: "Thousands of connections are open, and all of them wait. How much memory does each take if it is a \
              thread, and how much if it is a task?",
        choices: &[
            Choice::right("a thread takes tens of kilobytes, a task about one kilobyte or less"),
            Choice::wrong(
                "a thread takes several megabytes, a task about one kilobyte or less",
                "a thread takes all the memory that it reserves for its stack",
                "in the last table, “memory each” and “kernel each” of “Threads” are far smaller than “reserved each”",
            ),
            Choice::wrong(
                "they take about the same: both have to remember where they were",
                "a task is a thread with another name",
                "in the last table, “memory each” is far smaller for “Tasks” than for “Threads”: a task keeps only what it \
                 needs after its await, a thread keeps a whole stack",
            ),
            Choice::wrong(
                "a thread takes tens of kilobytes, a task nothing while it waits",
                "waiting is free for a task",
                "in the last table, “memory each” of “Tasks” is not 0: a task keeps its future, its timer and its place in \
                 the runtime",
            ),
        ],
        measured: Reply::Function(measured),
    },
    claims: &[
        Claim::function("a waiting task took at most a tenth of the memory of a waiting thread", tasks_are_lighter)
            .only_in_rust(RECORDER),
        Claim::function("a waiting task took some memory: at least that of its timer", tasks_are_not_free)
            .only_in_rust(RECORDER),
        Claim::function(
            "a waiting thread took at most a tenth of the memory that it reserved",
            threads_take_less_than_reserved,
        )
        .only_in_rust(RECORDER),
        Claim::function(
            "a waiting thread also took memory in the kernel: at least a quarter of its own",
            threads_take_more_than_resident,
        )
        .only_in_rust(RECORDER),
        Claim::function("a task was started at least twice as fast as a thread", tasks_are_faster),
    ],
    takes: Takes { tasks: Some(10_000), delay: Some(Duration::from_secs(1)), lines: false },
    calibrates: false,
};

const RECORDER: &str = "what Python's recorder keeps of them takes memory as well";
const MEMORY: &str = "it measures the memory and the threads of this machine";
const THREADS: &str = "a thread sleeps in real time, which a virtual clock cannot shorten";

fn figures(scene: &SceneTrace) -> Vec<Figure> {
    let there: Vec<&Task> = lanes_that_ran(scene).collect();
    let Some(each) = memory(scene, there.len()) else { return Vec::new() };
    vec![
        Figure::new("memory each", Bytes(each.resident)),
        Figure::new("kernel each", Bytes(each.kernel)),
        Figure::new("reserved each", Bytes(each.reserved)),
        Figure::new("started in", Time(time_each(&there))),
    ]
}

fn measured(trace: &Trace) -> Evidence {
    let each = |name| trace.scene(name).map(|scene| each(trace, scene));
    match (each("tasks"), each("threads")) {
        (Some(Ok(task)), Some(Ok(thread))) => {
            Evidence::new("A waiting thread took {thread} ({kernel} of it in the kernel), a waiting task {task}.")
                .with("thread", Bytes(thread.taken()))
                .with("kernel", Bytes(thread.kernel))
                .with("task", Bytes(task.taken()))
        }
        (Some(Err(Verdict::Skipped(reason))), _) | (_, Some(Err(Verdict::Skipped(reason)))) => {
            reason.prepend("This run has no answer: ").append(".")
        }
        _ => "They did not run.".into(),
    }
}

fn tasks_are_lighter(trace: &Trace) -> Verdict {
    check_each(trace, "tasks", |task| {
        check_each(trace, "threads", |thread| {
            let evidence = Evidence::new("task {task}, thread {thread}")
                .with("task", Bytes(task.taken()))
                .with("thread", Bytes(thread.taken()));
            Verdict::of(10.0 * task.taken() <= thread.taken(), evidence)
        })
    })
}

fn tasks_are_not_free(trace: &Trace) -> Verdict {
    check_each(trace, "tasks", |task| {
        let timer = size_of::<tokio::time::Sleep>() as f64;
        let evidence =
            Evidence::new("task {task}, timer {timer}").with("task", Bytes(task.taken())).with("timer", Bytes(timer));
        Verdict::of(task.taken() >= timer, evidence)
    })
}

fn threads_take_less_than_reserved(trace: &Trace) -> Verdict {
    check_each(trace, "threads", |thread| {
        let evidence = Evidence::new("taken {taken}, reserved {reserved}")
            .with("taken", Bytes(thread.taken()))
            .with("reserved", Bytes(thread.reserved));
        Verdict::of(10.0 * thread.taken() <= thread.reserved, evidence)
    })
}

fn threads_take_more_than_resident(trace: &Trace) -> Verdict {
    check_each(trace, "threads", |thread| {
        let evidence = Evidence::new("in the kernel {kernel}, its own {resident}")
            .with("kernel", Bytes(thread.kernel))
            .with("resident", Bytes(thread.resident));
        Verdict::of(4.0 * thread.kernel >= thread.resident, evidence)
    })
}

fn tasks_are_faster(trace: &Trace) -> Verdict {
    check(trace, ["both"], |[scene]| {
        let of_kind = |kind| lanes_that_ran(scene).filter(move |task| task.kind == kind).collect::<Vec<_>>();
        let (tasks, threads) = (of_kind(TaskKind::Future), of_kind(TaskKind::Thread));
        let few = too_few(trace, &tasks).or_else(|| too_few(trace, &threads));
        few.unwrap_or_else(|| {
            Verdict::at_most(("a task in", time_each(&tasks)), 0.5, ("a thread in", time_each(&threads)))
        })
    })
}

/// Returns the median time from one creation to the next. A median, because the thread that creates them may be
/// interrupted now and then.
fn time_each(tasks: &[&Task]) -> Nanos {
    let mut times: Vec<Nanos> = tasks.windows(2).map(|pair| pair[1].created - pair[0].created).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The memory that one of many tasks or threads took, in bytes.
struct Each {
    /// The process's own memory.
    resident: f64,
    /// The kernel's memory: page tables and kernel stacks.
    kernel: f64,
    /// Reserved addresses, whether or not there is memory behind them.
    reserved: f64,
}

impl Each {
    fn taken(&self) -> f64 {
        self.resident + self.kernel
    }
}

/// Checks the memory that each waiting task or thread of a scene took. Returns the verdict of [`each`] if that is
/// unknown.
fn check_each(trace: &Trace, scene: &str, check_it: impl FnOnce(Each) -> Verdict) -> Verdict {
    check(trace, [scene], |[scene]| each(trace, scene).map_or_else(|why_not| why_not, check_it))
}

/// Returns the memory that each waiting task or thread of a scene took.
///
/// # Errors
/// Returns [`Verdict::Skipped`] if that is unknown: there were too few, the system does not say, or some were not there
/// when the scene read the memory. Returns [`Verdict::Failed`] if there was none, or some did not wait.
fn each(trace: &Trace, scene: &SceneTrace) -> Result<Each, Verdict> {
    let there: Vec<&Task> = lanes_that_ran(scene).collect();
    if let Some(few) = too_few(trace, &there) {
        return Err(few);
    }
    let all_there = |task: &&Task| {
        let read = mark(scene, ALL_THERE).map_or(Nanos::MAX, |mark| mark.at);
        scene.began(task).is_some_and(|began| began <= read) && scene.ended(task) >= read
    };
    let unknown = || Verdict::Skipped("this system does not say how much memory a process takes".into());
    let each = memory(scene, there.len()).ok_or_else(unknown)?;
    if there.iter().any(|task| scene.lifetime(task) < trace.inputs.delay / 2) {
        return Err(Verdict::Failed("some of them did not wait for the delay".into()));
    }
    if !there.iter().all(all_there) {
        return Err(Verdict::Skipped("some had not started when the memory was read; try a longer --delay".into()));
    }
    Ok(each)
}

/// Returns the memory that each of `there` tasks or threads took, or `None` if the system does not say.
fn memory(scene: &SceneTrace, there: usize) -> Option<Each> {
    let (before, after) = (mark(scene, "before")?, mark(scene, ALL_THERE)?);
    let more = |name| Some((figure(after, name)? - figure(before, name)?).max(0.0) / there.max(1) as f64);
    // The system gives only the total of the kernel stacks of all processes. A scene on one thread has added none.
    let stacks = if scene.threads_used() > 1 { more("kernel_stacks_kb")? } else { 0.0 };
    let kernel = more("page_tables_kb")? + stacks;
    Some(Each { resident: more("resident_kb")?, kernel, reserved: more("reserved_kb")? })
}

/// The start of the mark that a scene makes once all its tasks or threads are there.
const ALL_THERE: &str = "all there";

fn mark<'a>(scene: &'a SceneTrace, start: &str) -> Option<&'a Mark> {
    scene.marks.iter().find(|mark| mark.text.starts_with(start))
}

fn lanes_that_ran(scene: &SceneTrace) -> impl Iterator<Item = &Task> {
    scene.lanes().filter(|task| !scene.polls(task).is_empty())
}

/// The fewest tasks or threads to measure. With fewer, other work of the process counts for more.
const FEWEST: usize = 1_000;

fn too_few(trace: &Trace, there: &[&Task]) -> Option<Verdict> {
    match there.len() {
        _ if trace.inputs.tasks < FEWEST => Some(Verdict::Skipped(
            Evidence::new("fewer than {fewest} tasks are too few to measure").with("fewest", FEWEST),
        )),
        0 => Some(Verdict::Failed("none of them started".into())),
        few if few < FEWEST => {
            Some(Verdict::Skipped(Evidence::new("the system allowed only {few}, too few to measure").with("few", few)))
        }
        _ => None,
    }
}

/// Returns the field of this name in bytes. The scene gives it in kilobytes.
fn figure(mark: &Mark, name: &str) -> Option<f64> {
    Some(1024.0 * mark.number(name)?)
}
