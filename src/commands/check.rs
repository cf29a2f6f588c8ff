//! `asyncguide check DIR`: proves a lesson's folder, and says what is wrong with it, line by line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::folders::language;
use crate::chart::{Lanes, View};
use crate::lesson::folder::{self, Fault, Folder, Setting};
use crate::lesson::{Lesson, Program};
use crate::render::{FORMATS, paragraph};
use crate::run::console::Console;
use crate::run::plan::{Plan, Request};
use crate::run::proof::{RUNS, Stage, prove};
use crate::run::{Failure, trust};
use crate::style::Role;
use crate::term::Term;
use crate::trace::Clock;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
WHAT IS CHECKED:
  lesson.toml and README.md are whole: sections, one right choice, a belief and
  a place for each wrong one. Each claim holds in three runs and beside two busy
  threads, and fails for what the folder names as its counter.

EXIT CODES:
  0 all is right   1 something is wrong, a line each: lesson.toml:12:9: ...
  2 the folder cannot be read, or its programs may not run   130 interrupted

EXAMPLES:
  asyncguide new lesson my-lesson && asyncguide check my-lesson";

/// How often the folder is looked at for changes.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// The folder of the lesson
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Check again whenever a file of the folder changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
    /// Run the folder's programs without asking
    #[arg(long)]
    pub(super) trust: bool,
}

/// Checks the folder, once or again and again. Returns the exit code.
///
/// # Errors
/// A usage error if the folder cannot be read or its programs may not run; an error if one cannot be started.
pub(super) fn check(built_in: &[&'static Lesson], args: &CheckArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let mut console = Console::open(term.asks, term)?;
    let mut may_run = args.trust;
    loop {
        let before = folder::digest(&args.folder);
        let is_right = check_once(built_in, args, &mut may_run, term, &mut console)?;
        if !args.watch || console.interrupted.is_some() {
            return Ok(console.exit_code(!is_right));
        }
        term.note(&paragraph(&term.error_style, "", "Waiting for a file to change; Ctrl-C ends."));
        while folder::digest(&args.folder) == before {
            console.next_event_within(PAUSE)?;
            if console.interrupted.is_some() {
                return Ok(console.exit_code(!is_right));
            }
        }
        // An editor may still be writing.
        console.next_event_within(PAUSE)?;
        term.note("\n");
    }
}

/// Checks the folder once and prints what is wrong. Returns whether nothing is. It is asked whether its programs may run
/// unless they `may_run`; a yes holds until the command ends.
fn check_once(
    built_in: &[&'static Lesson],
    args: &CheckArgs,
    may_run: &mut bool,
    term: &Arc<Term>,
    console: &mut Console,
) -> Result<bool, Failure> {
    let language = language();
    let setting = Setting { language: language.as_deref(), built_in };
    let folder = match folder::load(&args.folder, setting) {
        Ok(folder) => folder,
        Err(faults) => {
            if let [Fault { file, message, .. }] = &faults[..]
                && file.is_empty()
            {
                return Err(Failure::Usage(format!("cannot check {}: {message}", args.folder.display())));
            }
            print_faults(&faults, term)?;
            return Ok(false);
        }
    };
    if folder.is_translation {
        let right = format!("{} is right: it has all texts of {}.", args.folder.display(), folder.lesson.name);
        term.print(&paragraph(&term.style, "", &right)).map_err(Failure::Stdout)?;
        return Ok(true);
    }
    let plan = Plan::make(folder.lesson, request(), term)?;
    let counters: Vec<&'static Program> =
        folder.claims.iter().filter_map(|claim| claim.counter.as_ref()?.1.work.program()).collect();
    if *may_run {
        trust::remember(folder.lesson, term);
    } else if trust::must_ask(folder.lesson, term) {
        if !folder.remarks.is_empty() {
            // These can be told without running anything.
            print_faults(&folder.remarks, term)?;
            return Ok(false);
        }
        trust::ask(folder.lesson, &counters, plan.given, term, console)?;
        *may_run = true;
    }
    let tell = |stage: Stage| {
        if term.live {
            let what = match stage {
                Stage::Run(number) => format!("Run {number} of {RUNS} …\n"),
                Stage::Counters => "What must make claims fail …\n".to_owned(),
                Stage::Busy => "A run beside two busy threads …\n".to_owned(),
            };
            term.note(&term.error_style.paint(Role::Dim, what));
        }
    };
    let Some(mut faults) = prove(&folder, &plan, console, tell)? else { return Ok(false) };
    faults.extend(folder.remarks.iter().cloned());
    faults.sort();
    faults.dedup();
    if faults.is_empty() {
        print_success(&folder, &args.folder, term)?;
        return Ok(true);
    }
    print_faults(&faults, term)?;
    Ok(false)
}

/// Prints a line for each fault, and how many there are.
fn print_faults(faults: &[Fault], term: &Term) -> Result<(), Failure> {
    let style = &term.style;
    let mut text: String = faults.iter().map(|fault| format!("{}\n", style.line(&fault.to_string()))).collect();
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    text += &format!("{}\n", style.paint(Role::Bad, count));
    term.print(&text).map_err(Failure::Stdout)
}

/// Prints what was proved.
fn print_success(folder: &Folder, path: &Path, term: &Term) -> Result<(), Failure> {
    let style = &term.style;
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let lesson = folder.lesson;
    let proved = format!(
        "{} is right: {}, {}. Each claim held in {RUNS} runs and beside busy threads, and failed for its counter.",
        path.display(),
        count(lesson.scenes.len(), "scene"),
        count(lesson.claims.len(), "claim"),
    );
    term.print(&style.paint(Role::Good, paragraph(style, "", &proved))).map_err(Failure::Stdout)
}

/// Returns the request for a run that is checked: with the lesson's own inputs, and nothing that is shown.
fn request() -> Request {
    Request {
        tasks: None,
        delay: None,
        limit: None,
        clock: Clock::Real,
        view: View::Task,
        lanes: Lanes::FOLDED,
        python: false,
        twin: false,
        pauses: false,
        predict: Some(false),
        format: &FORMATS[0],
        step: false,
        serve: None,
    }
}
