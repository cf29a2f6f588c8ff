//! A storm of signals: whatever a command is at, it ends soon, with the documented code, and leaves nothing behind.
//!
//! `cargo test` tries 20 moments. `ASYNCGUIDE_STORM=200 cargo test --test program storm` tries as many as it says, and
//! `ASYNCGUIDE_STORM_SEED` chooses other ones.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::program::{ag, asyncguide, skip, there_is};
use crate::pty::{BEFORE, Pty, script};

/// The number of moments that are tried as a rule.
const MOMENTS: u64 = 20;
/// The latest moment after the start.
const LATEST: u64 = 1_500;
/// Much more than the second that a command has to end, because the machine may be busy.
const SOON: Duration = Duration::from_secs(8);
/// A signal that comes less than this before the end may find a command that has ended, or is about to.
const ABOUT_TO_END: Duration = Duration::from_millis(100);

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    /// Returns a number below `most`.
    fn roll(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// The commands, as they are typed in a folder that holds the recording `run.json`.
const COMMANDS: [&str; 11] = [
    "lesson gather --no-predict --delay 300ms",
    "lesson gather",
    "lesson gather --no-predict --clock virtual --step",
    "lesson gather -q --tasks 3000 --clock virtual --save big.json --save big.svg",
    "lesson push --serve --delay 50ms",
    "lesson spawn --delay 200ms",
    "tour --delay 100ms",
    "compare join threads --each 50ms --runs 3",
    "replay run.json --speed 0.25",
    "replay run.json --step",
    "watch -- python3 -c import\u{a0}time;time.sleep(3)",
];

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// Returns `line` as a command in `folder`, run by a shell that tells of a signal that ended it by 128 and its number.
fn in_folder(folder: &Path, line: &str, pauses: bool) -> CommandBuilder {
    let words: Vec<String> = line.split(' ').map(|word| word.replace('\u{a0}', " ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The shell must outlive the signals, which reach it as well. Before it says so, they would not reach the command.
    let text = format!("trap : INT TERM HUP QUIT; (echo '{BEFORE}'; exec \"$@\"); exit $?");
    let mut command = script(&text, asyncguide(), &words);
    command.cwd(folder);
    command.env("XDG_STATE_HOME", folder.join("state"));
    command.env("TMPDIR", folder.join("tmp"));
    if pauses {
        command.env_remove("ASYNCGUIDE_NO_PAUSE");
    }
    command
}

/// Returns what is in `folder` that only a command under way may have there.
fn leftovers(folder: &Path) -> Vec<String> {
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("it is there");
        entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
    };
    let own = names(folder).filter(|name| name.starts_with(".asyncguide-"));
    own.chain(names(&folder.join("tmp"))).collect()
}

#[test]
fn s1_signals_at_random_moments_end_every_command() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let folder = folder.path();
    std::fs::create_dir(folder.join("tmp")).expect("a folder can be made");
    let recording = folder.join("run.json");
    let save = recording.to_str().expect("its path is UTF-8");
    assert_eq!(ag(&["lesson", "gather", "-q", "--delay", "100ms", "--save", save]).code, 0);
    let has_python = there_is("python3");
    let (moments, seed) = (number("ASYNCGUIDE_STORM", MOMENTS), number("ASYNCGUIDE_STORM_SEED", 1));
    let mut dice = Dice(seed);
    let (mut missed, mut slowest) = (0, Duration::ZERO);
    for moment in 0..moments {
        let line = COMMANDS[(moment as usize) % COMMANDS.len()];
        let (name, number) = [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)][dice.roll(4) as usize];
        let (wait, twice, pauses) = (dice.roll(LATEST), dice.roll(3) == 0, dice.roll(2) == 0);
        if line.starts_with("watch") && !has_python {
            continue;
        }
        let what = format!("moment {moment} of seed {seed}: {line}, SIG{name} after {wait} ms, twice: {twice}");
        let mut pty = Pty::run(in_folder(folder, line, pauses));
        pty.wait_for_or_end(BEFORE, |terminal| terminal.text().contains(BEFORE).then_some(()));
        // The moment is what is tried here.
        thread::sleep(Duration::from_millis(wait));
        let since = Instant::now();
        let had_ended = pty.has_ended();
        if !had_ended {
            pty.signal_all(name);
            if twice {
                thread::sleep(Duration::from_millis(dice.roll(20)));
                pty.signal_all(name);
            }
        }
        let ended = pty.end();
        let took = since.elapsed();
        slowest = slowest.max(took);
        assert!(took < SOON, "{what}: it took {took:?}\n{}", ended.text());
        if ended.code != 128 + number {
            assert!(ended.code <= 1 && took < ABOUT_TO_END, "{what}: {} after {took:?}\n{}", ended.code, ended.text());
            missed += 1;
        }
        assert!(!ended.screen().hide_cursor(), "{what}\n{}", ended.text());
        ended.check_modes();
        assert_eq!(leftovers(folder), [""; 0], "{what}\n{}", ended.text());
    }
    skip(&format!("nothing; of {moments} moments {missed} came after the end, and the slowest end took {slowest:?}"));
    assert!(2 * missed <= moments, "{missed} of {moments} came too late");
}
