//! A scene's recording event by event: what just happened, why the next thing can happen, and which line of its source
//! each task has reached.
//!
//! The steps are about lanes only. The scene's own function is left out, because it is polled whenever a task under its
//! `join!` is. At the same moment, which is frequent on the virtual clock, the events of one task stay together.

use std::collections::BTreeMap;

use crate::lesson::{Language, Scene};
use crate::render::prose::code::{annotated, python_line, scene_line};
use crate::render::{OwnSource, paragraph};
use crate::style::{Role, Style};
use crate::trace::{Mark, Nanos, Outcome, Poll, SceneTrace, Site, Task, TaskId, TaskKind};
use crate::units::duration;

/// One event of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) at: Nanos,
    number: usize,
    task: &'a Task,
    what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Made,
    /// By this task, if that is known.
    Woken(Option<&'a Task>),
    /// A poll starts. True for the task's first poll.
    PollStarts(Poll, bool),
    Said(&'a Mark),
    /// A poll ends. True if the task ended with it.
    PollEnds(Poll, bool),
    Ends,
}

/// Returns the events of all lanes of `scene`, in the order of time.
pub(crate) fn steps(scene: &SceneTrace) -> Vec<Step<'_>> {
    let mut said: Vec<Vec<&Mark>> = vec![Vec::new(); scene.tasks.len()];
    for mark in &scene.marks {
        if let Some(said) = mark.task.and_then(|task| said.get_mut(task.index())) {
            said.push(mark);
        }
    }
    let lanes = scene.tasks.iter().zip(&said).enumerate().filter(|(_, (task, _))| task.kind != TaskKind::Scene);
    let mut steps: Vec<Step<'_>> =
        lanes.flat_map(|(number, (task, said))| of_task(scene, number, task, said)).collect();
    // The sort is stable and each task's steps are in order, so those of one task at the same moment stay in order.
    steps.sort_by_key(|step| step.at);
    steps
}

fn of_task<'a>(scene: &'a SceneTrace, number: usize, task: &'a Task, said: &[&'a Mark]) -> Vec<Step<'a>> {
    let mut said = said.iter().copied().peekable();
    let mut steps = vec![(task.created, What::Made)];
    let by = |wake: Nanos| scene.waker(task, wake).and_then(|waker| scene.task(waker));
    // The poll before this round. Its end comes after the wakes that came while it ran.
    let mut open: Option<Poll> = None;
    for (index, round) in scene.rounds(task).enumerate() {
        let ended = open.map_or(Nanos::ZERO, |poll| poll.end);
        let during = round.wakes.partition_point(|wake| *wake < ended);
        let (early, late) = round.wakes.split_at(during);
        steps.extend(early.iter().map(|wake| (*wake, What::Woken(by(*wake)))));
        if let Some(poll) = open {
            let last = round.poll.is_none() && task.ended.is_some_and(|ended| ended <= poll.end);
            steps.push((poll.end, What::PollEnds(poll, last)));
        }
        if let Some(poll) = round.poll {
            steps.extend(late.iter().map(|wake| (*wake, What::Woken(by(*wake)))));
            steps.push((poll.start, What::PollStarts(poll, index == 0)));
            while let Some(mark) = said.next_if(|mark| mark.at <= poll.end) {
                steps.push((mark.at.max(poll.start), What::Said(mark)));
            }
        } else {
            steps.extend(said.by_ref().map(|mark| (mark.at, What::Said(mark))));
            steps.extend(late.iter().map(|wake| (*wake, What::Woken(by(*wake)))));
        }
        open = round.poll;
    }
    steps.extend(task.ended.map(|ended| (ended, What::Ends)));
    let mut latest = Nanos::ZERO;
    let step = |(at, what): (Nanos, What<'a>)| {
        // Two cores' clocks may disagree by a few ticks. The steps of one task are in order all the same.
        latest = at.max(latest);
        Step { at: latest, number, task, what }
    };
    steps.into_iter().map(step).collect()
}

