//! Damages recordings and gives them to `replay`, in all formats: whatever is in a file, the program says so in a line
//! or draws it, within bounds of time, memory and output.
//!
//! Everything follows from a seed, so a finding can be had again. `tests/program/fuzz.rs` tries some cases with each run
//! of the tests; `benches/fuzz.rs` goes on for as long as it is asked to.

use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The longest that one case may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most memory that the program may have, in KiB.
const MEMORY: usize = 4 << 20;
/// How many bytes it may print for each byte that it reads, and how many in any case.
const GROWTH: usize = 500;
const ALWAYS: usize = 4 << 20;

/// How a damaged recording is drawn: arguments of `replay`.
const VIEWS: [&[&str]; 14] = [
    &["--format", "text"],
    &["--format", "text", "--by", "thread", "--lanes", "all"],
    &["--format", "text", "--width", "20", "--from", "1ms", "--to", "1s"],
    &["--format", "text", "--step"],
    &["--format", "json"],
    &["--format", "jsonl"],
    &["--format", "chrome"],
    &["--format", "csv"],
    &["--format", "markdown"],
    &["--format", "svg"],
    &["--format", "svg", "--by", "thread", "--lanes", "all"],
    &["--format", "animated-svg"],
    &["--format", "html"],
    &["--format", "html", "--by", "thread", "--lanes", "9"],
];

/// Numbers at the edges of what a field can hold, and times from a nanosecond to centuries.
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "999949999",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "1000000000000000000",
    "9223372036854775807",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "0.5",
];

/// Texts that formats and terminals would act on.
const TEXTS: [&str; 10] = [
    "",
    "\u{1b}[2J\u{9b}\u{7}\r\u{202e}",
    "\u{ffff}\u{fdd0}\u{feff}\0",
    "</script>]]><img src=x>&\"'",
    "a;=1+1;\t@x\n",
    "https://example.org me@example.org www.example.org",
    "{a}{b}{{}",
    "\u{200b}\u{200d}\u{fe0f}👩\u{200d}💻",
    "日本語",
    "python",
];

/// Numbers that look random and follow from a seed, by Steele, Lea and Flood.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// Recordings of every lesson that `program` has, as JSON: what is damaged.
pub(crate) fn recordings(program: &Path) -> Vec<String> {
    let list = run(Command::new(program), &["list"], b"").expect("it lists its lessons").out;
    let names = list.lines().filter_map(|line| line.split_whitespace().nth(1));
    let record = |name: &str| {
        let with = |options: &[&str]| {
            let arguments = [&["lesson", name, "-q", "--format", "json"], options].concat();
            let ran = run(Command::new(program), &arguments, b"a\nb\n");
            ran.expect("it runs").out
        };
        let exact = with(&["--clock", "virtual", "--tasks", "3"]);
        let exact = if exact.is_empty() { with(&["--clock", "virtual"]) } else { exact };
        if exact.is_empty() { with(&["--delay", "5ms"]) } else { exact }
    };
    let recordings: Vec<String> = names.map(record).collect();
    assert!(recordings.len() > 10 && recordings.iter().all(|recording| !recording.is_empty()));
    recordings
}

/// One damaged recording, and how it is drawn.
pub(crate) struct Case {
    pub(crate) input: Vec<u8>,
    pub(crate) view: &'static [&'static str],
}

impl Case {
    /// The case that follows from `random`.
    pub(crate) fn new(program: &Path, recordings: &[String], random: &mut Random) -> Self {
        let recording = &recordings[random.below(recordings.len())];
        let mut input = match random.below(8) {
            0 => damaged_lines(program, recording, random).into_bytes(),
            _ => {
                let mut document: Value = serde_json::from_str(recording).expect("it was written as JSON");
                if random.below(4) == 0 {
                    // Of somebody's own program, of which other things are said than of a lesson.
                    document["process"] = serde_json::json!({"pid": 1, "command": ["app"], "folder": "/"});
                }
                for _ in 0..=random.below(4) {
                    damage(&mut document, random);
                }
                document.to_string().into_bytes()
            }
        };
        if random.below(16) == 0 {
            damage_bytes(&mut input, random);
        }
        Case { input, view: random.one_of(&VIEWS) }
    }

    /// Gives it to `program`. Returns whether it was drawn.
    ///
    /// # Errors
    /// Says what is wrong.
    pub(crate) fn check(&self, program: &Path) -> Result<bool, String> {
        let ran = run(bounded(program), &[&["replay", "-", "-q"], self.view].concat(), &self.input)?;
        if ran.code == Some(2) {
            let is_a_line = ran.err.lines().count() == 1 && ran.err.starts_with("error: cannot replay -: ");
            return if is_a_line { Ok(false) } else { Err(format!("it is refused so: {}", ran.err)) };
        }
        if !matches!(ran.code, Some(0 | 1)) {
            return Err(format!("it ends with {:?}: {}", ran.code, ran.err));
        }
        let most = ALWAYS + GROWTH * self.input.len();
        if ran.out.len() >= most {
            return Err(format!("{} bytes became more than {most}", self.input.len()));
        }
        let unwanted = |c: char| (c.is_control() && c != '\n' && c != '\t') || u32::from(c) & 0xfffe == 0xfffe;
        if ran.out.contains(unwanted) {
            return Err("a control character is printed".to_owned());
        }
        match self.view[1] {
            "svg" | "animated-svg" => match roxmltree::Document::parse(&ran.out) {
                Ok(_) => Ok(true),
                Err(error) => Err(format!("it is no XML: {error}")),
            },
            "json" | "chrome" => match serde_json::from_str::<Value>(&ran.out) {
                Ok(_) => Ok(true),
                Err(error) => Err(format!("it is no JSON: {error}")),
            },
            _ => Ok(true),
        }
    }
}

