//! Shows one step of a recording after the other: its text, its scene's source with a pointer for each task, and the lanes
//! with a pointer to the moment.
//!
//! Where the cursor can be moved, each step is drawn in place of the one before; elsewhere one follows the other. Knows
//! nothing of keys: `run/step.rs` decides which step is shown. Read `render/text/steps.rs` for what a step says.

use std::sync::Arc;
use std::time::Duration;

use super::RedrawnText;
use crate::render::Report;
use crate::render::text::step_lanes::step_lanes;
use crate::render::text::steps::{self, Source, Step};
use crate::style::{Role, Style};
use crate::term::{Term, WIDTHS};
use crate::trace::{Nanos, SceneTrace};

/// The place of a step: indices of its scene, and of the step among those of the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepPosition {
    scene: usize,
    step: usize,
}

/// All steps of all scenes of a report, in order.
pub(crate) struct StepList<'a> {
    report: &'a Report<'a>,
    steps: Vec<Vec<Step<'a>>>,
}

impl<'a> StepList<'a> {
    /// Lists the steps of the scenes of `report`.
    pub(crate) fn of(report: &'a Report<'a>) -> Self {
        let steps = report.trace.scenes.iter().map(steps::steps).collect();
        StepList { report, steps }
    }

    /// Returns the position of the first step of all; `None` if there are no steps.
    pub(crate) fn first(&self) -> Option<StepPosition> {
        self.first_from(StepPosition { scene: 0, step: 0 })
    }

    /// Returns the position after `at`; `None` after the last step of the last scene.
    pub(crate) fn next(&self, at: StepPosition) -> Option<StepPosition> {
        self.first_from(StepPosition { step: at.step + 1, ..at })
    }

    /// Returns the position before `at`; `None` before the first step of the first scene.
    pub(crate) fn previous(&self, at: StepPosition) -> Option<StepPosition> {
        if let Some(step) = at.step.checked_sub(1) {
            return Some(StepPosition { step, ..at });
        }
        let scene = (0..at.scene).rev().find(|scene| !self.steps[*scene].is_empty())?;
        Some(StepPosition { scene, step: self.steps[scene].len() - 1 })
    }

    /// Returns the position of the first step that is not before `time`, in the same scene as `at`; that of the scene's
    /// last step if all are before it. `time` counts from the start of the scene.
    pub(crate) fn at_time(&self, at: StepPosition, time: Duration) -> StepPosition {
        let nanos = Nanos::from(time);
        let steps = &self.steps[at.scene];
        let step = steps.partition_point(|step| step.at < nanos).min(steps.len() - 1);
        StepPosition { step, ..at }
    }

    /// Returns the text of all steps, with a heading for each scene.
    pub(crate) fn text(&self, style: &Style) -> String {
        let mut text = String::new();
        for scene in 0..self.steps.len() {
            text += &self.heading(scene, style);
            for step in 0..self.steps[scene].len() {
                text += &self.step_text(StepPosition { scene, step }, style);
            }
            text += "\n";
        }
        text
    }

    /// Returns the first position from `from` on at which there is a step, in this scene or a later one.
    fn first_from(&self, from: StepPosition) -> Option<StepPosition> {
        if from.step < self.steps.get(from.scene)?.len() {
            return Some(from);
        }
        let scene = (from.scene + 1..self.steps.len()).find(|scene| !self.steps[*scene].is_empty())?;
        Some(StepPosition { scene, step: 0 })
    }

    fn scene(&self, scene: usize) -> &SceneTrace {
        &self.report.trace.scenes[scene]
    }

    fn heading(&self, scene: usize, style: &Style) -> String {
        format!("{}\n", style.paint(Role::Heading, style.line(&self.scene(scene).title)))
    }

    fn step_text(&self, at: StepPosition, style: &Style) -> String {
        self.steps[at.scene][at.step].text(self.scene(at.scene), style)
    }

    /// Returns the lanes of the tasks that this step and those before it are about, in at most so many rows.
    fn lanes(&self, at: StepPosition, rows: usize, style: &Style) -> String {
        step_lanes(self.scene(at.scene), &self.steps[at.scene][..=at.step], rows, style)
    }

    /// Returns the scene's source with its pointers as they are at this step, if the lesson is known, or the file in which
    /// the task of this step is, if it could be read.
    fn source(&self, at: StepPosition, style: &Style) -> Option<Source> {
        let trace = self.scene(at.scene);
        let done = &self.steps[at.scene][..=at.step];
        if let Some(scene) = self.report.own(trace) {
            return Some(Source::of_scene(scene, trace, done, style));
        }
        if let Some(lesson) = self.report.twin(trace) {
            return Some(Source::of_twin(lesson.twin, trace, done, style));
        }
        let file = steps::file_of(trace, done);
        let own = self.report.sources.iter().find(|own| own.file == file)?;
        Some(Source::of_file(own, trace, done, style))
    }
}

