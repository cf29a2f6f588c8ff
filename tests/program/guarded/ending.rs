//! Ends that drop no guard: what is recorded until then is saved.

use asyncguide::trace::Outcome;

use super::{Folder, GUARDED, only_scene};

#[test]
#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_os = "macos"))]
fn w8_exit_on_the_main_thread_saves_what_there_is() {
    let (trace, ran) = Folder::new().record(GUARDED, &["exit"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (7, "over\n", ""), "{ran:?}");
    let scene = only_scene(&trace);
    assert_eq!(scene.outcome, Outcome::Interrupted);
    assert_eq!(scene.lane("waits").map(|task| &task.outcome), Some(&Outcome::Interrupted));
}

#[cfg(target_os = "linux")]
mod signalled {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, ExitStatus, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::program::PATIENCE;

    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;

    /// Whether this signal is in a set of signals of the process.
    fn is_in(set: &str, process: &str, signal: i32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
        let mask = status.lines().find_map(|line| line.strip_prefix(set)).expect("Linux says so");
        u64::from_str_radix(mask.trim_matches([':', '\t']), 16).expect("a number") & (1 << (signal - 1)) != 0
    }

    /// Sends the program the signal once it is ready and catches it; how it ends.
    fn interrupt(folder: &Folder, words: &[&str], signal: i32) -> ExitStatus {
        let mut command = folder.command(GUARDED, words);
        let mut child = command.env("ASYNCGUIDE_SAVE", "run.json").stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        // Kept open until the end, since the program may say more.
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it says so");
        let pid = child.id().to_string();
        let ready = Instant::now();
        while !is_in("SigCgt", &pid, signal) {
            assert!(ready.elapsed() < PATIENCE, "the signal is not caught");
            thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args([&format!("-{signal}"), &pid]).status().expect("there is kill");
        assert!(kill.success());
        child.wait().expect("it ends")
    }

    #[test]
    fn w8_ctrl_c_saves_what_there_is_and_ends_the_program() {
        for signal in [SIGINT, SIGTERM] {
            // A shell has its background jobs ignore Ctrl-C.
            if is_in("SigIgn", "self", signal) {
                continue;
            }
            let folder = Folder::new();
            let status = interrupt(&folder, &["serve"], signal);
            assert_eq!(status.signal(), Some(signal), "{status:?}");
            let trace = folder.recording("run.json");
            let outcome = |name| only_scene(&trace).lane(name).map(|task| task.outcome.clone());
            assert_eq!((outcome("served"), outcome("serves")), (Some(Outcome::Done), Some(Outcome::Interrupted)));
            assert_eq!(only_scene(&trace).outcome, Outcome::Interrupted);
            assert_eq!(folder.files(), ["run.json"]);
        }
    }

    #[test]
    fn w8_a_program_that_catches_ctrl_c_ends_as_it_sees_fit() {
        let folder = Folder::new();
        let status = interrupt(&folder, &["graceful"], SIGINT);
        assert_eq!(status.code(), Some(7), "{status:?}");
        let trace = folder.recording("run.json");
        assert_eq!(only_scene(&trace).outcome, Outcome::Done);
        assert_eq!(only_scene(&trace).lane("shuts down").map(|task| &task.outcome), Some(&Outcome::Done));
    }
}
