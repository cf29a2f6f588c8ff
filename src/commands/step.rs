//! `--step`: walks through a recording event by event, on and back, for as long as somebody wants to.
//!
//! At a keyboard each key acts at once, and the step is drawn in place, so that the pointers are seen to move in the
//! code; where the cursor cannot be moved, one step follows the other. All of that is on standard error, as other
//! pictures are that nobody wants in a file. Where nobody is there to press a key, or no single key can be had, all
//! events are printed. Read `render/steps.rs` for what is said, `keys.rs` for the keyboard.

use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::console::{Console, Event};
use crate::keys::{Key, pressed};
use crate::live::RedrawnText;
use crate::page::{Page, Role};
use crate::render::steps::{self, Source, Step};
use crate::render::{Format, Report};
use crate::term::{Term, WIDTHS};
use crate::trace::SceneTrace;

/// How late a terminal of another size is noticed.
const PAUSE: Duration = Duration::from_millis(200);
/// No time that makes sense is longer; what is pasted may be.
const LONGEST_TIME: usize = 20;

/// Checks that steps can be shown beside results in this format.
pub(super) fn check(asked: bool, format: &Format) -> Result<(), Failure> {
    match asked && !format.is_text() {
        true => Err(Failure::Usage("--step is for people: it goes with --format text alone".to_owned())),
        false => Ok(()),
    }
}

/// Walks through the scenes of `report`, until its end or until somebody stops.
pub(super) fn walk(report: &Report<'_>, term: &Arc<Term>, console: &mut Console) -> Result<(), Failure> {
    let steps: Vec<Vec<Step<'_>>> = report.trace.scenes.iter().map(steps::steps).collect();
    let path = Path { report, steps };
    // The keyboard is held until the walk is over, however it ends.
    let Some(keys) = (if term.asks { console.keys()? } else { None }) else {
        return term.print(&path.all(&term.page)).map_err(Failure::Stdout);
    };
    let Some(begin) = path.begin((0, 0)) else { return Ok(()) };
    let mut walk = Walk { path, at: begin, time: None };
    let mut sheet = Sheet::on(term);
    sheet.show(&walk);
    loop {
        let goes_on = match console.next_event_within(PAUSE)? {
            Event::Answered(Some(typed)) => pressed(&typed).into_iter().all(|key| walk.press(key)),
            Event::Answered(None) | Event::Signal(_) => false,
            // Nothing was pressed so far, and nearly always nothing else has happened either.
            Event::Ended | Event::OutputFailed(_) if !keys.were_lost() && sheet.fits() => continue,
            Event::Ended | Event::OutputFailed(_) => {
                sheet.begin_anew();
                true
            }
        };
        if !goes_on {
            sheet.leave(&walk);
            return Ok(());
        }
        sheet.show(&walk);
    }
}

/// A scene, and one of its steps.
type Place = (usize, usize);

/// All steps of all scenes, in order.
struct Path<'a> {
    report: &'a Report<'a>,
    steps: Vec<Vec<Step<'a>>>,
}

impl Path<'_> {
    fn scene(&self, scene: usize) -> &SceneTrace {
        &self.report.trace.scenes[scene]
    }

    /// The first place from here on; none behind the last scene.
    fn begin(&self, (scene, step): Place) -> Option<Place> {
        let following = (scene + 1..self.steps.len()).map(|scene| (scene, 0));
        let is_there = |(scene, step): &Place| self.steps.get(*scene).is_some_and(|steps| *step < steps.len());
        [(scene, step)].into_iter().chain(following).find(is_there)
    }

    fn back(&self, (scene, step): Place) -> Option<Place> {
        let before = || (0..scene).rev().find(|scene| !self.steps[*scene].is_empty());
        let last = |scene: usize| (scene, self.steps[scene].len() - 1);
        step.checked_sub(1).map(|step| (scene, step)).or_else(|| before().map(last))
    }

    /// The first step of the same scene that is not before `time`, or its last.
    fn at(&self, (scene, _): Place, time: Duration) -> Place {
        let until = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let step = self.steps[scene].partition_point(|step| step.at < until);
        (scene, step.min(self.steps[scene].len() - 1))
    }

    fn heading(&self, scene: usize, page: &Page) -> String {
        format!("{}\n", page.paint(Role::Heading, page.line(&self.scene(scene).title)))
    }

    fn text(&self, (scene, step): Place, page: &Page) -> String {
        self.steps[scene][step].text(self.scene(scene), page)
    }

    /// The scene's source as it is at this place, if the lesson is known.
    fn source(&self, (scene, step): Place, page: &Page) -> Option<Source> {
        let trace = self.scene(scene);
        Some(Source::after(self.report.own(&trace.name)?, trace, &self.steps[scene][..=step], page))
    }

    fn all(&self, page: &Page) -> String {
        let steps = |scene: usize| (0..self.steps[scene].len()).map(move |step| self.text((scene, step), page));
        let scene = |scene| format!("{}{}\n", self.heading(scene, page), steps(scene).collect::<String>());
        (0..self.steps.len()).map(scene).collect()
    }
}