impl Step<'_> {
    /// Returns a paragraph that says when the step was, what happened, and what can happen next.
    pub(crate) fn text(&self, scene: &SceneTrace, style: &Style) -> String {
        let thread = |poll: Poll| scene.threads.get(poll.thread.index()).map_or("a thread", |thread| &thread.name);
        let (what, why) = match self.what {
            What::Made if self.task.spawned => {
                ("is spawned".to_owned(), "It is ready, and runs as soon as a thread is free to poll it.".to_owned())
            }
            What::Made => ("is made".to_owned(), "It does not run until it is polled.".to_owned()),
            What::Woken(by) => {
                let by = by.map_or(String::new(), |waker| format!(" by {}", waker.name));
                let why = "What it awaits has come: it is ready, and will be polled again.";
                (format!("is woken{by}"), why.to_owned())
            }
            What::PollStarts(poll, first) => {
                let why = if first { "It is its first poll." } else { "It goes on where it stopped." };
                (format!("runs on {}", thread(poll)), format!("{why} The thread is its own until it gives it back."))
            }
            What::Said(mark) => (format!("says “{}”", mark.text), "It still runs.".to_owned()),
            What::PollEnds(poll, last) => {
                let mut why = match self.waits_for(scene, poll) {
                    _ if last => "It has come to its end.".to_owned(),
                    Some(what) => format!("It waits {what}, and is not polled until it is woken."),
                    None => "It waits: it is not polled until it is woken.".to_owned(),
                };
                if scene.holds_its_loop(poll) {
                    why += " Until now, the loop could not look at timers and sockets.";
                }
                (format!("gives {} back after {}", thread(poll), duration(poll.end - poll.start)), why)
            }
            What::Ends => end(&self.task.outcome),
        };
        paragraph(style, &format!("{:>10}  ", duration(self.at)), &format!("{} {what}. {why}", self.task.name))
    }
}

impl<'a> Step<'a> {
    /// Returns the file and the line that the task has come to with this step, if that was recorded.
    fn place(&self, scene: &'a SceneTrace) -> Option<(&'a str, u32)> {
        match self.what {
            What::Said(Mark { file: Some(file), line: Some(line), .. }) => Some((file, *line)),
            What::PollEnds(poll, false) => {
                let id = TaskId::new(u32::try_from(self.number).ok()?);
                let Site { file, line, .. } = scene.site(scene.sites_of_poll(id, poll).1?)?;
                Some((file, *line))
            }
            _ => None,
        }
    }

    /// Returns where and for what the task waits after `poll`, if that was recorded: `at app.py:3 for fetch()`.
    fn waits_for(&self, scene: &SceneTrace, poll: Poll) -> Option<String> {
        let stands = scene.stands(TaskId::new(u32::try_from(self.number).ok()?));
        let stand = stands.iter().rfind(|stand| stand.at > poll.start && stand.at <= poll.end)?;
        let Site { file, line, .. } = scene.site(stand.site)?;
        let task = stand.waits_for.and_then(|task| scene.task(task)).map(|task| &task.name);
        let what = task.or(stand.awaits.as_ref()).map_or(String::new(), |what| format!(" for {what}"));
        Some(format!("at {file}:{line}{what}"))
    }
}

fn end(outcome: &Outcome) -> (String, String) {
    match outcome {
        Outcome::Done => ("is done".to_owned(), "The code that awaits it can go on.".to_owned()),
        Outcome::Cancelled => {
            ("is cancelled".to_owned(), "It was dropped at an await; what follows never runs.".to_owned())
        }
        Outcome::Panicked { message } => {
            (format!("panics: {message}"), "The code that awaits it gets an error; the other tasks go on.".to_owned())
        }
        Outcome::Interrupted => ("is still there".to_owned(), "The recording ends before it does.".to_owned()),
    }
}

/// A scene's source, with a pointer for each task at the line where it last said something.
pub(crate) struct Source {
    /// Rows of text, each with the number of the source line that it belongs to.
    rows: Vec<(usize, String)>,
    /// The line that must be visible: the one that the task of the last step has reached, or the scene's first line.
    focus: usize,
}

