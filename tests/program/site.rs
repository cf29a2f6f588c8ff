//! A site of lessons: what it consists of, that its links lead somewhere, and that it replaces nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use asyncguide::style::sanitize;

use crate::program::{Ran, ag, check, fixture};
use crate::read_back::{parse, text, xml};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn name(path: &Path) -> &str {
    path.to_str().expect("it was made here")
}

/// Returns the text of each file in `folder`, by the name of the file.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read"));
    let file = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).expect("it is a text");
        (entry.file_name().into_string().expect("it is a text"), text)
    };
    entries.map(file).collect()
}

/// Has `program` write a site of these lessons to a new folder, and returns what it said and the files.
fn site(program: fn(&[&str]) -> Ran, arguments: &[&str]) -> (Ran, BTreeMap<String, String>) {
    let folder = folder();
    let path = folder.path().join("site");
    let ran = program(&[&["site", name(&path)], arguments].concat());
    (ran, files(&path))
}

/// Returns where the links of a page lead.
fn links(page: &str) -> Vec<String> {
    let page = xml(page);
    let document = parse(&page);
    let attributes = document.descendants().flat_map(|node| node.attributes());
    let leads = attributes.filter(|attribute| ["href", "src"].contains(&attribute.name()));
    leads.map(|attribute| attribute.value().to_owned()).collect()
}

#[test]
fn h6_a_site_has_a_page_a_picture_and_a_twin_for_each_lesson_and_links_to_them() {
    let (ran, files) = site(ag, &["spawn", "gather", "spawn", "--delay", "20ms"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let expected = ["gather.html", "gather.py", "gather.svg", "index.html", "spawn.html", "spawn.py", "spawn.svg"];
    assert_eq!(files.keys().collect::<Vec<_>>(), expected);
    let to_files = ["gather.html", "gather.svg", "gather.py", "spawn.html", "spawn.svg", "spawn.py"];
    assert_eq!(links(&files["index.html"]), to_files, "in teaching order");
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".html") || name.ends_with(".svg")) {
        parse(&xml(text));
        for link in links(text).iter().filter(|link| !link.starts_with('#')) {
            check(name, files.contains_key(link), &format!("{link} is there"));
        }
    }
    for lesson in ["gather", "spawn"] {
        check(lesson, links(&files[&format!("{lesson}.html")]).contains(&"index.html".to_owned()), "it links back");
        assert_eq!(files[&format!("{lesson}.py")], ag(&["show", lesson, "--python"]).out);
    }
}

