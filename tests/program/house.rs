//! The house is as its plan says: lessons and their list agree, and the arrows between the modules run one way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::program::{ag, folder, lessons, root};

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// The Rust files below `folder`, as paths from there with slashes, each with its text.
fn rust_files(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name").to_owned();
        if path.is_dir() {
            let below = rust_files(&path).into_iter().map(|(file, text)| (format!("{name}/{file}"), text));
            files.extend(below);
        } else if name.ends_with(".rs") {
            files.push((name, read(&path)));
        }
    }
    files
}

/// `text` without comments and without its unit tests, which stand at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether `code` names `word`, as a word of its own.
fn names(code: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(part_of_a_word) && !code[at + word.len()..].starts_with(part_of_a_word))
}

/// The modules of its own crate that `code` names.
fn modules_named(code: &str) -> BTreeSet<String> {
    let first = |path: &str| path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut named = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        match path.strip_prefix('{') {
            // Of nested groups only the outermost names are modules, but the others do no harm.
            Some(group) => named.extend(group.split(';').next().unwrap_or_default().split([',', '{']).map(first)),
            None => drop(named.insert(first(path))),
        }
    }
    named
}

#[test]
fn the_folders_and_the_list_of_lessons_agree() {
    let entries =
        fs::read_dir(root().join("lessons")).expect("it is there").map(|entry| entry.expect("it can be read"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut folders: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let mut listed: Vec<String> = lessons().iter().map(|name| folder(name)).collect();
    folders.sort_unstable();
    listed.sort_unstable();
    assert_eq!(folders, listed);
    let table = read(root().join("lessons/README.md"));
    let row = |name: &String| format!("| [`{name}`]({}) |", folder(name));
    let missing: Vec<_> = lessons().into_iter().filter(|name| !table.contains(&row(name))).collect();
    assert!(missing.is_empty(), "not in the table of lessons/README.md: {missing:?}");
}

#[test]
fn each_lesson_is_titled_as_it_is_listed() {
    for line in ag(&["list", "--width", "200"]).out.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (name, summary) = (words[1], words[2..].join(" "));
        let readme = read(root().join("lessons").join(folder(name)).join("README.md"));
        assert_eq!(readme.lines().next(), Some(format!("# {name}: {summary}").as_str()));
        for section in ["## What happens", "## What to notice", "## Try"] {
            assert_eq!(readme.lines().filter(|line| *line == section).count(), 1, "{name}: {section}");
        }
        // What stands above the question says what the scenes do, and leaves what comes of it for afterwards.
        let set_up = readme.lines().skip(1).take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>();
        let set_up = set_up.join(" ");
        assert!(!set_up.trim().is_empty() && set_up.trim().len() <= 230, "{name} is set up in three lines: {set_up}");
    }
}

/// The scenes' files: those that a `mod.rs` makes a scene of.
fn scenes() -> Vec<(String, String)> {
    let files = rust_files(&root().join("lessons"));
    let scene_of = |file: &str| {
        let (folder, file) = file.split_once('/')?;
        let mounted_in = files.iter().find(|(name, _)| *name == format!("{folder}/mod.rs"))?;
        mounted_in.1.contains(&format!("scene!({},", file.strip_suffix(".rs")?)).then_some(())
    };
    files.iter().filter(|(file, _)| scene_of(file).is_some()).cloned().collect()
}

#[test]
fn scenes_are_short() {
    let scenes = scenes();
    assert!(scenes.len() >= lessons().len(), "{scenes:?}");
    for (file, text) in scenes {
        assert!(text.lines().count() <= 40, "{file} has {} lines", text.lines().count());
        assert!(text.contains("pub async fn scene("), "{file} has a scene");
    }
}

#[test]
fn files_of_lessons_say_what_they_are_for_and_print_nothing_by_themselves() {
    for (file, text) in rust_files(&root().join("lessons")) {
        assert!(text.starts_with("//! "), "{file} says how it goes about its work");
        for forbidden in ["print!", "println!", "eprint!", "eprintln!", "dbg!"] {
            assert!(!names(&text, forbidden.trim_end_matches('!')) || !text.contains(forbidden), "{file}: {forbidden}");
        }
    }
}

/// What lessons may name beside the library: what a learner would use for the same thing at home.
const FOR_LESSONS: [&str; 10] = [
    "tokio",
    "tracing",
    "mio",
    "tempfile",
    "hyper",
    "hyper_util",
    "http_body_util",
    "h2",
    "tokio_tungstenite",
    "futures_util",
];

#[test]
fn lessons_see_the_public_interface_and_nothing_else() {
    let dependencies = dependencies();
    assert!(dependencies.contains("serde_json") && dependencies.contains("clap"), "{dependencies:?}");
    for (file, text) in rust_files(&root().join("lessons")) {
        let code = code(&text);
        for line in code.lines().map(str::trim) {
            let Some(path) = line.strip_prefix("use ").or_else(|| line.strip_prefix("pub use ")) else { continue };
            let root = path.split([':', ';', ' ']).next().unwrap_or_default();
            let sibling = path.starts_with("super::") && !path.starts_with("super::super");
            let known = ["asyncguide", "std"].iter().chain(&FOR_LESSONS).any(|known| *known == root);
            assert!(known || sibling, "{file}: {line}");
        }
        for foreign in dependencies.iter().filter(|name| !FOR_LESSONS.contains(&name.as_str())) {
            assert!(!names(&code, foreign), "{file}: {foreign}");
        }
        for outside in ["crate::", "super::super"] {
            assert!(!code.contains(outside), "{file}: {outside}");
        }
    }
}

/// The names of the packages that this one depends on, as Rust spells them.
fn dependencies() -> BTreeSet<String> {
    let manifest = read(root().join("Cargo.toml"));
    let of_packages = |section: &&str| section.lines().next().is_some_and(|head| head.ends_with("dependencies]"));
    let sections = manifest.split("\n[").filter(of_packages);
    let lines = sections.flat_map(str::lines).filter_map(|line| line.split_once(" = "));
    lines.map(|(name, _)| name.trim().replace('-', "_")).collect()
}

#[test]
fn the_library_names_no_lesson() {
    for (file, text) in rust_files(&root().join("src")) {
        let code = code(&text).replace("#[path = \"../lessons/mod.rs\"]", "");
        let place = if file == "main.rs" { code.replacen("lessons::SYLLABUS", "", 1) } else { code };
        assert!(!place.contains("lessons/") && !place.contains("lessons::"), "{file}");
    }
}

/// Every module of the library, from the ground up, and what it may import beside the standard library and crates.
/// A module may import those that stand above it in this list, and of those only the ones that it names.
const IMPORTS: &[(&str, &[&str])] = &[
    ("style", &[]),
    ("stdio", &[]),
    ("leftovers", &[]),
    ("place", &["leftovers"]),
    ("nanos", &[]),
    ("machine", &["nanos"]),
    ("trace", &["machine", "nanos"]),
    ("units", &["trace"]),
    ("record", &["machine", "trace"]),
    ("observe", &["record", "trace"]),
    ("refusals", &["observe"]),
    ("session", &["observe", "record", "refusals", "trace"]),
    ("watch", &["leftovers", "machine", "trace"]),
    ("serve", &["refusals"]),
    ("lesson", &["record", "serve", "session", "stdio", "style", "trace", "watch"]),
    ("exercise", &["leftovers", "lesson", "trace", "units", "watch"]),
    ("chart", &["trace", "units"]),
    ("finding", &["trace", "units"]),
    ("compare", &["lesson", "machine", "observe", "refusals", "session", "trace"]),
    ("render", &["chart", "compare", "finding", "lesson", "style", "trace", "units"]),
    ("term", &["leftovers", "refusals", "style", "stdio"]),
    ("live", &["chart", "style", "render", "term", "trace", "units"]),
    (
        "run",
        &[
            "chart",
            "leftovers",
            "lesson",
            "live",
            "machine",
            "place",
            "style",
            "record",
            "refusals",
            "render",
            "serve",
            "session",
            "stdio",
            "term",
            "trace",
            "units",
            "watch",
        ],
    ),
    ("guide", &["machine", "place", "record", "render", "run", "session", "style", "trace", "units"]),
    (
        "commands",
        &[
            "chart", "compare", "exercise", "finding", "lesson", "live", "machine", "observe", "style", "record",
            "refusals", "render", "run", "term", "trace", "units", "watch",
        ],
    ),
];

/// The module that each file of the library belongs to, and the modules that it imports.
fn imports() -> Vec<(String, String, BTreeSet<String>)> {
    let files = rust_files(&root().join("src"));
    let files = files.into_iter().filter(|(file, _)| file != "lib.rs" && file != "main.rs");
    let of_file = |(file, text): (String, String)| {
        let module = file.split(['/', '.']).next().unwrap_or_default().to_owned();
        let mut named = modules_named(&code(&text));
        named.retain(|name| IMPORTS.iter().any(|(known, _)| known == name) && *name != module);
        (file, module, named)
    };
    files.map(of_file).collect()
}

#[test]
fn imports_run_downwards_only() {
    let place = |module: &str| IMPORTS.iter().position(|(known, _)| *known == module);
    for (index, (module, allowed)) in IMPORTS.iter().enumerate() {
        for below in *allowed {
            let place = place(below).unwrap_or_else(|| panic!("{module} may import {below}, which is no module"));
            assert!(place < index, "{module} stands below {below} and may import it: an arrow up");
        }
    }
    let mut seen = BTreeSet::new();
    for (file, module, named) in imports() {
        let (_, allowed) = IMPORTS
            .iter()
            .find(|(known, _)| *known == module)
            .unwrap_or_else(|| panic!("{file}: the module {module} is not in the list of what each module may import"));
        for name in named {
            assert!(allowed.contains(&name.as_str()), "{file} imports {name}, which {module} may not");
            seen.insert((module.clone(), name));
        }
    }
    for (module, allowed) in IMPORTS {
        for below in *allowed {
            let used = seen.contains(&((*module).to_owned(), (*below).to_owned()));
            assert!(used, "{module} may import {below} and does not: take it from the list");
        }
    }
}

/// Prints the tree of imports: `cargo test --test program -- --nocapture the_tree_of_imports`.
#[test]
#[expect(clippy::print_stdout, reason = "the tree is what this test is for")]
fn the_tree_of_imports() {
    let imports = imports();
    for (module, _) in IMPORTS.iter().rev() {
        let named: BTreeSet<&String> =
            imports.iter().filter(|(_, of, _)| of == module).flat_map(|(.., named)| named).collect();
        let named: Vec<&str> = named.into_iter().map(String::as_str).collect();
        println!("{module:10} -> {}", named.join(", "));
    }
}

#[test]
fn each_foreign_crate_has_one_door() {
    let doors: [(&str, &[&str]); 25] = [
        ("clap", &["commands/", "term/"]),
        ("clap_complete", &["commands/completions.rs"]),
        ("clap_mangen", &["commands/man.rs"]),
        ("indicatif", &["live/"]),
        ("tracing_subscriber", &["record/"]),
        // Whoever builds a runtime.
        ("new_current_thread", &["session/runtime.rs", "term/signals.rs"]),
        ("new_multi_thread", &["session/runtime.rs", "term/signals.rs"]),
        ("quanta", &["record/"]),
        ("ecow", &["trace/"]),
        ("syntect", &["render/prose/highlight.rs"]),
        ("pulldown_cmark", &["render/prose/"]),
        ("sha2", &["lesson/folder/files.rs", "render/web/digest.rs"]),
        (
            "data_encoding",
            &[
                "lesson/folder/files.rs",
                "render/web/digest.rs",
                "render/web/steps.rs",
                "serve/websocket.rs",
                "trace/packed.rs",
            ],
        ),
        // As it is named in the module that is called the same.
        ("::csv", &["render/data/csv.rs"]),
        ("comfy_table", &["render/text/table.rs"]),
        ("terminal_size", &["term/mod.rs"]),
        (
            "rustix",
            &[
                "leftovers.rs",
                "machine/clock.rs",
                "place/",
                "record/meter.rs",
                "run/store.rs",
                "serve/reach.rs",
                "term/keys.rs",
                "term/signals.rs",
                "watch/",
            ],
        ),
        ("anstream", &["term/mod.rs"]),
        ("signal_hook", &["guide/ending.rs", "term/signals.rs"]),
        ("tempfile", &["exercise/judge.rs", "leftovers.rs", "run/twin.rs", "watch/injection.rs"]),
        // `toml` is a part of the names of files, too.
        ("Spanned", &["exercise/", "lesson/folder/"]),
        ("etcetera", &["run/store.rs"]),
        ("hyper", &["serve/"]),
        // In a page, it is a heading.
        ("h2", &["serve/http2.rs", "render/web/"]),
        ("tokio_tungstenite", &["serve/websocket.rs"]),
    ];
    let mut files = rust_files(&root().join("src"));
    files.retain(|(file, _)| !file.ends_with("tests.rs"));
    for (foreign, own) in doors {
        let users: Vec<&str> =
            files.iter().filter(|(_, text)| names(&code(text), foreign)).map(|(file, _)| &**file).collect();
        let strangers: Vec<_> = users.iter().filter(|file| !own.iter().any(|door| file.starts_with(door))).collect();
        assert!(strangers.is_empty(), "{foreign} is used by {strangers:?}");
    }
}
