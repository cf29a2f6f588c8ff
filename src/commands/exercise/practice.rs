//! The loop of an exercise: each time the file is saved, it is judged; keys ask for a hint, the solution and so on.
//!
//! The file is noticed by looking at its content again and again, because editors rename, and file systems of containers
//! and other machines tell nothing. It is judged once it has been quiet for a moment.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::own_file::OwnFile;
use super::screen;
use crate::exercise::{Exercise, Judge, Judgement, Ruling, Sheet};
use crate::render::paragraph;
use crate::run::Failure;
use crate::run::console::{Console, ConsoleEvent};
use crate::run::progress::Progress;
use crate::run::store::Store;
use crate::style::Role;
use crate::term::Term;
use crate::term::keys::{self, Key, Keys, pressed};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// For how long the file must stay the same before it is judged: an editor may write it in pieces.
const QUIET: Duration = Duration::from_millis(150);
/// Rows below a verdict: an empty one, and the prompt.
const PROMPT_ROWS: usize = 3;

/// The prompt, and what it is where there is less room.
const PROMPTS: [&str; 3] = [
    "h: hint  s: solution  r: begin anew  n: next  o: open in editor  q: stop",
    "h: hint  s: solution  n: next  q: stop  ?: keys",
    "h: hint  n: next  q: stop  ?: keys",
];
const HELP: &str = "h shows a hint: there are three. s shows a solution, before you have passed if you press it twice. r begins \
                    anew and keeps the old file. n goes on to the next exercise. o opens the file in $EDITOR. q stops.";

/// What the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Hint,
    Solution,
    Reset,
    Next,
    Open,
    Help,
    Stop,
}

/// An exercise under way.
pub(super) struct Practice<'a> {
    exercises: &'static [Exercise],
    /// The exercise that is shown.
    index: usize,
    python: PathBuf,
    term: &'a Arc<Term>,
    console: Console,
    /// What makes keys arrive at once, where that is possible.
    keys: Option<Keys>,
    /// What was typed while a file was judged.
    typed: Vec<String>,
    /// Whether the solution of this exercise was asked for.
    asked_for_solution: bool,
    /// How many hints of this exercise were shown.
    hints: usize,
    /// Whether a verdict on this exercise was shown.
    has_verdict: bool,
    /// What will judge the file when it is saved next.
    ready: Option<Judge>,
}

/// What is known of the file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Its content, or why it has none.
    content: Option<Result<Vec<u8>, String>>,
}

impl<'a> Practice<'a> {
    /// Begins with the exercise of this index.
    pub(super) fn new(
        exercises: &'static [Exercise],
        index: usize,
        python: PathBuf,
        term: &'a Arc<Term>,
        console: Console,
    ) -> Self {
        let keys = console.keys();
        Practice {
            exercises,
            index,
            python,
            term,
            console,
            keys,
            typed: Vec::new(),
            asked_for_solution: false,
            hints: 0,
            has_verdict: false,
            ready: None,
        }
    }

    /// Shows the exercise, and those that the user goes on to, until the user stops.
    ///
    /// # Errors
    /// If a file cannot be written, Python cannot be started, or standard output takes no more.
    pub(super) fn run(mut self) -> Result<ExitCode, Failure> {
        while let Some(next) = self.practise()? {
            self.index = next;
            self.dismiss_judge();
        }
        self.dismiss_judge();
        Ok(self.console.exit_code(false))
    }

    /// Ends the judge of an exercise that is over.
    fn dismiss_judge(&mut self) {
        if let Some(ready) = self.ready.take() {
            ready.dismiss();
        }
    }

