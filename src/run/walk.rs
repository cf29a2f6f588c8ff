//! A lesson as a walk on a terminal: one screen for each scene, with a pause after it, then the answer and the prose.
//!
//! Keys act at once where the terminal can do that; elsewhere each needs Enter. What a screen shows is decided in
//! `render/text/screens.rs`. Off a terminal, and with `--no-pause`, the report is printed whole instead.

use std::time::Duration;

use super::console::{Console, ConsoleEvent};
use super::plan::{PlannedScene, skipped};
use super::{Failure, Run, step, twin};
use crate::chart::Shown;
use crate::lesson::Language;
use crate::render::prose::code::{listing, python};
use crate::render::text::screens::Screen;
use crate::render::{Report, paragraph};
use crate::style::{Role, columns};
use crate::term::Term;
use crate::term::keys::{Key, Keys, pressed};
use crate::trace::{Nanos, SceneTrace, Trace};

/// How often the terminal's mode is looked at while a key is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Rows below a screen: an empty one, and the prompt.
const PROMPT_ROWS: usize = 2;

/// What the user wants at a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Next,
    Back,
    Again,
    Step,
    Python,
    Code,
    Help,
    Stop,
}

/// The keys of a pause after a scene, as a prompt and as its help.
const SCENE_KEYS: &str = "Enter: on  b: back  r: again  s: steps  p: Python  c: code  q: stop  ?: help";
/// The same where code is shown in Python.
const PYTHON_KEYS: &str = "Enter: on  b: back  r: again  s: steps  p: Rust  c: code  q: stop  ?: help";
/// The same where there is no other language.
const ONE_LANGUAGE_KEYS: &str = "Enter: on  b: back  r: again  s: steps  c: code  q: stop  ?: help";
const SCENE_HELP: &str = "Enter, Space, n or Right goes on. b or Left goes back to the scene before. r runs the scene again. s \
                          goes through what happened step by step. p shows Python in place of Rust, or Rust again. c shows \
                          the whole code. q stops the lesson. A lane waits when its task gave the thread back, it is ready \
                          when the task wants the thread, and it runs while the task holds the thread. It is blocked when \
                          the task holds the thread and sleeps in a call, and held when the task waits and its loop cannot look at timers and sockets, because a poll keeps the thread. Names in parentheses only help to show the others. While a scene runs, Space stops its picture, and starts it again.";
/// The keys of a pause between other screens.
const TEXT_KEYS: &str = "Enter: on  b: back  q: stop";
/// The keys of a pause between two screens of code.
const CODE_KEYS: &str = "Enter: on  q: stop";
/// The prompt where the terminal is too narrow for the others.
const NARROW_KEYS: &str = "Enter: on  q: stop  ?: help";

/// Runs the scenes with a pause after each. Returns whether the user stopped before the last one had been seen.
///
/// # Errors
/// As [`Run::scenes`].
pub(super) fn scenes(run: &mut Run<'_>) -> Result<bool, Failure> {
    let mut at = 0;
    let mut python = run.plan.request.python;
    // Keys are not echoed between the pauses either. What the user types for a scene must be.
    let _keys = if run.types_lines() { None } else { run.console.keys() };
    // Ctrl-C at the question runs nothing.
    let mut stopped = run.console.interrupted.is_some();
    while !stopped && show_screen(run, at, python)? {
        if run.console.interrupted.is_some() {
            stopped = true;
            continue;
        }
        match pause_after_scene(run, python)? {
            Wish::Next => at += 1,
            Wish::Back => at = at.saturating_sub(1),
            Wish::Again => forget(run, at),
            Wish::Python => python = !python,
            Wish::Step => step_through(run, at)?,
            Wish::Code => show_code(run, at, python)?,
            Wish::Help => {}
            Wish::Stop => stopped = true,
        }
    }
    let left_out = run.plan.scenes.iter().skip(run.trace.scenes.len());
    let reason = if run.console.interrupted.is_some() { "the run was interrupted" } else { "the lesson was stopped" };
    run.trace.skipped.extend(left_out.map(|planned| skipped(planned.scene, reason)));
    if run.plan.python.is_some() && !run.twin_ran {
        let missing = run.plan.lesson.missing_in_twin(&run.trace, reason);
        run.trace.skipped.extend(missing);
    }
    run.plan.lesson.check_claims(&mut run.trace);
    Ok(stopped || run.console.interrupted.is_some())
}

