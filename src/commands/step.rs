//! `--step`: walks through a recording event by event, on and back, for as long as somebody wants to.
//!
//! Keys are typed as lines, so that it works wherever a question can be asked; an arrow before Enter does as well.
//! Where nobody is there to type, all events are printed, one after the other. Read `render/steps.rs` for what is said.

use super::Failure;
use super::console::Console;
use crate::page::Role;
use crate::render::steps::{self, Step};
use crate::render::{Format, Report};
use crate::term::Term;
use crate::trace::SceneTrace;

/// Checks that steps can be shown beside results in this format.
pub(super) fn check(asked: bool, format: &Format) -> Result<(), Failure> {
    match asked && !format.is_text() {
        true => Err(Failure::Usage("--step is for people: it goes with --format text alone".to_owned())),
        false => Ok(()),
    }
}

/// Walks through the scenes of `report`, until its end or until somebody stops.
pub(super) fn walk(report: &Report<'_>, term: &Term, console: &mut Console) -> Result<(), Failure> {
    let scenes = &report.trace.scenes;
    let steps: Vec<Vec<Step<'_>>> = scenes.iter().map(steps::steps).collect();
    let walk = Walk { report, steps, term };
    if !term.asks {
        return (0..scenes.len()).try_for_each(|scene| walk.print_all(scene));
    }
    let mut next = (!scenes.is_empty()).then(|| walk.begin(0, 0)).flatten();
    while let Some((scene, step)) = next {
        walk.show(scene, step)?;
        next = match walk.ask(scene, step, console)? {
            Answer::Go(place) => place,
            Answer::Stay => next,
        };
    }
    Ok(())
}

/// A scene, and one of its steps.
type Place = (usize, usize);

enum Answer {
    /// To this place; to none, if that is enough.
    Go(Option<Place>),
    Stay,
}

struct Walk<'a> {
    report: &'a Report<'a>,
    steps: Vec<Vec<Step<'a>>>,
    term: &'a Term,
}

impl Walk<'_> {
    fn scene(&self, scene: usize) -> &SceneTrace {
        &self.report.trace.scenes[scene]
    }

    /// The first place from here on; none behind the last scene.
    fn begin(&self, scene: usize, step: usize) -> Option<Place> {
        let following = (scene + 1..self.steps.len()).map(|scene| (scene, 0));
        [(scene, step)].into_iter().chain(following).find(|(scene, step)| *step < self.steps[*scene].len())
    }

    fn back(&self, (scene, step): Place) -> Option<Place> {
        let before = || (0..scene).rev().find(|scene| !self.steps[*scene].is_empty());
        let last = |scene: usize| (scene, self.steps[scene].len() - 1);
        step.checked_sub(1).map(|step| (scene, step)).or_else(|| before().map(last))
    }

    fn heading(&self, scene: usize) -> String {
        let page = &self.term.page;
        format!("{}\n", page.paint(Role::Heading, page.line(&self.scene(scene).title)))
    }

    fn print_all(&self, scene: usize) -> Result<(), Failure> {
        let texts = self.steps[scene].iter().map(|step| step.text(self.scene(scene), &self.term.page));
        self.print(&format!("{}{}\n", self.heading(scene), texts.collect::<String>()))
    }

    fn show(&self, scene: usize, step: usize) -> Result<(), Failure> {
        let (trace, page) = (self.scene(scene), &self.term.page);
        let own = self.report.own(&trace.name);
        let code = own.map(|own| steps::source(own, trace, &self.steps[scene][..=step], page)).unwrap_or_default();
        let text = self.steps[scene][step].text(trace, page);
        self.print(&format!("{}{code}\n{text}", self.heading(scene)))
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        self.term.print(text).map_err(Failure::Stdout)
    }

    fn ask(&self, scene: usize, step: usize, console: &mut Console) -> Result<Answer, Failure> {
        let line = console.ask(&steps::prompt(&self.term.error_page), self.term)?;
        let Some(line) = line else { return Ok(Answer::Go(None)) };
        Ok(match line.trim() {
            "" | "\u{1b}[C" => Answer::Go(self.begin(scene, step + 1)),
            "b" | "\u{1b}[D" => self.back((scene, step)).map_or(Answer::Stay, |place| Answer::Go(Some(place))),
            "q" => Answer::Go(None),
            other => match other.strip_prefix('g').map(|time| humantime::parse_duration(time.trim())) {
                Some(Ok(time)) => {
                    let until = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
                    let step = self.steps[scene].partition_point(|step| step.at < until);
                    Answer::Go(Some((scene, step.min(self.steps[scene].len() - 1))))
                }
                _ => Answer::Stay,
            },
        })
    }
}