#[test]
fn h6_a_lesson_is_shown_as_it_is_saved_with_its_question_closed() {
    let (ran, files) = site(ag, &["gather"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let printed = |format: &str| ag(&["lesson", "gather", "--clock", "virtual", "--format", format]).out;
    let back = "<nav><a href=\"index.html\">All lessons</a></nav>\n";
    assert_eq!(files["gather.html"].replacen(back, "", 1), printed("html"));
    assert_eq!(files["gather.svg"], printed("svg"));
    check(&files["gather.html"], !files["gather.html"].contains("open=\"open\""), "the results are folded");
}

#[test]
fn h6_the_first_page_says_what_ran_and_lets_nothing_in() {
    let (ran, files) = site(ag, &["gather"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let index = &files["index.html"];
    let page = xml(index);
    let page = parse(&page);
    let lesson = page.descendants().find(|node| node.has_tag_name("li")).expect("there is a lesson");
    assert_eq!(lesson.attribute("value"), Some("2"), "its place in the syllabus");
    let said = text(lesson);
    for part in ["wait for many things at once", "3 scenes on the virtual clock; claims: 3 held, 0 failed, 0 skipped"] {
        check(&said, said.contains(part), part);
    }
    let policy = page.descendants().find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"));
    let policy = policy.and_then(|node| node.attribute("content")).expect("it has a policy");
    let (start, end) = ("default-src 'none'; style-src 'sha256-", "'; base-uri 'none'; form-action 'none'");
    check(policy, policy.starts_with(start) && policy.ends_with(end), "it lets nothing in");
    check(index, !index.contains("<script"), "it has no script");
}

#[test]
fn h6_two_sites_of_a_lesson_on_the_virtual_clock_are_the_same_byte_for_byte() {
    let [first, second] = [(); 2].map(|()| site(ag, &["gather"]));
    assert_eq!(first.0.code, 0, "{:?}", first.0);
    assert_eq!(first.1, second.1);
}

#[test]
fn h6_a_lesson_that_fails_is_written_too_and_named() {
    let (ran, files) = site(fixture, &["--delay", "20ms"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert_eq!(files.len(), 1 + 5 * 3, "{:?}", files.keys());
    for (name, text) in &files {
        assert_eq!(&sanitize(text), text, "{name} holds nothing that acts");
    }
    for failed in ["panics: 1 scene on the virtual clock; a task panicked", "claims: 1 held, 1 failed, 0 skipped"] {
        check(&ran.err, ran.err.contains(failed), failed);
    }
    let failed = files["index.html"].matches("<p class=\"failed\">").count();
    assert_eq!(failed, 2, "{}", files["index.html"]);
}

#[test]
fn p16_a_site_reports_each_lesson_in_a_line_unless_it_is_quiet() {
    let (ran, _) = site(ag, &["gather"]);
    let line = "gather: 3 scenes on the virtual clock; claims: 3 held, 0 failed, 0 skipped\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", line));
    let (quiet, files) = site(ag, &["gather", "-q"]);
    assert_eq!((quiet.code, quiet.both().as_str(), files.len()), (0, "", 4));
}

#[test]
fn p20_a_site_goes_to_a_folder_that_is_new_or_empty_and_replaces_nothing() {
    let folder = folder();
    let (full, file) = (folder.path().join("full"), folder.path().join("file"));
    fs::create_dir(&full).expect("it can be made");
    fs::write(full.join("gather.html"), "mine").expect("it can be written");
    fs::write(&file, "mine").expect("it can be written");
    let missing = folder.path().join("missing/site");
    for (path, reason) in [
        (&full, "the folder is not empty; name one that is new or empty"),
        (&file, "it is not a folder; name one that is new or empty"),
        (&missing, ""),
    ] {
        let ran = ag(&["site", name(path), "gather"]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{ran:?}");
        let refusal = format!("error: cannot write a site to {}: {reason}", path.display());
        check(&ran.err, ran.err.starts_with(&refusal), "it says why");
    }
    assert_eq!(files(&full), BTreeMap::from([("gather.html".to_owned(), "mine".to_owned())]));
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "mine");

    let unknown = ag(&["site", name(&missing), "gahter"]);
    check(&unknown, unknown.code == 2 && unknown.err.contains("'gather'"), "a typo gets a suggestion");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("it can be made");
    assert_eq!(ag(&["site", name(&empty), "gather"]).code, 0);
    assert_eq!(files(&empty).len(), 4, "an empty folder will do");
}

#[cfg(unix)]
#[test]
fn p20_a_folder_that_a_site_cannot_be_written_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).expect("it can be made");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).expect("it is ours");
    // Nothing stops root from writing there.
    let stopped = fs::write(locked.join("probe"), "").is_err();
    let unwritable: &[&str] = if stopped { &[name(&locked), "/dev/null/site"] } else { &["/dev/null/site"] };
    for path in unwritable {
        let ran = ag(&["site", path, "gather"]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{ran:?}");
        check(&ran.err, ran.err.contains(path), "it names the folder");
    }
}

#[cfg(unix)]
#[test]
fn s1_an_interrupted_site_keeps_the_lessons_that_ended() {
    use crate::program::{asyncguide, command, end, lines, run, spawn, wait_for};
    let folder = folder();
    let path = folder.path().join("site");
    let mut child = spawn(&mut command(asyncguide(), &["site", name(&path), "gather", "spawn", "--delay", "1h"]));
    let said = lines(child.stderr.take().expect("it is a pipe"));
    wait_for(&said, &mut child, |line| line.starts_with("gather: "));
    assert_eq!(run(command("kill", &["-INT", &child.id().to_string()])).code, 0);
    assert_eq!(end(child).code, 130);
    let files = files(&path);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["gather.html", "gather.py", "gather.svg", "index.html"]);
    let index = &files["index.html"];
    assert_eq!(links(index), ["gather.html", "gather.svg", "gather.py"]);
    check(index, index.contains("<strong>It has no page:</strong> the run was interrupted."), "it says so");
}

#[cfg(unix)]
#[test]
fn s4_a_site_that_cannot_be_written_whole_has_no_half_of_a_file() {
    use crate::program::{asyncguide, command, run};
    let folder = folder();
    let path = folder.path().join("site");
    // The system lets no file grow beyond a block or two, and says so instead of ending the program.
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let program = asyncguide();
    let ran = run(command("sh", &["-c", limited, "sh", name(&program), "site", name(&path), "gather"]));
    let failed: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("error: cannot save to ")).collect();
    assert_eq!((ran.code, failed.len()), (1, 4), "{ran:?}");
    for (line, file) in failed.iter().zip(["gather.html", "gather.svg", "gather.py", "index.html"]) {
        check(line, line.contains(file), "each names its file");
    }
    assert_eq!(files(&path), BTreeMap::new());
}

#[cfg(unix)]
#[test]
fn s4_a_page_that_cannot_be_written_keeps_no_other_from_being_written() {
    use crate::program::{asyncguide, command, run};
    let folder = folder();
    let path = folder.path().join("site");
    // Pictures, twins and the first page fit, and pages do not.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$@\"";
    let program = asyncguide();
    let ran = run(command("sh", &["-c", limited, "sh", name(&program), "site", name(&path), "gather", "ways"]));
    let failed: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!((ran.code, failed.len()), (1, 2), "{ran:?}");
    check(&ran, failed[0].contains("gather.html") && failed[1].contains("ways.html"), "both lessons ran");
    let files = files(&path);
    assert_eq!(files.keys().collect::<Vec<_>>(), ["gather.py", "gather.svg", "index.html", "ways.py", "ways.svg"]);
    let index = &files["index.html"];
    assert_eq!(index.matches("<strong>It has no page:</strong> its files could not be saved.").count(), 2, "{index}");
    assert_eq!(links(index), [""; 0]);
}
