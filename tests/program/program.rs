//! Runs a program to its end and keeps what it said. Nothing of this process's environment but the path reaches it.

use std::borrow::BorrowMut;
use std::fmt::Debug;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, SystemTime};

/// A program that takes longer than this hangs, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Where nobody has kept anything of the tour.
pub(crate) const NOBODY: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/nobody");

/// What became of a program.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code, and -1 if a signal ended it.
    pub(crate) code: i32,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Ran {
    /// What it said on both streams.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// asyncguide.
pub(crate) fn asyncguide() -> PathBuf {
    snapbox::cmd::cargo_bin!("asyncguide").to_owned()
}

/// The program of lessons that misbehave.
pub(crate) fn misbehaving() -> PathBuf {
    example("fixture")
}

/// The example of this name, which `cargo test` builds. `cargo test --test program` does not.
pub(crate) fn example(name: &str) -> PathBuf {
    let program = asyncguide();
    let example = program.parent().expect("a program lies in a folder").join("examples").join(name);
    let example = example.with_extension(std::env::consts::EXE_EXTENSION);
    let built = example.metadata().and_then(|file| file.modified()).ok();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let changed = ["src", "tests/fixture"].map(|folder| changed(&root.join(folder)));
    let current = built.is_some_and(|built| changed.iter().all(|changed| *changed <= built));
    assert!(current, "{} is not there, or out of date: cargo build --example {name}", example.display());
    example
}

/// When anything in `folder` was last changed.
fn changed(folder: &Path) -> SystemTime {
    let entries = folder.read_dir().expect("it is there").map(|entry| entry.expect("it can be read").path());
    let times = entries.map(|path| match path.is_dir() {
        true => changed(&path),
        false => path.metadata().and_then(|file| file.modified()).expect("it has a time"),
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// A command in an environment of its own, with nothing to read.
pub(crate) fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).env_clear().stdin(Stdio::null());
    command.env("XDG_STATE_HOME", NOBODY);
    // Windows starts nothing without its own variables.
    for kept in ["PATH", "SYSTEMROOT"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// What asyncguide says to these arguments.
pub(crate) fn ag(arguments: &[&str]) -> Ran {
    run(command(asyncguide(), arguments))
}

/// What the program of misbehaving lessons says to these arguments.
pub(crate) fn fixture(arguments: &[&str]) -> Ran {
    run(command(misbehaving(), arguments))
}

/// What asyncguide says to these arguments and this input.
pub(crate) fn ag_reading(arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    let mut command = command(asyncguide(), arguments);
    let mut child = spawn(command.stdin(Stdio::piped()));
    let (mut stdin, input) = (child.stdin.take().expect("it is a pipe"), input.into());
    // It may well end before it has read everything.
    thread::spawn(move || drop(stdin.write_all(&input)));
    end(child)
}

/// Runs `command` to its end.
pub(crate) fn run(mut command: impl BorrowMut<Command>) -> Ran {
    end(spawn(command.borrow_mut()))
}

/// Starts `command`; what it says is kept in pipes unless it has been told otherwise.
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started")
}

/// Waits for the end of `child`.
pub(crate) fn end(mut child: Child) -> Ran {
    let out = child.stdout.take().map(collect);
    let err = child.stderr.take().map(collect);
    let text = |bytes: Option<Receiver<Vec<u8>>>, child: &mut Child| {
        let Some(bytes) = bytes else { return String::new() };
        let bytes = bytes.recv_timeout(PATIENCE).unwrap_or_else(|_| give_up(child));
        String::from_utf8(bytes).expect("what is said is UTF-8")
    };
    let (out, err) = (text(out, &mut child), text(err, &mut child));
    let status = child.wait().expect("it can be waited for");
    Ran { code: status.code().unwrap_or(-1), out, err }
}

fn collect(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// The lines of `stream`, as they come.
pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    use std::io::{BufRead as _, BufReader};
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        lines.map_while(Result::ok).all(|line| sender.send(line).is_ok())
    });
    receiver
}

/// Waits for a line that `is_it`.
pub(crate) fn wait_for(lines: &Receiver<String>, child: &mut Child, is_it: impl Fn(&str) -> bool) {
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if is_it(&line) => return,
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => give_up(child),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended before it said what was waited for"),
        }
    }
}

fn give_up(child: &mut Child) -> ! {
    let _ = child.kill();
    panic!("it hangs");
}

