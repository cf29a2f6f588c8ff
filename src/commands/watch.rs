//! `asyncguide watch SCRIPT.py`: runs a program of the user's own and draws what its tasks did.
//!
//! The program's standard streams, its signals and its exit code are its own, so the picture comes once it has ended, on
//! standard error. Read `watch/program.rs` for how it is recorded.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, Args};

use super::args::{ClockArg, ResultOptions, ShownOptions, ViewArg, duration, filled};
use crate::finding::Limit;
use crate::lesson::Lesson;
use crate::run::Failure;
use crate::term::Term;

/// The end of this command's help. A test runs every example.
pub(super) const EXAMPLES: &str = "\
WHERE IT GOES:
  Standard input and output are the program's own, and so are the signals and
  the exit code (128 + N if signal N ended it). The picture comes once the
  program has ended, on standard error. --save keeps the recording; --save -
  prints it after what the program printed, in the format of --format. With
  --quiet, there is no picture; what could not be recorded is said even so.

RUST:
  A Rust program records itself if its main begins with
  let _guide = asyncguide::watch(); and is watched by the command that runs it.

EXAMPLES:
  asyncguide watch app.py
  asyncguide watch --save run.html app.py --port 8000
  asyncguide watch --live app.py
  asyncguide watch --fail-if 'held > 100ms' --fail-if 'failed > 0' app.py
  asyncguide watch --by thread --for 10s app.py
  asyncguide watch --clock virtual app.py
  asyncguide watch --only 'w*' --last 5s app.py
  asyncguide watch -m app --verbose
  asyncguide watch --python python3 app.py
  asyncguide watch -- uv run app.py
  asyncguide watch --format json --save - app.py | tail -n 1";

/// How the command is called.
pub(super) const USAGE: &str = "\
asyncguide watch [OPTIONS] SCRIPT.py [ARGUMENT]...
       asyncguide watch [OPTIONS] -m MODULE [ARGUMENT]...
       asyncguide watch [OPTIONS] -- COMMAND [ARGUMENT]...";

#[derive(Args, Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "a program cannot be watched there yet"))]
pub(super) struct WatchArgs {
    /// The Python script to run, and its arguments; after "--", any command
    #[arg(value_name = "SCRIPT", trailing_var_arg = true, required_unless_present = "module")]
    command: Vec<OsString>,
    /// Run this module as python3 -m does; all words after it are its own
    #[arg(short, value_name = "MODULE", num_args = 1.., allow_hyphen_values = true)]
    module: Vec<OsString>,
    /// The Python to run it with [default: that of $VIRTUAL_ENV or ./.venv, or python3]
    #[arg(long, env = filled("ASYNCGUIDE_PYTHON"), hide_env_values = true, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    /// Draw lanes while the program runs, and print what it writes above them
    #[arg(long)]
    live: bool,
    /// The clock of asyncio's event loops: "virtual" does not wait for timers, and is exact; threads, sockets and
    /// processes take the time that they take
    #[arg(long, value_name = "CLOCK", default_value = "real")]
    clock: ClockArg,
    /// Interrupt the program after this time, as Ctrl-C does
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    watch_for: Option<Duration>,
    /// Exit with 1 if a scene exceeds this: held, ready or wall in time, failed or cancelled tasks
    #[arg(long, value_name = "LIMIT")]
    fail_if: Vec<Limit>,
    /// Draw a lane for each task, or for each thread
    #[arg(long, env = filled("ASYNCGUIDE_BY"), hide_env_values = true, value_name = "WHAT", default_value = "task")]
    by: ViewArg,
    #[command(flatten)]
    shown: ShownOptions,
    #[command(flatten)]
    results: ResultOptions,
}

#[cfg(unix)]
pub(super) use self::unix::watch;

/// Refuses to run: a program cannot be watched here yet.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub(super) fn watch(
    _: &[&'static Lesson],
    _: &WatchArgs,
    _: Option<&ArgMatches>,
    _: &[OsString],
    _: &Arc<Term>,
) -> Result<ExitCode, Failure> {
    Err(Failure::Usage("watch does not run on Windows yet; it runs on Linux and macOS, and under WSL".to_owned()))
}

#[cfg(unix)]
mod unix {
    use std::path::Path;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::time::Instant;

    use anyhow::Context as _;
    use clap::parser::ValueSource;