/// Damages one place of a document.
fn damage(value: &mut Value, random: &mut Random) {
    let goes_on = random.below(12) > 0;
    match value {
        Value::Array(items) if !items.is_empty() && goes_on => {
            let index = random.below(items.len());
            match random.below(24) {
                0 => drop(items.remove(index)),
                1 => items.swap(0, index),
                2 => {
                    let copies = vec![items[index].clone(); 1 + random.below(3)];
                    items.extend(copies);
                }
                3 if random.below(8) == 0 => {
                    let copies = vec![items[index].clone(); random.below(3_000)];
                    items.extend(copies);
                }
                _ => damage(&mut items[index], random),
            }
        }
        Value::Object(fields) if !fields.is_empty() && goes_on => {
            let index = random.below(fields.len());
            let key = fields.keys().nth(index).cloned().unwrap_or_default();
            match random.below(24) {
                0 => drop(fields.remove(&key)),
                _ => damage(&mut fields[&key], random),
            }
        }
        Value::Number(number) if random.below(3) == 0 => {
            // Close to what was there, so that it is not refused at once.
            let near = number.as_u64().unwrap_or(0).saturating_add(random.below(5) as u64).saturating_sub(2);
            *value = near.into();
        }
        Value::Number(_) => *value = serde_json::from_str(random.one_of(&NUMBERS)).unwrap_or(Value::Null),
        Value::String(_) => {
            let times = if random.below(8) == 0 { 1 + random.below(3_000) } else { 1 };
            *value = random.one_of(&TEXTS).repeat(times).into();
        }
        _ => {
            let scalar = ["null", "true", "[]", "{}", "\"\"", "0"];
            *value = serde_json::from_str(random.one_of(&scalar)).unwrap_or(Value::Null);
        }
    }
}

/// Returns the recording as an event stream whose lines are damaged.
fn damaged_lines(program: &Path, recording: &str, random: &mut Random) -> String {
    let whole = run(Command::new(program), &["replay", "-", "--format", "jsonl"], recording.as_bytes());
    let stream = whole.expect("it is drawn").out;
    let mut lines: Vec<String> = stream.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(4) {
        let (index, other) = (random.below(lines.len()), random.below(lines.len()));
        match random.below(6) {
            0 if lines.len() > 1 => drop(lines.remove(index)),
            1 => lines.swap(index, other),
            2 => lines.insert(other, lines[index].clone()),
            _ => {
                let mut line: Value = serde_json::from_str(&lines[index]).unwrap_or(Value::Null);
                damage(&mut line, random);
                lines[index] = line.to_string();
            }
        }
    }
    lines.join("\n")
}

fn damage_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes.truncate(at + 1),
            1 => bytes[at] = random.next() as u8,
            _ => bytes.insert(at, b"\"{}[],:\\0\n\xff"[random.below(11)]),
        }
    }
}

/// What became of a program.
struct Ran {
    /// None if a signal ended it.
    code: Option<i32>,
    out: String,
    err: String,
}

/// A command that runs `program` with a bound of its memory, where there is a shell to set it.
fn bounded(program: &Path) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"]).arg(program);
    command
}

/// Runs `command` with these arguments and this input, for a bounded time.
fn run(mut command: Command, arguments: &[&str], input: &[u8]) -> Result<Ran, String> {
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let most = ALWAYS + GROWTH * input.len();
    let (mut stdin, input) = (child.stdin.take(), input.to_owned());
    // It may well end before it has read everything.
    thread::spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(&input)));
    let (out, err) = (read(child.stdout.take(), most), read(child.stderr.take(), most));
    let code = wait(&mut child)?;
    let text = |bytes: Receiver<Vec<u8>>| {
        let bytes = bytes.recv_timeout(PATIENCE).map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    };
    Ok(Ran { code, out: text(out)?, err: text(err)? })
}

/// Reads `stream` on a thread, and at most `most` bytes of it.
fn read(stream: Option<impl Read + Send + 'static>, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(most as u64).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for the end of `child`, or ends it if it takes too long.
fn wait(child: &mut Child) -> Result<Option<i32>, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.code());
        }
        if Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it takes longer than {PATIENCE:?}"));
        }
        thread::sleep(Duration::from_millis(2));
    }
}
