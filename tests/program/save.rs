//! Places to save a recording to.

use std::fs;
use std::path::Path;
use std::time::Instant;

use asyncguide::trace::Trace;

use crate::program::{ag, ag_reading, check};

/// A lesson that takes no time.
const LESSON: [&str; 4] = ["lesson", "gather", "--clock", "virtual"];

fn saving_to<'a>(paths: &[&'a str]) -> Vec<&'a str> {
    LESSON.into_iter().chain(paths.iter().flat_map(|path| ["--save", path])).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it was made here")
}

#[test]
fn p20_a_place_that_cannot_be_written_to_is_refused_before_anything_runs() {
    let folder = folder();
    let (missing, picture) = (folder.path().join("missing/x.json"), folder.path().join("x.png"));
    let good = folder.path().join("good.json");
    for path in [text(&missing), text(folder.path()), text(&picture)] {
        // An hour's nap: had anything run, this would take a while.
        let start = Instant::now();
        let ran = ag(&["lesson", "gather", "--delay", "1h", "--save", text(&good), "--save", path]);
        assert!(start.elapsed().as_secs() < 1800);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{path}: {ran:#?}");
        check(&ran.err, ran.err.starts_with(&format!("error: cannot save to {path}: ")), "it names the place");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0, "checking leaves nothing behind");
}

#[test]
fn p20_every_place_gets_the_same_document() {
    let folder = folder();
    let files = ["one.json", "two.json"].map(|name| folder.path().join(name));
    assert_eq!(ag(&saving_to(&files.each_ref().map(|file| text(file)))).code, 0);
    let document = ag(&[&LESSON as &[&str], &["--format", "json"]].concat()).out;
    for file in &files {
        assert_eq!(fs::read_to_string(file).expect("it was saved"), document);
    }
    assert!(Trace::from_json(document.as_bytes()).is_ok());
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2, "nothing else is left behind");
}

#[test]
fn a_dash_is_standard_output_which_gets_the_document_once_and_nothing_else() {
    let folder = folder();
    let file = folder.path().join("run.json");
    for format in ["text", "json", "jsonl", "chrome", "csv", "markdown", "svg", "animated-svg", "html"] {
        let printed = ag(&[&LESSON as &[&str], &["--format", format]].concat());
        let save = ["--format", format, "--save", "-", "--save", text(&file)];
        let saved = ag(&[&LESSON as &[&str], &save].concat());
        assert_eq!((saved.code, saved.err.as_str(), saved.out), (0, "", printed.out), "{format}");
        let replayed = ag(&["replay", text(&file), "--format", format, "--save", "-"]);
        assert_eq!(replayed.out, ag(&["replay", text(&file), "--format", format]).out, "{format}");
        fs::remove_file(&file).expect("it was saved beside it");
    }
    // A lesson that prints lines of its own prints them elsewhere then.
    let echoes = ag_reading(&["lesson", "spawn", "--delay", "1ms", "--save", "-", "--format", "csv"], "a\nb\n");
    check(&echoes.out, echoes.out.starts_with("lesson,clock,") && echoes.out.lines().count() == 2, "one table");
}

#[cfg(unix)]
#[test]
fn s4_a_write_that_fails_half_way_leaves_the_old_file_whole() {
    use crate::program::{asyncguide, command, run};
    let folder = folder();
    for ending in ["json", "jsonl", "trace.json", "svg"] {
        let file = folder.path().join(format!("run.{ending}"));
        fs::write(&file, "what was there before").expect("it can be written");
        // The system lets no file grow beyond a block or two, and says so instead of ending the program.
        let limited = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
        let saving = saving_to(&[text(&file)]);
        let program = asyncguide();
        let ran = run(command("sh", &[&["-c", limited, "sh", text(&program)], &*saving].concat()));
        assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{ran:#?}");
        check(&ran.err, ran.err.starts_with(&format!("error: cannot save to {}: ", text(&file))), "it names the file");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "what was there before");
        fs::remove_file(&file).expect("it is there");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn p20_standard_output_will_do() {
    let ran = ag(&saving_to(&["/dev/stdout"]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let last = ran.out.lines().last().unwrap_or_default();
    check(&ran.out, ran.out.contains("What to notice"), "the report is there");
    check(&ran.out, Trace::from_json(last.as_bytes()).is_ok(), "and after it the document");
}

#[cfg(unix)]
#[test]
fn p20_a_pipe_will_do() {
    use crate::program::{asyncguide, command, run};
    let save = format!("'{}' {} -q --save /dev/fd/3 3>&1 >/dev/null", text(&asyncguide()), LESSON.join(" "));
    let ran = run(command("sh", &["-c", &save]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    check(&ran.out, Trace::from_json(ran.out.as_bytes()).is_ok(), "it is the document");
}

#[cfg(unix)]
#[test]
fn p20_a_fifo_will_do() {
    use crate::program::{command, end, run, spawn};
    let folder = folder();
    let fifo = folder.path().join("fifo");
    assert_eq!(run(command("mkfifo", &[text(&fifo)])).code, 0);
    let reader = spawn(&mut command("cat", &[text(&fifo)]));
    let ran = ag(&saving_to(&[text(&fifo)]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let read = end(reader).out;
    check(&read, Trace::from_json(read.as_bytes()).is_ok(), "it is the document");
    check(&fifo, !fs::metadata(&fifo).expect("it is there").is_file(), "it is a FIFO still");
}