/// The names of all lessons, as the program lists them.
pub(crate) fn lessons() -> Vec<String> {
    let list = ag(&["list"]).out;
    list.lines().filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

/// Calls `check` with each of `items`, four at a time.
///
/// What runs lessons waits most of its time. All at once would keep the machine too busy for what the lessons claim.
pub(crate) fn four_at_once<T: Sync>(items: &[T], check: impl Fn(&T) + Sync) {
    thread::scope(|scope| {
        for some in items.chunks(items.len().div_ceil(4).max(1)) {
            scope.spawn(|| some.iter().for_each(&check));
        }
    });
}

/// The folder of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The folder of the lesson `name`, which is a module's name as well.
pub(crate) fn folder(name: &str) -> String {
    name.replace('-', "_")
}

/// Whether the lesson `name` has anything to show on the virtual clock.
pub(crate) fn runs_on_the_virtual_clock(name: &str) -> bool {
    let ran = ag(&["lesson", name, "--clock", "virtual", "-q"]);
    assert!(ran.code == 0 || ran.err.contains("it needs the real clock"), "{ran:?}");
    ran.code == 0
}

/// Arguments that run the lesson `name` in no time, or in hardly any.
pub(crate) fn quickly(name: &str) -> Vec<&str> {
    match runs_on_the_virtual_clock(name) {
        true => vec!["lesson", name, "--clock", "virtual"],
        false => vec!["lesson", name, "--delay", "20ms"],
    }
}

/// The names of all commands, as the program's help lists them.
pub(crate) fn commands() -> Vec<String> {
    let help = ag(&["--help", "--width", "200"]).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

/// For each lesson, arguments that say what a run of it says: a run on the virtual clock, which takes no time; or else
/// a replay of one that was made once, since what is said of a run depends on its recording alone.
fn recorded() -> &'static [Vec<String>] {
    static RECORDED: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    let record = |name: &String| {
        let quickly = quickly(name);
        if quickly.contains(&"virtual") {
            return quickly.into_iter().map(str::to_owned).collect();
        }
        let file = format!("{}/{name}.{}.json", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let ran = ag(&[&quickly as &[&str], &["-q", "--save", &file]].concat());
        assert!(ran.code == 0, "{ran:?}");
        vec!["replay".to_owned(), file]
    };
    RECORDED.get_or_init(|| {
        let lessons = lessons();
        // Most of their time they wait, each by itself.
        thread::scope(|scope| {
            let runs: Vec<_> = lessons.iter().map(|name| scope.spawn(move || record(name))).collect();
            runs.into_iter().map(|run| run.join().expect("it can be recorded")).collect()
        })
    })
}

/// Every command in every form that says something else, as arguments.
pub(crate) fn everything_to_say() -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = ["", "list", "help", "--help", "-h", "--version", "man"].map(words).to_vec();
    for name in commands() {
        all.extend([words(&format!("{name} --help")), words(&format!("man {name}"))]);
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        all.push(words(&format!("completions {shell}")));
    }
    for name in lessons() {
        all.extend([words(&format!("show {name}")), words(&format!("show {name} --python"))]);
    }
    for said in recorded() {
        all.extend([said.clone(), [said.as_slice(), &words("--by thread -q")].concat()]);
    }
    for format in ["json", "chrome", "csv", "markdown", "svg", "animated-svg", "html"] {
        all.push(words(&format!("lesson gather --clock virtual --format {format}")));
    }
    all
}

/// `text` cut at its blanks.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Borrowed `words`, as [`command`] takes them.
pub(crate) fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Whether `program` can be run here; says so if it cannot, since a test is then skipped.
pub(crate) fn there_is(program: &str) -> bool {
    let there = std::env::var_os("PATH").is_some_and(|path| {
        let file = |folder: PathBuf| folder.join(program).with_extension(std::env::consts::EXE_EXTENSION);
        std::env::split_paths(&path).any(|folder| file(folder).is_file())
    });
    if !there {
        skip(&format!("there is no {program}"));
    }
    there
}

/// Says that something was not tested here, and why.
#[expect(clippy::print_stderr, reason = "a test has no other way to say it")]
pub(crate) fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

/// Asserts something about a `thing` that is shown if it does not hold.
#[track_caller]
pub(crate) fn check(thing: impl Debug, holds: bool, what: &str) {
    assert!(holds, "{what}: {thing:#?}");
}