/// Shows the scene of this index: the lesson's own ones come first, then those of its twin. Runs what has not run yet.
/// Returns whether there is a scene of this index.
fn show_screen(run: &mut Run<'_>, at: usize, python: bool) -> Result<bool, Failure> {
    if let Some(planned) = run.plan.scenes.get(at) {
        show_scene(run, planned, at, screen(run.term, python))?;
        return Ok(true);
    }
    if !run.twin_ran {
        twin::run(run, "")?;
    }
    let Some(scene) = run.trace.scenes.get(at) else { return Ok(false) };
    show_twin(run, scene, screen(run.term, true))?;
    Ok(true)
}

/// Forgets the recording of the scene of this index, so that it runs again. The scenes of the twin run together.
fn forget(run: &mut Run<'_>, at: usize) {
    if at < run.plan.scenes.len() {
        run.trace.scenes.remove(at);
        return;
    }
    run.trace.scenes.truncate(run.plan.scenes.len());
    run.trace.skipped.retain(|skipped| skipped.language.is_none());
    run.twin_ran = false;
}

/// Shows what follows the scenes: the answer and the prose, with a pause after each screen but the last.
///
/// # Errors
/// If standard output takes no more, or the keyboard cannot be read.
pub(super) fn results(report: &Report<'_>, term: &Term, console: &mut Console) -> Result<bool, Failure> {
    let screen = screen(term, false);
    let mut screens = report.answer_screens(screen, &term.style);
    screens.extend(report.prose_screens(screen.rows, &term.style));
    let _keys = console.keys();
    let mut at = 0;
    while let Some(text) = screens.get(at) {
        term.print(&format!("{text}\n")).map_err(Failure::Stdout)?;
        if at + 1 == screens.len() {
            break;
        }
        match pause(console, term, TEXT_KEYS)? {
            Wish::Next => at += 1,
            Wish::Back => at = at.saturating_sub(1),
            Wish::Stop => return Ok(false),
            _ => {}
        }
    }
    Ok(true)
}

/// Pauses between two screens of code. Returns whether the user goes on.
fn goes_on(console: &mut Console, term: &Term) -> Result<bool, Failure> {
    loop {
        match pause(console, term, CODE_KEYS)? {
            Wish::Next => return Ok(true),
            Wish::Stop => return Ok(false),
            _ => {}
        }
    }
}

/// Returns the screen that is there now.
fn screen(term: &Term, python: bool) -> Screen {
    let (_, rows) = term.live_size();
    Screen { rows: rows.saturating_sub(PROMPT_ROWS), python }
}

/// Shows the scene of this index, and runs it unless it has run already.
fn show_scene(run: &mut Run<'_>, planned: &PlannedScene, at: usize, screen: Screen) -> Result<(), Failure> {
    let PlannedScene { number, scene } = planned;
    let style = run.term.style;
    let head = report(run, &run.trace).scene_head(*number, scene, screen, &style);
    run.term.print(&head).map_err(Failure::Stdout)?;
    let rows = screen.rows.saturating_sub(head.lines().count());
    let has_run = |recorded: &SceneTrace| recorded.name == scene.name && recorded.language.is_none();
    if !run.trace.scenes.get(at).is_some_and(has_run) {
        let recorded = run.scene(scene, &format!("{number}  {}", scene.title), rows)?;
        run.trace.scenes.insert(at, recorded);
        if run.console.interrupted.is_none() {
            // A line that came later would push the picture off the screen.
            run.inputs.out.catch_up();
        }
        if run.types_lines() {
            // What was typed and printed may have moved the title off the screen.
            run.term.print(&format!("\n{head}")).map_err(Failure::Stdout)?;
        }
    }
    let extent = Nanos::from(run.plan.lasts()).max(run.trace.extent());
    let picture = report(run, &run.trace).scene_picture(&run.trace.scenes[at], extent, rows, &style);
    run.term.print(&format!("{picture}\n")).map_err(Failure::Stdout)
}

/// Shows a scene of the lesson's twin, which has run.
fn show_twin(run: &Run<'_>, scene: &SceneTrace, screen: Screen) -> Result<(), Failure> {
    let style = run.term.style;
    let report = report(run, &run.trace);
    let head = report.twin_head(scene, screen, &style);
    let rows = screen.rows.saturating_sub(head.lines().count());
    let extent = Nanos::from(run.plan.lasts()).max(run.trace.extent());
    let picture = report.scene_picture(scene, extent, rows, &style);
    run.term.print(&format!("{head}{picture}\n")).map_err(Failure::Stdout)
}

/// Returns a report of `trace` as the run's request wants it.
fn report<'t>(run: &Run<'_>, trace: &'t Trace) -> Report<'t> {
    let view = run.plan.request.view;
    let shown = Shown { lanes: run.plan.request.lanes, ..Shown::FOLDED };
    Report { view, shown, ..Report::new(Some(run.plan.lesson), trace) }
}

