//! `asyncguide tour`: runs all lessons in order, with a pause after each. It can be left and continued at any time.
//!
//! Progress is saved after every lesson, so that none is lost however the tour ends. Each lesson runs as it does under
//! `asyncguide lesson`: see [`crate::run`](mod@crate::run). [`crate::run::progress`] has the file that the progress is saved in.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::args::{CodeLang, LessonOptions};
use super::names::lesson_names;
use crate::lesson::Lesson;
use crate::render::text::question;
use crate::render::{FORMATS, paragraph};
use crate::run::console::Console;
use crate::run::plan::{Plan, Request, find};
use crate::run::progress::{Guess, Progress};
use crate::run::store::Store;
use crate::run::{Context, Failure, Position, RunOutcome, run, trust};
use crate::style::Role;
use crate::term::Term;
use crate::trace::Clock;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
KEYS BETWEEN LESSONS:
  Enter goes on   b goes back   r runs the lesson again   q stops

EXAMPLES:
  asyncguide tour
  asyncguide tour --fresh --from files";

#[derive(Args, Debug)]
pub(super) struct TourArgs {
    /// Begin with this lesson [default: the one at which the tour was left]
    #[arg(long, value_name = "NAME", value_parser = lesson_names(), hide_possible_values = true)]
    pub(super) from: Option<String>,
    /// Forget which lessons were done and what was guessed
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
            lanes: self.options.lanes,
            python: self.options.lang == CodeLang::Python,
            twin: false,
            pauses: !self.options.no_pause,
            predict: self.options.predict(),
            format: &FORMATS[0],
            step: false,
            serve: None,
        }
    }
}

/// Runs the lessons of `syllabus` from where the tour was left, until the last one or until the user stops.
///
/// # Errors
/// Returns an error if a lesson cannot be run or standard output cannot be written to.
pub(super) fn tour(syllabus: &[&'static Lesson], args: &TourArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let from = args.from.as_ref().map(|name| find(syllabus, name)).transpose()?;
    let console = Console::open(true, term)?;
    let mut tour =
        Tour { syllabus, args, term, console, store: None, fresh: args.fresh, progress: Progress::default() };
    // Without a terminal, the learner may not have seen the lessons, so nothing is marked as seen.
    if term.asks {
        tour.store = Store::find();
        tour.load_progress();
    }
    let index = match from {
        Some((index, _)) => index,
        None => tour.first_lesson(),
    };
    let failed = tour.walk_from(index)?;
    tour.console.check_input()?;
    Ok(tour.console.exit_code(failed))
}

/// How the tour goes on after a lesson.
enum Pause {
    /// With the lesson of this index.
    GoTo(usize),
    /// It was stopped.
    Stop,
    /// That was the last lesson.
    End,
}

/// A tour under way.
struct Tour<'a> {
    syllabus: &'a [&'static Lesson],
    args: &'a TourArgs,
    term: &'a Arc<Term>,
    console: Console,
    /// The file that holds the progress. `None` if the progress is not saved: the tour runs without a terminal, or no file
    /// can be written.
    store: Option<Store<Progress>>,
    /// Whether the next progress that is saved begins anew.
    fresh: bool,
    progress: Progress,
}

