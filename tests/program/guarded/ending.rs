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
    use std::time::Duration;

    use super::*;

    const SIGINT: u32 = 2;

    /// Whether the process catches this signal.
    fn catches(pid: u32, signal: u32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux says so");
        u64::from_str_radix(mask.trim(), 16).expect("a number") & (1 << (signal - 1)) != 0
    }

    /// Interrupts the program once it is ready and the signal is caught; how it ends.
    fn interrupt(folder: &Folder, words: &[&str]) -> ExitStatus {
        let mut command = folder.command(GUARDED, words);
        let mut child = command.env("ASYNCGUIDE_SAVE", "run.json").stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        // Kept open until the end, since the program may say more.
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it says so");
        while !catches(child.id(), SIGINT) {
            thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("there is kill");
        assert!(kill.success());
        child.wait().expect("it ends")
    }

    #[test]
    fn w8_ctrl_c_saves_what_there_is_and_ends_the_program() {
        let folder = Folder::new();
        let status = interrupt(&folder, &["serve"]);
        assert_eq!(status.signal(), Some(2), "{status:?}");
        let trace = folder.recording("run.json");
        let outcome = |name| only_scene(&trace).lane(name).map(|task| task.outcome.clone());
        assert_eq!(outcome("served"), Some(Outcome::Done));
        assert_eq!(
            (outcome("serves"), &only_scene(&trace).outcome),
            (Some(Outcome::Interrupted), &Outcome::Interrupted)
        );
        assert_eq!(folder.files(), ["run.json"]);
    }

    #[test]
    fn w8_a_program_that_catches_ctrl_c_ends_as_it_sees_fit() {
        let folder = Folder::new();
        let status = interrupt(&folder, &["graceful"]);
        assert_eq!(status.code(), Some(7), "{status:?}");
        let trace = folder.recording("run.json");
        assert_eq!(only_scene(&trace).outcome, Outcome::Done);
        assert_eq!(only_scene(&trace).lane("shuts down").map(|task| &task.outcome), Some(&Outcome::Done));
    }
}