    use super::{Arc, ArgMatches, Duration, ExitCode, Failure, Lesson, OsString, PathBuf, Term, WatchArgs};
    use crate::chart::Shown;
    use crate::live::{Live, StepList};
    use crate::render::{FORMATS, Format, FormatKind, Report};
    use crate::run::console::Console;
    use crate::run::failure::FAILED;
    use crate::run::save::{SaveTarget, save_all};
    use crate::run::sources::own_sources;
    use crate::run::{print, step};
    use crate::term::signals::{self, Signal};
    use crate::trace::Clock;
    use crate::watch::{PassOn, Recording, Streams, Watched, find_python};

    /// How long a program may take to end once it was asked to.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// How the error begins that a program cannot be started.
    const CANNOT_START: &str = "cannot start";

    /// The length of the axis of a live picture at first.
    const EXPECTED: Duration = Duration::from_secs(2);

    /// Something that happens while the program runs.
    enum Event {
        Ended,
        Signal(Signal),
    }

    /// Runs the program, draws what was recorded, and saves it. Returns the program's own exit code.
    ///
    /// # Errors
    /// If the program cannot be started, the recording cannot be saved, or standard output takes no more.
    pub(in crate::commands) fn watch(
        syllabus: &[&'static Lesson],
        args: &WatchArgs,
        matches: Option<&ArgMatches>,
        words: &[OsString],
        term: &Arc<Term>,
    ) -> Result<ExitCode, Failure> {
        let to_output = args.results.save.iter().any(|path| path.as_os_str() == "-");
        let format = format(args, matches, to_output)?;
        step::check(args.results.step, format)?;
        let command = command(args, words, term.invocation)?;
        let targets = SaveTarget::check_all(&args.results.save, FORMATS)?;
        if !targets.is_empty() {
            term.outlive_output();
        }
        args.shown.check_times()?;
        let growing = args.shown.live(None);
        let live = args.live.then_some((term, &growing));
        let (Recording { trace, gaps }, code) = run(args.clock.into(), command, name(args), args.watch_for, live)
            .map_err(|failure| name_variable(failure, args, matches))?;
        let mut console = Console::open(args.results.step && term.asks, term)?;
        for gap in gaps {
            term.warn(&gap);
        }
        let shown = args.shown.of(None, &trace, term);
        let sources = own_sources(&trace);
        let report = Report {
            syllabus,
            view: args.by.into(),
            shown,
            sources: &sources,
            invocation: term.invocation,
            prose: false,
            ..Report::new(None, &trace)
        };
        if args.results.step && !trace.scenes.is_empty() {
            match term.asks || to_output {
                true => step::walk(&report, term, &mut console)?,
                false => term.note(&StepList::of(&report).text(&term.error_style)),
            }
        }
        if to_output {
            print(&report, format, term)?;
        } else if !term.quiet && !trace.scenes.is_empty() {
            term.note(&format!("\n{}", report.text(&term.error_style)));
        }
        save_all(&targets, |write, style, out| write(&report, style, out))?;
        let exceeded: Vec<String> = args.fail_if.iter().flat_map(|limit| limit.exceeded_in(&trace.scenes)).collect();
        for sentence in &exceeded {
            term.warn(sentence);
        }
        // A program that fails by itself says so by its own code.
        let code = if code == 0 && !exceeded.is_empty() { FAILED } else { code };
        Ok(ExitCode::from(code))
    }

    /// Returns the format in which the recording goes `to_output`. Refuses one that was typed if nothing goes there.
    fn format(args: &WatchArgs, matches: Option<&ArgMatches>, to_output: bool) -> Result<&'static Format, Failure> {
        let format = args.results.format();
        if to_output || format.kind == FormatKind::Text {
            return Ok(format);
        }
        // The same option from the environment is set for all commands.
        if matches.and_then(|matches| matches.value_source("format")) != Some(ValueSource::CommandLine) {
            return Ok(&FORMATS[0]);
        }
        Err(Failure::Usage(format!(
            "--format {}: standard output is the program's own; save the recording with --save run.{}, or add --save - \
             to print it after what the program prints",
            format.name, format.ending
        )))
    }

    /// Names the environment variable in an error about the Python that it chose.
    fn name_variable(failure: Failure, args: &WatchArgs, matches: Option<&ArgMatches>) -> Failure {
        let source = matches.and_then(|matches| matches.value_source("python"));
        let python = args.python.iter().map(|python| python.to_string_lossy());
        match failure {
            Failure::Usage(text)
                if source == Some(ValueSource::EnvVariable)
                    && python.into_iter().any(|python| text.starts_with(&format!("{CANNOT_START} {python}:"))) =>
            {
                Failure::Usage(format!("ASYNCGUIDE_PYTHON: {text}"))
            }
            other => other,
        }
    }