impl Tour<'_> {
    /// Runs the lessons from the one at `index`. Returns whether one of them failed.
    fn walk_from(&mut self, mut index: usize) -> Result<bool, Failure> {
        let mut failed = false;
        loop {
            let outcome = self.run_lesson(index)?;
            if outcome.stopped {
                self.say_where_it_goes_on(self.syllabus[index]);
                return Ok(failed);
            }
            failed |= outcome.failed;
            let next = self.pause(index)?;
            let interrupted = self.console.interrupted.is_some();
            match next {
                Pause::GoTo(next) if !interrupted => index = next,
                Pause::GoTo(_) | Pause::Stop => return Ok(failed),
                Pause::End => {
                    if self.term.asks && !interrupted {
                        self.say_what_was_learned();
                    }
                    return Ok(failed);
                }
            }
        }
    }

    /// Loads the progress, unless `--fresh` was given. A file that cannot be read is renamed, not overwritten, with a
    /// warning: it may hold something that the user wants back.
    fn load_progress(&mut self) {
        let Some(store) = &self.store else {
            return self.term.warn("there is no folder for the progress of the tour, so it will not be saved");
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
                self.term.warn(&format!("{unreadable:#}; {error:#}, so the progress of the tour will not be saved"));
                self.store = None;
            }
        }
    }

    /// Returns the index of the lesson to begin with, and tells the user where the tour continues.
    ///
    /// That is the lesson the tour was left at, or else the first one that was not done, or else the first.
    fn first_lesson(&self) -> usize {
        let left_at = self.progress.next.as_ref();
        let left_at = left_at.and_then(|name| self.syllabus.iter().position(|lesson| lesson.name == name));
        let is_open = |lesson: &&Lesson| !self.progress.done.contains_key(lesson.name);
        match left_at.or_else(|| self.syllabus.iter().position(is_open)) {
            Some(0) => 0,
            Some(index) => {
                let name = self.syllabus[index].name;
                let of = self.syllabus.len();
                self.say(&format!("The tour goes on with {name}, {} of {of}; --fresh begins anew.", index + 1));
                index
            }
            None => {
                self.say("You have seen all lessons; here they are again. --fresh forgets what you guessed.");
                0
            }
        }
    }

    /// Runs one lesson and saves that it was done, unless it was interrupted or the user stopped at its question.
    fn run_lesson(&mut self, index: usize) -> Result<RunOutcome, Failure> {
        let lesson = self.syllabus[index];
        self.save(Some(lesson), None);
        let plan = Plan::make(lesson, self.args.request(), self.term)?;
        if let Err(refused) = trust::ensure(&plan, false, self.term, &mut self.console) {
            self.term.warn(&format!("{refused}; the tour goes on without it"));
            return Ok(RunOutcome { guess: None, failed: false, stopped: self.console.interrupted.is_some() });
        }
        let position = Some(Position { index, of: self.syllabus.len() });
        let context = Context { position, next: None, targets: &[], term: self.term };
        let outcome = run(&plan, &context, &mut self.console)?;
        if self.console.interrupted.is_none() && !outcome.stopped {
            let choice = outcome.guess.and_then(|guess| lesson.question.choices.get(guess));
            let guess = match choice {
                None => Guess::Skipped,
                Some(choice) if choice.wrong.is_none() => Guess::Right,
                Some(_) => Guess::Wrong,
            };
            self.save(self.syllabus.get(index + 1).copied(), Some((lesson, guess)));
        }
        Ok(outcome)
    }

    /// Asks the user how to go on after the lesson at `index`. Off a terminal, nothing is asked and the tour goes on.
    fn pause(&mut self, index: usize) -> Result<Pause, Failure> {
        let following = Some(index + 1).filter(|next| *next < self.syllabus.len());
        let previous = index.checked_sub(1);
        let on = following.map_or(Pause::End, Pause::GoTo);
        if !self.term.asks || self.console.interrupted.is_some() {
            return Ok(on);
        }
        let lesson = |index: Option<usize>| index.map(|index| self.syllabus[index]);
        let prompt = question::pause(lesson(previous), lesson(following), &self.term.error_style);
        loop {
            // An Enter that was pressed while the lesson ran does not answer this question.
            self.console.forget_typed()?;
            match self.console.ask(&prompt, self.term)?.as_deref().map(str::trim) {
                Some("") => return Ok(on),
                Some("r") => return Ok(Pause::GoTo(index)),
                Some("b") => {
                    if let Some(previous) = previous {
                        return Ok(Pause::GoTo(previous));
                    }
                }
                Some("q") | None => break,
                Some(_) => {}
            }
        }
        if let Some(next) = lesson(following) {
            self.say_where_it_goes_on(next);
        }
        Ok(Pause::Stop)
    }

    /// Says how many lessons were done and guessed right, which ones are worth another look, and what comes next.
    fn say_what_was_learned(&self) {
        let guess = |lesson: &&Lesson| self.progress.done.get(lesson.name).copied();
        let lessons = || self.syllabus.iter().copied();
        let done = lessons().filter(|lesson| guess(lesson).is_some()).count();
        let right = lessons().filter(|lesson| guess(lesson) == Some(Guess::Right)).count();
        let wrong: Vec<&str> =
            lessons().filter(|lesson| guess(lesson) == Some(Guess::Wrong)).map(|lesson| lesson.name).collect();
        let program = self.term.invocation;
        let all = self.syllabus.len();
        let mut said = vec![format!("You have done {done} of {all} lessons, and guessed {right} right.")];
        if let Some(first) = wrong.first() {
            said.push(format!("Worth another look: {}. Run one again: {program} lesson {first}", wrong.join(", ")));
        }
        if let Some(lesson) = lessons().find(|lesson| lesson.takes.tasks.is_some()) {
            said.push(format!("Change a number: {program} lesson {} --tasks 1000", lesson.name));
        }
        said.push(format!("Compare timings: {program} compare"));
        said.push("Record code of your own: see “Your own program” in the README.".to_owned());
        let style = &self.term.error_style;
        let text: String = said.iter().map(|said| paragraph(style, "  ", said)).collect();
        self.term.note(&text);
    }

    fn say_where_it_goes_on(&self, next: &Lesson) {
        self.say(&format!("{} tour goes on with {} another time.", self.term.invocation, next.name));
    }

    /// Saves the progress with `next` as the lesson to continue with, and the lesson that was `done`. After a failure, a
    /// warning says that nothing more will be saved.
    fn save(&mut self, next: Option<&Lesson>, done: Option<(&Lesson, Guess)>) {
        let fresh = std::mem::take(&mut self.fresh);
        let change = |progress: &mut Progress| {
            if fresh {
                let passed = std::mem::take(&mut progress.passed);
                *progress = Progress::default();
                progress.passed = passed;
            }
            progress.next = next.map(|lesson| lesson.name.to_owned());
            if let Some((lesson, guess)) = done {
                let kept = progress.done.entry(lesson.name.to_owned()).or_insert(guess);
                // A lesson that is done again without a guess keeps the earlier guess.
                if guess != Guess::Skipped {
                    *kept = guess;
                }
            }
        };
        let Some(store) = &self.store else { return change(&mut self.progress) };
        match store.update(change) {
            Ok(progress) => self.progress = progress,
            Err(error) => {
                self.term.warn(&format!("{error:#}, so the progress of the tour will not be saved"));
                self.store = None;
            }
        }
    }

    fn say(&self, text: &str) {
        let style = &self.term.error_style;
        self.term.note(&format!("{}\n", style.paint(Role::Dim, paragraph(style, "  ", text))));
    }
}