/// Where somebody has come to, and what they are about to say.
struct Walk<'a> {
    path: Path<'a>,
    at: Place,
    /// The time to go to, as far as it is typed.
    time: Option<String>,
}

impl Walk<'_> {
    /// Does what `key` asks for: whether the walk goes on.
    fn press(&mut self, key: Key) -> bool {
        match (&mut self.time, key) {
            (_, Key::End) | (None, Key::Char('q')) => return false,
            (Some(time), Key::Char(c)) if time.len() < LONGEST_TIME => time.push(c),
            (Some(time), Key::Backspace) => drop(time.pop()),
            (Some(time), Key::Enter) => match humantime::parse_duration(time.trim()) {
                Ok(time) => (self.at, self.time) = (self.path.at(self.at, time), None),
                Err(_) if time.trim().is_empty() => self.time = None,
                // It may yet become one.
                Err(_) => {}
            },
            (Some(_), Key::Escape) => self.time = None,
            (None, Key::Char('g')) => self.time = Some(String::new()),
            (None, Key::Left | Key::Char('b')) => self.at = self.path.back(self.at).unwrap_or(self.at),
            (None, Key::Right | Key::Enter | Key::Char(' ')) => match self.path.begin((self.at.0, self.at.1 + 1)) {
                Some(next) => self.at = next,
                None => return false,
            },
            _ => {}
        }
        true
    }

    fn prompt(&self, page: &Page) -> String {
        self.time.as_ref().map_or_else(|| steps::keys(page), |typed| steps::time(typed, page))
    }
}

/// Where steps are shown.
struct Sheet<'a> {
    term: &'a Term,
    /// None where one step follows the other.
    in_place: Option<RedrawnText>,
    /// The size of its place when something was shown last,
    size: Option<(usize, usize)>,
    /// the first row of the source that was.
    top: usize,
    /// and all of it: a step, and what was asked below it.
    shown: (String, String),
}

impl<'a> Sheet<'a> {
    fn on(term: &'a Arc<Term>) -> Self {
        Sheet { term, in_place: RedrawnText::on(term), size: None, top: 0, shown: Default::default() }
    }

    fn show(&mut self, walk: &Walk<'_>) {
        let (step, page) = self.step(walk);
        let prompt = walk.prompt(&page);
        match &self.in_place {
            Some(in_place) => in_place.show(&format!("{step}{prompt}")),
            None => self.term.note(&self.news(&step, &prompt)),
        }
        self.shown = (step, prompt);
    }

    /// Whether the place is as large as it was.
    fn fits(&self) -> bool {
        self.in_place.as_ref().map(RedrawnText::size) == self.size
    }

    /// Whatever was shown last is not where it was any more.
    fn begin_anew(&mut self) {
        self.shown = Default::default();
        if let Some(in_place) = &self.in_place {
            in_place.begin_anew();
        }
    }

    /// What to write below what was shown last, so that it can be read on.
    fn news(&self, step: &str, prompt: &str) -> String {
        let (last_step, last_prompt) = &self.shown;
        let gap = if last_step.is_empty() { "" } else { "\n\n" };
        match prompt.strip_prefix(last_prompt) {
            _ if step != last_step => format!("{gap}{step}{prompt}"),
            Some(more) => more.to_owned(),
            None => format!("\n{prompt}"),
        }
    }

    /// Leaves the last step standing.
    fn leave(mut self, walk: &Walk<'_>) {
        let (step, _) = self.step(walk);
        match self.in_place.take() {
            Some(in_place) => {
                drop(in_place);
                self.term.note(&format!("{step}\n"));
            }
            None => self.term.note("\n\n"),
        }
    }

    /// The step that `walk` is at, and the page that it is drawn on: with as much of the source as there is room for.
    fn step(&mut self, walk: &Walk<'_>) -> (String, Page) {
        self.size = self.in_place.as_ref().map(RedrawnText::size);
        let page = self.term.error_page;
        let page = Page { width: self.size.map_or(page.width, |(columns, _)| columns.max(*WIDTHS.start())), ..page };
        let (heading, text) = (walk.path.heading(walk.at.0, &page), walk.path.text(walk.at, &page));
        let Some(source) = walk.path.source(walk.at, &page) else { return (format!("{heading}\n{text}\n"), page) };
        let Some((_, rows)) = self.size else { return (format!("{heading}{}\n{text}", source.whole()), page) };
        // Between code and text and before the keys, a row is left empty.
        let others = [&heading, &text, &walk.prompt(&page)].iter().map(|text| text.lines().count()).sum::<usize>() + 2;
        let (code, top) = source.part(rows.saturating_sub(others), self.top);
        self.top = top;
        (format!("{heading}{code}\n{text}\n"), page)
    }
}
