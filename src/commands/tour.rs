//! `asyncguide tour`: all lessons in order, with a pause after each, to be left and taken up again at any time.
//!
//! What was done is kept as soon as it is done, so that nothing is lost however the tour ends. Each stop is a run like
//! that of `lesson`: see `run.rs`. Read `progress.rs` for what is kept.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::args::{LessonOptions, lesson_names};
use crate::lesson::Lesson;
use crate::page::Role;
use crate::render::text::question;
use crate::render::{FORMATS, paragraph};
use crate::run::console::Console;
use crate::run::plan::{Plan, Request, find};
use crate::run::progress::{Guess, Progress, Store};
use crate::run::{Context, Failure, Position, run};
use crate::term::Term;
use crate::trace::Clock;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
AT A PAUSE:
  Enter goes on   b goes back   r runs the lesson again   q stops

EXAMPLES:
  asyncguide tour
  asyncguide tour --fresh --from files";

#[derive(Args, Debug)]
pub(super) struct TourArgs {
    /// Begin at this lesson [default: where the tour was left]
    #[arg(long, value_name = "NAME", value_parser = lesson_names(), hide_possible_values = true)]
    pub(super) from: Option<String>,
    /// Forget what was done and guessed so far
    #[arg(long)]
    pub(super) fresh: bool,
    #[command(flatten)]
    pub(super) options: LessonOptions,
}

impl TourArgs {
    /// Returns the request for a lesson of the tour: its own inputs, printed as text.
    fn request(&self) -> Request {
        Request {
            tasks: None,
            delay: self.options.delay,
            limit: None,
            clock: Clock::Real,
            view: self.options.by.into(),
            predict: self.options.predict(),
            format: &FORMATS[0],
            step: false,
            serve: None,
        }
    }
}

/// Walks the syllabus.
pub(super) fn tour(syllabus: &[&'static Lesson], args: &TourArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let from = args.from.as_ref().map(|name| find(syllabus, name)).transpose()?;
    let console = Console::open(true, term)?;
    let mut tour = Tour { syllabus, args, term, console, store: Store::find(), progress: Progress::default() };
    tour.recall();
    let mut index = from.map_or_else(|| tour.resume(), |(index, _)| index);
    let mut failed = false;
    loop {
        failed |= tour.stop(index)?;
        let next = tour.pause(index)?;
        match next {
            Some(next) if tour.console.interrupted.is_none() => index = next,
            _ => return Ok(tour.console.exit_code(failed)),
        }
    }
}

struct Tour<'a> {
    syllabus: &'a [&'static Lesson],
    args: &'a TourArgs,
    term: &'a Arc<Term>,
    console: Console,
    /// None if nothing can be kept.
    store: Option<Store>,
    progress: Progress,
}

impl Tour<'_> {
    /// Takes up what was kept. What cannot be read is set aside, with a warning: it may be dear to somebody.
    fn recall(&mut self) {
        let Some(store) = &self.store else {
            return self.term.warn("there is no folder to keep in how far the tour gets");
        };
        let unreadable = match store.read() {
            Ok(_) if self.args.fresh => return,
            Ok(progress) => {
                self.progress = progress;
                return;
            }
            Err(error) => error,
        };
        match store.set_aside() {
            Ok(aside) => self.term.warn(&format!("{unreadable:#}; it is now {}", aside.display())),
            Err(error) => {
                self.term.warn(&format!("{unreadable:#}; {error:#}, so nothing will be kept"));
                self.store = None;
            }
        }
    }

    /// Where the tour was left, and a word about that: where it was going, or else the first lesson not done.
    fn resume(&self) -> usize {
        let called = |name: &String| self.syllabus.iter().position(|lesson| lesson.name == name);
        let open = || self.syllabus.iter().position(|lesson| !self.progress.done.contains_key(lesson.name));
        let index = self.progress.next.as_ref().and_then(called).or_else(open);
        if let Some(index @ 1..) = index {
            let (name, of) = (self.syllabus[index].name, self.syllabus.len());
            self.say(&format!("The tour goes on with {name}, {} of {of}; --fresh begins anew.", index + 1));
        }
        if index.is_none() {
            self.say("You have seen all lessons; here they are again. --fresh forgets what you guessed.");
        }
        index.unwrap_or(0)
    }

    /// Runs one lesson and keeps that it was done: whether it failed.
    fn stop(&mut self, index: usize) -> Result<bool, Failure> {
        let lesson = self.syllabus[index];
        self.keep(Some(lesson));
        let plan = Plan::make(lesson, self.args.request(), self.term)?;
        let position = Position { index, of: self.syllabus.len() };
        let context = Context { position, next: None, targets: &[], term: self.term };
        let ran = run(&plan, &context, &mut self.console)?;
        if self.console.interrupted.is_none() {
            let guessed = ran.guess.and_then(|guess| lesson.question.choices.get(guess));
            let guess = guessed.map(|choice| if choice.wrong.is_none() { Guess::Right } else { Guess::Wrong });
            let known = self.progress.done.entry(lesson.name.to_owned()).or_insert(Guess::None);
            *known = guess.unwrap_or(*known);
            self.keep(self.syllabus.get(index + 1).copied());
        }
        Ok(ran.failed)
    }

    /// Waits until somebody says how to go on: the next lesson's index, or none to stop. Where nobody is there to
    /// say it, the tour goes on.
    fn pause(&mut self, index: usize) -> Result<Option<usize>, Failure> {
        let following = Some(index + 1).filter(|next| *next < self.syllabus.len());
        let previous = index.checked_sub(1);
        if !self.term.asks || self.console.interrupted.is_some() {
            return Ok(following);
        }
        let lesson = |index: Option<usize>| index.map(|index| self.syllabus[index]);
        let prompt = question::pause(lesson(previous), lesson(following), &self.term.error_page);
        loop {
            // Whoever pressed Enter while the lesson ran did not mean this question.
            self.console.lines.forget();
            match self.console.ask(&prompt, self.term)?.as_deref().map(str::trim) {
                Some("") => return Ok(following),
                Some("r") => return Ok(Some(index)),
                Some("b") if previous.is_some() => return Ok(previous),
                Some("q") | None => break,
                Some(_) => {}
            }
        }
        if let Some(next) = lesson(following) {
            self.say(&format!("asyncguide tour goes on with {} another time.", next.name));
        }
        Ok(None)
    }

    /// Keeps what was done so far, and which lesson comes next.
    fn keep(&mut self, next: Option<&Lesson>) {
        self.progress.next = next.map(|lesson| lesson.name.to_owned());
        let kept = self.store.as_ref().map_or(Ok(()), |store| store.write(&self.progress));
        if let Err(error) = kept {
            self.term.warn(&format!("{error:#}, so nothing will be kept"));
            self.store = None;
        }
    }

    fn say(&self, text: &str) {
        let page = &self.term.error_page;
        self.term.note(&format!("{}\n", page.paint(Role::Dim, paragraph(page, "  ", text))));
    }
}