impl Source {
    /// Returns the source of a lesson's scene with the pointers as they are after the steps `done`.
    pub(crate) fn of_scene(own: &Scene, scene: &SceneTrace, done: &[Step<'_>], style: &Style) -> Self {
        let reached = reached(scene, &scene.file, done);
        Self::new(own.source, own.language, scene_line(own.source, own.language), &reached, done, style)
    }

    /// Returns the same of a lesson's Python twin, of which `scene` is one.
    pub(crate) fn of_twin(twin: &str, scene: &SceneTrace, done: &[Step<'_>], style: &Style) -> Self {
        let reached = reached(scene, &scene.file, done);
        Self::new(twin, Language::Python, python_line(twin, &scene.name), &reached, done, style)
    }

    /// Returns the same of a file of somebody's own program.
    pub(crate) fn of_file(own: &OwnSource, scene: &SceneTrace, done: &[Step<'_>], style: &Style) -> Self {
        Self::new(&own.text, Language::of_file(&own.file), 1, &reached(scene, &own.file, done), done, style)
    }

    /// Returns `source` with pointers for the lanes in `reached`. Without one, the line `first` must be visible.
    fn new(
        source: &str,
        language: Language,
        first: usize,
        reached: &BTreeMap<usize, (&str, u32)>,
        done: &[Step<'_>],
        style: &Style,
    ) -> Self {
        let pointer = |number: usize| {
            let here = reached.values().filter(|(_, line)| *line as usize == number).map(|(name, _)| *name);
            let names: Vec<&str> = here.clone().take(MOST_NAMES).collect();
            let more = here.count() - names.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            (!names.is_empty()).then(|| format!("{} {}{more}", style.glyphs().pointer, names.join(", ")))
        };
        let own_pointer = done.last().and_then(|step| reached.get(&step.number));
        let focus = own_pointer.or(reached.values().next_back()).map(|(_, line)| *line as usize);
        let rows = annotated(source, language, style, pointer);
        Source { rows, focus: focus.unwrap_or(first) }
    }

    /// Returns the whole source.
    pub(crate) fn whole(&self) -> String {
        self.rows.iter().map(|(_, row)| row.as_str()).collect()
    }

    /// Returns the `room` rows from row `top` on, or from the nearest row that keeps the focus visible. Also returns the
    /// row that the part begins with.
    pub(crate) fn part(&self, room: usize, top: usize) -> (String, usize) {
        let of_focus = |(line, _): &(usize, String)| *line == self.focus;
        let first = self.rows.iter().position(of_focus).unwrap_or(0);
        let last = self.rows.iter().rposition(of_focus).unwrap_or(0);
        let top = top.min(first).max((last + 1).saturating_sub(room)).min(self.rows.len().saturating_sub(room));
        (self.rows.iter().skip(top).take(room).map(|(_, row)| row.as_str()).collect(), top)
    }
}

/// Returns the lanes that were last seen in `file` and have not ended, by the task's number: the lane's name and the line.
fn reached<'a>(scene: &'a SceneTrace, file: &str, done: &[Step<'a>]) -> BTreeMap<usize, (&'a str, u32)> {
    let mut reached = BTreeMap::new();
    for step in done {
        match step.place(scene) {
            Some((of, line)) if of == file => drop(reached.insert(step.number, (&*step.task.name, line))),
            Some(_) => drop(reached.remove(&step.number)),
            None if matches!(step.what, What::Ends) => drop(reached.remove(&step.number)),
            None => {}
        }
    }
    reached
}

/// Returns the file in which the task of the last of the steps `done` was seen last; the scene's own if it was in none.
pub(crate) fn file_of<'a>(scene: &'a SceneTrace, done: &[Step<'a>]) -> &'a str {
    let last = done.last().map(|step| step.number);
    let of_the_task = done.iter().rev().filter(|step| Some(step.number) == last);
    of_the_task.filter_map(|step| step.place(scene)).map(|(file, _)| file).next().unwrap_or(&scene.file)
}

/// Returns at most `most` tasks in the order of their numbers: those that the last of the steps `done` were about, then the
/// first ones of the scene.
pub(super) fn latest_tasks(scene: &SceneTrace, done: &[Step<'_>], most: usize) -> Vec<TaskId> {
    let latest = done.iter().rev().take(LATEST).map(|step| step.number);
    let lanes = scene.numbered_lanes().map(|(id, _)| id.index());
    let mut numbers: Vec<usize> = Vec::new();
    for number in latest.chain(lanes) {
        if numbers.len() == most {
            break;
        }
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    numbers.into_iter().filter_map(|number| u32::try_from(number).ok()).map(TaskId::new).collect()
}

/// Most steps in which tasks are looked for.
const LATEST: usize = 1_000;

/// The most tasks at one line of code that are named.
const MOST_NAMES: usize = 5;

/// Returns the line that names the keys.
pub(crate) fn keys(style: &Style) -> String {
    let (on, back) = if style.unicode { ("→", "←") } else { ("right arrow", "left arrow") };
    let keys = format!("{on} goes on, {back} goes back, g goes to a time, q stops");
    style.paint(Role::Dim, paragraph(style, "  ", &keys).trim_end())
}

/// Returns the prompt for a time, with what was `typed` so far.
pub(crate) fn time(typed: &str, style: &Style) -> String {
    let prompt = style.paint(Role::Dim, "  To which time, such as 1.5s?");
    format!("{prompt} {}", style.line(typed))
}