    fn exercise(&self) -> &'static Exercise {
        &self.exercises[self.index]
    }

    /// Shows one exercise. Returns the index of the one to go on with; `None` if the user stops.
    fn practise(&mut self) -> Result<Option<usize>, Failure> {
        let exercise = self.exercise();
        let sheet = Sheet::of(exercise)?;
        let file = OwnFile::of(exercise);
        self.hints = 0;
        self.asked_for_solution = false;
        self.has_verdict = false;
        self.ready = Some(Judge::start(exercise, &self.python, file.path())?);
        self.begin(&sheet, &file)?;
        let mut judged = Seen::default();
        let mut changed: Option<(Seen, Instant)> = None;
        let mut passed = false;
        loop {
            let now = Seen { content: Some(file.read()) };
            if now == judged {
                changed = None;
            } else if changed.as_ref().is_none_or(|(seen, _)| *seen != now) {
                changed = Some((now, Instant::now()));
            } else if changed.as_ref().is_some_and(|(_, since)| since.elapsed() >= QUIET || judged.content.is_none()) {
                judged = now;
                changed = None;
                passed = self.show_verdict(&sheet, &file, &judged)? || passed;
            }
            match self.wish()? {
                None => {}
                Some(Wish::Stop) => {
                    self.erase();
                    return Ok(None);
                }
                Some(Wish::Next) => match self.following() {
                    Some(next) => {
                        self.erase();
                        return Ok(Some(next));
                    }
                    None => self.say("This is the last exercise."),
                },
                Some(Wish::Hint) => self.show_hint(&sheet)?,
                Some(Wish::Solution) => self.show_solution(passed)?,
                Some(Wish::Reset) => {
                    self.reset(&file)?;
                    judged = Seen::default();
                    changed = None;
                }
                Some(Wish::Open) => self.open(&file),
                Some(Wish::Help) => self.say(HELP),
            }
        }
    }

    /// Says what is to be done, and writes the file unless it is there.
    fn begin(&mut self, sheet: &Sheet, file: &OwnFile) -> Result<(), Failure> {
        let exercise = self.exercise();
        let written = file.write_new(exercise.starter).map_err(Failure::Usage)?;
        let position = (self.index, self.exercises.len());
        let text = screen::introduction(exercise, sheet, position, written, &self.term.style);
        let saved = paragraph(&self.term.style, "  ", "Each time you save it, it is judged.");
        self.term.print(&format!("\n{text}{saved}\n")).map_err(Failure::Stdout)
    }

    /// Judges the file and shows the verdict. Returns whether it has passed.
    fn show_verdict(&mut self, sheet: &Sheet, file: &OwnFile, seen: &Seen) -> Result<bool, Failure> {
        let exercise = self.exercise();
        self.erase();
        if let Some(Err(missing)) = &seen.content {
            self.say(&format!("Not yet: {missing}. Save it again, or press r to begin anew."));
            return Ok(false);
        }
        let style = &self.term.error_style;
        let judging = style.paint(Role::Dim, format!("  {} is being judged", exercise.file()));
        self.term.note(&judging);
        let judged = self.judge(sheet, file, seen)?;
        self.erase();
        let Some(judgement) = judged else { return Ok(false) };
        let (_, rows) = self.term.live_size();
        let style = &self.term.style;
        let heading = screen::heading(exercise, sheet, (self.index, self.exercises.len()), style);
        let room = rows.saturating_sub(PROMPT_ROWS + heading.lines().count());
        let verdict = screen::verdict(exercise, sheet, &judgement, style, room);
        // The first one stands below what is to be done.
        let heading = if self.has_verdict { heading } else { String::new() };
        if self.has_verdict && self.term.moves && self.term.reads_on_screen {
            self.term.draw("\u{1b}[H\u{1b}[2J");
        }
        self.has_verdict = true;
        self.term.print(&format!("{heading}{verdict}\n")).map_err(Failure::Stdout)?;
        let passed = judgement.ruling == Ruling::Passed;
        if passed {
            self.save_passed();
        }
        self.prompt();
        self.ready = Some(Judge::start(exercise, &self.python, file.path())?);
        Ok(passed)
    }

    /// Judges the file; `None` if it is saved again meanwhile, or the user interrupts.
    fn judge(&mut self, sheet: &Sheet, file: &OwnFile, seen: &Seen) -> Result<Option<Judgement>, Failure> {
        let exercise = self.exercise();
        let (console, typed) = (&mut self.console, &mut self.typed);
        console.listen()?;
        let mut is_unwanted = || {
            match console.next_event_within(Duration::ZERO) {
                Ok(Some(ConsoleEvent::Typed(text))) => typed.push(text),
                Ok(Some(ConsoleEvent::SceneEnded) | None) => {}
                Ok(Some(ConsoleEvent::Signal(_) | ConsoleEvent::EndOfInput)) | Err(_) => return true,
            }
            let stops = |text: &String| pressed(text).iter().any(|key| wish(*key) == Some(Wish::Stop));
            typed.iter().any(stops) || Some(file.read()) != seen.content
        };
        let ready = match self.ready.take() {
            Some(ready) => ready,
            None => Judge::start(exercise, &self.python, file.path())?,
        };
        Ok(ready.judge(sheet, &mut is_unwanted)?)
    }

    /// Waits a moment for what the user wants.
    fn wish(&mut self) -> Result<Option<Wish>, Failure> {
        if self.console.interrupted.is_some() {
            return Ok(Some(Wish::Stop));
        }
        if !self.typed.is_empty() {
            let typed = self.typed.remove(0);
            return Ok(pressed(&typed).first().and_then(|key| wish(*key)));
        }
        self.console.listen()?;
        let event = match self.console.next_event_within(LOOK)? {
            Some(event) => event,
            None => {
                // A shell has changed the terminal's mode, as it does between Ctrl-Z and `fg`.
                if self.keys.as_ref().is_some_and(Keys::were_lost) {
                    self.prompt();
                }
                return Ok(None);
            }
        };
        Ok(match event {
            ConsoleEvent::Typed(typed) => pressed(&typed).first().and_then(|key| wish(*key)),
            ConsoleEvent::EndOfInput | ConsoleEvent::Signal(_) => Some(Wish::Stop),
            ConsoleEvent::SceneEnded => None,
        })
    }

    /// Returns the index of the exercise after this one.
    fn following(&self) -> Option<usize> {
        Some(self.index + 1).filter(|next| *next < self.exercises.len())
    }

    fn show_hint(&mut self, sheet: &Sheet) -> Result<(), Failure> {
        let number = self.hints.min(sheet.hints.len() - 1);
        self.hints += 1;
        self.show(&screen::hint(sheet, number, &self.term.style))
    }

    /// Shows the solution to those who have passed, or who ask twice.
    fn show_solution(&mut self, passed: bool) -> Result<(), Failure> {
        if passed || self.asked_for_solution {
            return self.show(&screen::solution(self.exercise(), &self.term.style));
        }
        self.asked_for_solution = true;
        self.say("You learn more if you find it. Press s again to see a solution all the same.");
        Ok(())
    }

    /// Writes the starter again. The file that is there is kept under another name.
    fn reset(&mut self, file: &OwnFile) -> Result<(), Failure> {
        let kept = file.set_aside().map_err(Failure::Usage)?;
        file.write_new(self.exercise().starter).map_err(Failure::Usage)?;
        if let Some(kept) = kept {
            self.say(&format!("Begun anew. What you had is now {}.", kept.display()));
            // The next verdict is shown below that.
            self.has_verdict = false;
        }
        Ok(())
    }

    /// Opens the file in the user's editor, and waits until that has ended.
    fn open(&mut self, file: &OwnFile) {
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let Some(editor) = set("VISUAL").or_else(|| set("EDITOR")) else {
            return self.say(&format!("$EDITOR is not set. Open {} in your editor.", file.path().display()));
        };
        self.erase();
        let mut command = Command::new("sh");
        // The value may have arguments, as in “code --wait”.
        command.args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(file.path());
        // The editor gets the terminal as it was.
        self.keys = None;
        let ended = keys::lend(|| command.status());
        self.keys = self.console.keys();
        match ended {
            Ok(status) if status.success() => self.prompt(),
            Ok(status) => self.say(&format!("The editor ended with {status}.")),
            Err(error) => self.say(&format!("The editor cannot be started: {error}.")),
        }
    }

    /// Keeps it that the exercise was passed.
    fn save_passed(&self) {
        let name = self.exercise().name;
        let keep = |progress: &mut Progress| {
            progress.passed.insert(name.to_owned());
        };
        let saved = Store::find().map(|store| store.update(keep));
        if let Some(Err(error)) = saved {
            self.term.warn(&format!("{error:#}, so it is not kept that you passed"));
        }
    }

    /// Prints `text` above the prompt.
    fn show(&mut self, text: &str) -> Result<(), Failure> {
        self.erase();
        self.term.print(&format!("{text}\n")).map_err(Failure::Stdout)?;
        self.prompt();
        Ok(())
    }

    /// Says a sentence above the prompt.
    fn say(&mut self, sentence: &str) {
        self.erase();
        let text = paragraph(&self.term.error_style, "  ", sentence);
        self.term.note(&format!("{text}\n"));
        self.prompt();
    }

    fn prompt(&self) {
        let style = &self.term.error_style;
        let fits = |prompt: &&str| prompt.len() + 4 < style.width;
        let prompt = PROMPTS.into_iter().find(fits).unwrap_or("q: stop");
        self.term.note(&format!("  {} ", style.paint(Role::Strong, prompt)));
    }

    /// Erases the line of the prompt, or ends it where the cursor cannot be moved.
    fn erase(&self) {
        if self.term.moves { self.term.draw("\r\u{1b}[2K") } else { self.term.note("\n") }
    }
}

/// Returns what a key means.
fn wish(key: Key) -> Option<Wish> {
    match key {
        Key::Char('h') => Some(Wish::Hint),
        Key::Char('?') => Some(Wish::Help),
        Key::Char('s') => Some(Wish::Solution),
        Key::Char('r') => Some(Wish::Reset),
        Key::Char('n') => Some(Wish::Next),
        Key::Char('o') => Some(Wish::Open),
        Key::Char('q') | Key::End => Some(Wish::Stop),
        _ => None,
    }
}