/// Asks what to do after a scene. Help is shown here.
fn pause_after_scene(run: &mut Run<'_>, python: bool) -> Result<Wish, Failure> {
    let has_twin = !run.plan.lesson.twin.is_empty();
    let keys = match python {
        _ if !has_twin => ONE_LANGUAGE_KEYS,
        true => PYTHON_KEYS,
        false => SCENE_KEYS,
    };
    loop {
        match pause(run.console, run.term, keys)? {
            Wish::Python if !has_twin => {}
            Wish::Help => {
                let help = paragraph(&run.term.error_style, "  ", SCENE_HELP);
                run.term.note(&help);
            }
            wish => return Ok(wish),
        }
    }
}

/// Goes through the events of the scene of this index step by step.
fn step_through(run: &mut Run<'_>, at: usize) -> Result<(), Failure> {
    let scene: SceneTrace = run.trace.scenes[at].clone();
    let mut trace = Trace::new(run.trace.lesson.clone(), run.trace.clock, run.trace.inputs);
    trace.scenes.push(scene);
    let report = report(run, &trace);
    step::walk(&report, run.term, run.console)
}

/// Shows the whole code of a scene, screen by screen.
fn show_code(run: &mut Run<'_>, at: usize, in_python: bool) -> Result<(), Failure> {
    let style = run.term.style;
    let lesson = run.plan.lesson;
    let own = run.plan.scenes.get(at).map(|planned| planned.scene);
    let name = run.trace.scenes.get(at).map_or("", |scene| &scene.name);
    let in_python = in_python || own.is_none();
    let twin = if in_python { python(lesson.twin, name, usize::MAX, &style) } else { String::new() };
    let code = match own {
        _ if !twin.is_empty() => twin,
        Some(scene) => listing(scene.source, scene.language, &style),
        None => listing(lesson.twin, Language::Python, &style),
    };
    let lines: Vec<&str> = code.lines().collect();
    let rows = screen(run.term, in_python).rows.max(1);
    for part in lines.chunks(rows) {
        run.term.print(&format!("{}\n", part.join("\n"))).map_err(Failure::Stdout)?;
        if !goes_on(run.console, run.term)? {
            break;
        }
    }
    Ok(())
}

/// Shows `prompt` until the user presses a key that means something here, then erases it. A signal and the end of the
/// input mean that the user stops.
fn pause(console: &mut Console, term: &Term, prompt: &str) -> Result<Wish, Failure> {
    let keys = console.keys();
    let style = &term.error_style;
    let prompt = if columns(prompt) + 2 < style.width { prompt } else { NARROW_KEYS };
    let shown = format!("  {} ", style.paint(Role::Strong, prompt));
    console.forget_typed()?;
    loop {
        term.note(&shown);
        console.listen()?;
        let event = loop {
            match console.next_event_within(LOOK_AGAIN)? {
                Some(event) => break event,
                // A shell has changed the terminal's mode, as it does between Ctrl-Z and `fg`.
                None if keys.as_ref().is_some_and(Keys::were_lost) => term.note(&shown),
                None => {}
            }
        };
        erase(term);
        let wish = match event {
            ConsoleEvent::Typed(typed) if typed.is_empty() && keys.is_none() => Some(Wish::Next),
            ConsoleEvent::Typed(typed) => pressed(&typed).first().and_then(|key| wish(*key)),
            ConsoleEvent::EndOfInput | ConsoleEvent::Signal(_) => Some(Wish::Stop),
            ConsoleEvent::SceneEnded => None,
        };
        if let Some(wish) = wish {
            return Ok(wish);
        }
    }
}

/// Erases the line of the prompt, or ends it where the cursor cannot be moved.
fn erase(term: &Term) {
    if term.moves { term.draw("\r\u{1b}[2K") } else { term.note("\n") }
}

/// Returns what a key means at a pause; `None` for any other key.
fn wish(key: Key) -> Option<Wish> {
    match key {
        Key::Enter | Key::Right | Key::Char(' ' | 'n') => Some(Wish::Next),
        Key::Left | Key::Char('b') => Some(Wish::Back),
        Key::Char('r') => Some(Wish::Again),
        Key::Char('s') => Some(Wish::Step),
        Key::Char('p') => Some(Wish::Python),
        Key::Char('c') => Some(Wish::Code),
        Key::Char('?' | 'h') => Some(Wish::Help),
        Key::Char('q') | Key::End => Some(Wish::Stop),
        Key::Escape | Key::Backspace | Key::Char(_) => None,
    }
}