    /// Returns the command to run: the words after `--`, or Python with a script or a module.
    fn command(args: &WatchArgs, words: &[OsString], invocation: &str) -> Result<Vec<OsString>, Failure> {
        let python = || args.python.clone().unwrap_or_else(find_python).into_os_string();
        if !args.module.is_empty() {
            return Ok([python(), "-m".into()].into_iter().chain(args.module.iter().cloned()).collect());
        }
        // The command's words are the last ones, and `--` stands before them if it was typed.
        let before = words.len().saturating_sub(args.command.len());
        if words[..before].last().is_some_and(|word| word == "--") {
            return Ok(args.command.clone());
        }
        let script = args.command.first().map(PathBuf::from).unwrap_or_default();
        check_script(&script, &args.command, invocation)?;
        Ok([python()].into_iter().chain(args.command.iter().cloned()).collect())
    }

    /// Returns what the recording is called: the module. A script is called as its recorder calls it.
    fn name(args: &WatchArgs) -> Option<String> {
        args.module.first().map(|module| module.to_string_lossy().into_owned())
    }

    /// Checks that `script` can be a script. Standard input, a folder and an archive can be one, too.
    fn check_script(script: &Path, command: &[OsString], invocation: &str) -> Result<(), Failure> {
        if script.as_os_str() == "-" || script.exists() {
            return Ok(());
        }
        let name = script.display();
        if script.extension().is_some() || script.components().count() > 1 {
            return Err(Failure::Usage(format!("cannot watch {name}: there is no such file")));
        }
        let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
        Err(Failure::Usage(format!(
            "cannot watch {name}: there is no such file; to watch a command: {invocation} watch -- {}",
            words.join(" ")
        )))
    }

    /// Runs the program to its end, with loops on this `clock`. Returns its recording and its exit code.
    fn run(
        clock: Clock,
        command: Vec<OsString>,
        name: Option<String>,
        watch_for: Option<Duration>,
        live: Option<(&Arc<Term>, &Shown)>,
    ) -> Result<(Recording, u8), Failure> {
        let (sender, events) = mpsc::channel();
        let signalled = sender.clone();
        let forward = move |signal| {
            // Once the program has ended, nobody waits for signals here any more.
            let _ = signalled.send(Event::Signal(signal));
        };
        signals::listen_to_all(forward).context("cannot listen to signals")?;
        let program = command.first().cloned().unwrap_or_default().to_string_lossy().into_owned();
        let on_end = move || {
            let _ = sender.send(Event::Ended);
        };
        let streams = match live {
            None => Streams::Own,
            Some((term, _)) => {
                let term = Arc::clone(term);
                let pass_on: PassOn = Arc::new(move |bytes, to_error| term.pass_on(bytes, to_error));
                Streams::PassedOn(pass_on)
            }
        };
        let heading = name.clone().unwrap_or_else(|| words(&command));
        let started = Watched::start_on(clock, command, name, streams, on_end);
        let mut program = started.map_err(|error| Failure::Usage(format!("{CANNOT_START} {program}: {error}")))?;
        let onlooker = program.onlooker();
        let snapshot = move |_, horizon| onlooker.snapshot(horizon);
        let picture = live.map(|(term, shown)| Live::start(term, &heading, EXPECTED, usize::MAX, shown, snapshot));
        wait(&mut program, &events, watch_for);
        if let Some(picture) = picture {
            picture.finish();
        }
        Ok(program.finish().context("cannot wait for the program")?)
    }

    /// Returns a command as one line.
    fn words(command: &[OsString]) -> String {
        command.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    /// Waits for the program's end. Passes signals on to it; one that does not end soon after the first is killed, and
    /// so is one at the second.
    fn wait(program: &mut Watched, events: &Receiver<Event>, watch_for: Option<Duration>) {
        let mut asked = false;
        let mut deadline = watch_for.map(|time| Instant::now() + time);
        loop {
            let event = match deadline {
                Some(deadline) => events.recv_timeout(deadline.saturating_duration_since(Instant::now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Event::Signal(_)) | Err(RecvTimeoutError::Timeout) if asked => {
                    program.kill();
                    deadline = None;
                    continue;
                }
                Ok(Event::Signal(signal)) => {
                    let sent = matches!(signal, Signal::Interrupt | Signal::Quit) && signals::come_from_terminal();
                    if !sent {
                        program.signal(signal.number());
                    }
                }
                Err(RecvTimeoutError::Timeout) => program.signal(Signal::Interrupt.number()),
            }
            asked = true;
            deadline = Some(Instant::now() + PATIENCE);
        }
    }
}
