//! What a path may be that a recording is saved to, and what becomes of the other results if one cannot be written.

use std::fs;
use std::path::Path;

use asyncguide::trace::Trace;

use crate::program::{Ran, ag, asyncguide, check, command, run, there_is};

/// A lesson that takes no time.
const LESSON: [&str; 5] = ["lesson", "gather", "-q", "--clock", "virtual"];

fn saving<'a>(paths: &[&'a str]) -> Vec<&'a str> {
    LESSON.into_iter().chain(paths.iter().flat_map(|path| ["--save", path])).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it was made here")
}

#[track_caller]
fn check_saved(path: &Path) {
    let document = fs::read(path).expect("it was saved");
    assert!(Trace::from_saved(&*document).is_ok(), "{}", path.display());
}

#[test]
fn s4_what_cannot_be_printed_is_saved_all_the_same() {
    let folder = folder();
    let file = folder.path().join("run.json");
    let recorded = folder.path().join("recorded.json");
    assert_eq!(ag(&saving(&[text(&recorded)])).code, 0);
    let lesson = |format| [&LESSON as &[&str], &["--format", format]].concat();
    for arguments in [
        lesson("text"),
        lesson("json"),
        lesson("jsonl"),
        vec!["lesson", "gather", "--clock", "virtual"],
        vec!["lesson", "spawn", "-q", "--delay", "1ms"],
        vec!["replay", text(&recorded)],
        vec!["compare", "join", "spawn", "--each", "1ms", "--runs", "1"],
    ] {
        // Nobody reads what is printed.
        let (reader, output) = std::io::pipe().expect("there are pipes");
        drop(reader);
        let mut saving = command(asyncguide(), &[&*arguments, &["--save", text(&file)]].concat());
        let ran =
            crate::program::end(saving.stdout(output).stderr(std::process::Stdio::piped()).spawn().expect("it starts"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        let saved = fs::read_to_string(&file).expect("it was saved");
        check(&saved, saved.ends_with("}\n"), "all of it is there");
        fs::remove_file(&file).expect("it is there");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn s4_a_result_that_cannot_be_written_takes_no_other_one_with_it() {
    let folder = folder();
    let files = ["one.json", "two.csv"].map(|name| folder.path().join(name));
    let save = ["/dev/full", text(&files[0]), "/dev/full", text(&files[1])];
    let full = fs::File::options().write(true).open("/dev/full").expect("it is there");
    let mut saving = command(asyncguide(), &saving(&save));
    let child = saving.stdout(full).stderr(std::process::Stdio::piped()).spawn().expect("it starts");
    let ran = crate::program::end(child);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let said: Vec<&str> = ran.err.lines().map(|line| line.split(": No").next().unwrap_or_default()).collect();
    let unsaved = "error: cannot save to /dev/full";
    assert_eq!(said, [unsaved, unsaved, "error: cannot write to standard output"]);
    check_saved(&files[0]);
    assert!(fs::read_to_string(&files[1]).expect("it was saved").starts_with("lesson,clock,"));
}

#[track_caller]
fn check_refused(ran: &Ran, path: &str) {
    assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{path}: {ran:#?}");
    check(&ran.err, ran.err.starts_with(&format!("error: cannot save to {path}: ")), "it names the place");
}

#[cfg(unix)]
#[test]
fn p20_what_no_document_can_be_written_to_is_refused_before_anything_runs() {
    let folder = folder();
    let (file, socket, circle) = ("file.json", "socket.json", "circle.json");
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    fs::write(path(file), "").expect("it can be written");
    let _listener = std::os::unix::net::UnixListener::bind(path(socket)).expect("it can be made");
    std::os::unix::fs::symlink(circle, path(circle)).expect("it can be made");
    std::os::unix::fs::symlink("missing/run.json", path("astray.json")).expect("it can be made");
    let long = format!("{}.json", "n".repeat(300));
    let new_folder = format!("{}/", path("new.json"));
    let mut refused: Vec<String> = [socket, circle, "astray.json", &long, "file.json/run.json"].map(path).to_vec();
    refused.extend([new_folder.clone(), format!("{new_folder}."), format!("{}/", path(file))]);
    if cfg!(target_os = "linux") {
        refused.extend(["/proc/version", "/proc/self/cmdline", "/proc/self/fd/77"].map(str::to_owned));
    }
    for path in refused {
        // An hour's nap: had anything run, this would take a while.
        check_refused(&ag(&["lesson", "gather", "-q", "--delay", "1h", "--save", &path]), &path);
    }
    let twice = [path("new.json"), path("./new.json")];
    check_refused(&ag(&saving(&[&twice[0], &twice[1]])), &twice[1]);
    // Appending to it would mix two documents, and replacing it would lose one.
    let script = format!("'{}' {} --save '{}' >'{2}'", text(&asyncguide()), LESSON.join(" "), path(file));
    check_refused(&run(command("sh", &["-c", &script])), &path(file));
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 4, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn s4_a_file_keeps_its_other_names_and_its_permissions() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let folder = folder();
    let [file, other] = ["run.json", "other.json"].map(|name| folder.path().join(name));
    fs::write(&file, "what was there before, which is long. ".repeat(1000)).expect("it can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("it is ours");
    fs::hard_link(&file, &other).expect("it can be made");
    assert_eq!(ag(&saving(&[text(&file)])).code, 0);
    check_saved(&other);
    let found = file.metadata().expect("it is there");
    assert_eq!((found.nlink(), found.mode() & 0o777), (2, 0o640));
    fs::remove_file(&other).expect("it is there");
    assert_eq!(ag(&saving(&[text(&file)])).code, 0);
    assert_eq!(file.metadata().expect("it is there").mode() & 0o777, 0o640);
    if found.uid() == 0 {
        std::os::unix::fs::chown(&file, Some(1), Some(2)).expect("root may do so");
        assert_eq!(ag(&saving(&[text(&file)])).code, 0);
        let found = file.metadata().expect("it is there");
        assert_eq!((found.uid(), found.gid(), found.mode() & 0o777), (1, 2, 0o640));
    }
    check_saved(&file);
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn s4_a_file_that_cannot_be_written_over_whole_is_lost_and_that_is_said() {
    let folder = folder();
    let [file, other] = ["run.json", "other.json"].map(|name| folder.path().join(name));
    fs::write(&file, "what was there before").expect("it can be written");
    fs::hard_link(&file, &other).expect("it can be made");
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let program = asyncguide();
    let ran = run(command("sh", &[&["-c", limited, "sh", text(&program)], &*saving(&[text(&file)])].concat()));
    let lost = "it had to be written over in place, and what it held before is lost";
    assert!(ran.code == 1 && ran.err.lines().count() == 1 && ran.err.trim_end().ends_with(lost), "{ran:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn s4_a_link_to_a_file_that_is_not_there_stays_a_link() {
    let folder = folder();
    let [link, to_link, file] = ["link.json", "to-link.json", "file"].map(|name| folder.path().join(name));
    std::os::unix::fs::symlink("file", &link).expect("it can be made");
    std::os::unix::fs::symlink(&link, &to_link).expect("it can be made");
    assert_eq!(ag(&saving(&[text(&to_link)])).code, 0);
    check_saved(&file);
    assert!(link.is_symlink() && to_link.is_symlink() && !file.is_symlink());
}

#[test]
fn an_ending_may_have_capitals() {
    let folder = folder();
    let file = folder.path().join("RUN.JSON");
    assert_eq!(ag(&saving(&[text(&file)])).code, 0);
    check_saved(&file);
    let trace = folder.path().join("run.Trace.Json");
    assert_eq!(ag(&saving(&[text(&trace)])).code, 0);
    let saved = fs::read_to_string(trace).expect("it was saved");
    check(&saved, saved.contains("traceEvents"), "the longest ending wins");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_below_dev_is_a_file() {
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return crate::program::skip("there is no /dev/shm") };
    let file = folder.path().join("run.json");
    for _ in 0..2 {
        assert_eq!(ag(&saving(&[text(&file)])).code, 0);
        check_saved(&file);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn s4_a_file_that_cannot_be_replaced_is_written_over() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let folder = folder();
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).expect("it can be made");
    let file = closed.join("run.json");
    fs::write(&file, "what was there before, which is long. ".repeat(1000)).expect("it can be written");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    mode(folder.path(), 0o755);
    mode(&file, 0o666);
    mode(&closed, 0o555);
    let is_root = std::os::unix::fs::MetadataExt::uid(&file.metadata().expect("it is there")) == 0;
    let mut saving_as_nobody = command(asyncguide(), &saving(&[text(&file)]));
    if is_root {
        saving_as_nobody.uid(65534).gid(65534);
    }
    match saving_as_nobody.stdout(std::process::Stdio::null()).status() {
        Ok(status) => {
            assert!(status.success());
            check_saved(&file);
        }
        Err(_) => crate::program::skip("nobody may run the program"),
    }
    mode(&closed, 0o755);
    if !is_root || !there_is("unshare") {
        return;
    }
    // A file that is mounted over another one can be written to, and not be moved over.
    let mounted = folder.path().join("mounted.json");
    fs::write(&mounted, "before").expect("it can be written");
    let script = "mount --bind \"$1\" \"$2\" || exit 77; shift 2; exec \"$@\"";
    let program = asyncguide();
    let arguments = [
        &["-m", "sh", "-c", script, "sh", text(&mounted), text(&file), text(&program)] as &[&str],
        &saving(&[text(&file)]),
    ];
    let ran = run(command("unshare", &arguments.concat()));
    if ran.code == 77 || ran.err.contains("unshare") {
        return crate::program::skip("nothing can be mounted");
    }
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    check_saved(&mounted);
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn s3_a_limit_of_a_files_size_is_an_error_and_leaves_nothing_behind() {
    let folder = folder();
    let file = folder.path().join("run.json");
    let program = asyncguide();
    let saving = saving(&[text(&file)]);
    let ran = run(command("sh", &[&["-c", "ulimit -f 1; exec \"$@\"", "sh", text(&program)], &*saving].concat()));
    assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{ran:#?}");
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0, "nothing is left behind");
    let script = format!("ulimit -f 1; '{}' {} --format json >'{}'", text(&program), LESSON.join(" "), text(&file));
    let ran = run(command("sh", &["-c", &script]));
    assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{ran:#?}");
}