/// Shows steps on standard error.
pub(crate) struct StepPresenter<'a> {
    term: &'a Term,
    /// `None` where the cursor cannot be moved and one step follows the other.
    in_place: Option<RedrawnText>,
    /// Columns and rows of the place when a step was shown last.
    size: Option<(usize, usize)>,
    /// Index of the first row of the source that was shown last.
    top: usize,
    /// The step that was shown last; empty if that is not on the screen any more.
    shown_step: String,
    /// The prompt that was shown below it.
    shown_prompt: String,
}

impl<'a> StepPresenter<'a> {
    /// Makes a presenter that has not shown anything yet.
    pub(crate) fn new(term: &'a Arc<Term>) -> Self {
        StepPresenter {
            term,
            in_place: RedrawnText::on(term),
            size: None,
            top: 0,
            shown_step: String::new(),
            shown_prompt: String::new(),
        }
    }

    /// Shows the step at `at` and the prompt below it: the keys, or what was typed so far of the `time` to go to.
    pub(crate) fn show(&mut self, steps: &StepList<'_>, at: StepPosition, time: Option<&str>) {
        let style = self.measure();
        let prompt = prompt(time, &style);
        let step = self.step(steps, at, &prompt, &style);
        match &self.in_place {
            Some(in_place) => in_place.show(&format!("{step}{prompt}")),
            None => self.term.note(&self.continuation(&step, &prompt)),
        }
        self.shown_step = step;
        self.shown_prompt = prompt;
    }

    /// Returns whether the place still has the size that it had when a step was shown last.
    pub(crate) fn fits(&self) -> bool {
        self.in_place.as_ref().map(RedrawnText::size) == self.size
    }

    /// Makes the next step be drawn as if nothing had been shown, because what was shown is not where it was any more.
    pub(crate) fn begin_anew(&mut self) {
        self.shown_step.clear();
        self.shown_prompt.clear();
        if let Some(in_place) = &self.in_place {
            in_place.begin_anew();
        }
    }

    /// Leaves the step at `at` on the screen and takes the prompt away.
    pub(crate) fn leave(mut self, steps: &StepList<'_>, at: StepPosition, time: Option<&str>) {
        let style = self.measure();
        let step = self.step(steps, at, &prompt(time, &style), &style);
        match self.in_place.take() {
            Some(in_place) => {
                drop(in_place);
                self.term.note(&format!("{step}\n"));
            }
            None => self.term.note("\n\n"),
        }
    }

    /// Measures the terminal, and returns the style to draw in.
    fn measure(&mut self) -> Style {
        self.size = self.in_place.as_ref().map(RedrawnText::size);
        let style = self.term.error_style;
        match self.size {
            Some((columns, _)) => Style { width: columns.max(*WIDTHS.start()), ..style },
            None => style,
        }
    }

    /// Returns the step as text, with as much of the source as there are rows for.
    fn step(&mut self, steps: &StepList<'_>, at: StepPosition, prompt: &str, style: &Style) -> String {
        let heading = steps.heading(at.scene, style);
        let text = steps.step_text(at, style);
        let source = steps.source(at, style);
        let Some((_, rows)) = self.size else {
            let code = source.map_or(String::new(), |source| source.whole());
            return format!("{heading}{code}\n{text}");
        };
        // An empty row stands between the parts, and another one before the keys.
        let others = heading.lines().count() + text.lines().count() + prompt.lines().count() + 3;
        let room = rows.saturating_sub(others);
        let lanes = steps.lanes(at, if source.is_some() { room / 2 } else { room }, style);
        let room = room - lanes.lines().count();
        let lanes = if lanes.is_empty() { lanes } else { format!("\n{lanes}") };
        let code = source.map_or(String::new(), |source| {
            let (code, top) = source.part(room, self.top);
            self.top = top;
            code
        });
        format!("{heading}{code}{lanes}\n{text}\n")
    }

    /// Returns what to write below the step that was shown last, where the cursor cannot be moved.
    fn continuation(&self, step: &str, prompt: &str) -> String {
        if step != self.shown_step {
            let gap = if self.shown_step.is_empty() { "" } else { "\n\n" };
            return format!("{gap}{step}{prompt}");
        }
        match prompt.strip_prefix(&self.shown_prompt) {
            // One more character was typed.
            Some(typed) => typed.to_owned(),
            None => format!("\n{prompt}"),
        }
    }
}

fn prompt(time: Option<&str>, style: &Style) -> String {
    match time {
        Some(typed) => steps::time(typed, style),
        None => steps::keys(style),
    }
}
