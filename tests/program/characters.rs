//! Characters that no format may carry, in every format, and texts that a format's readers would act on.

use std::fs;

use crate::program::{ag, ag_reading, asyncguide, check, command, run};

/// Every character that acts on a terminal or a viewer, or that Unicode keeps from being one.
fn unwanted() -> Vec<char> {
    let reordering = "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
    let planes = (0..=16).flat_map(|plane| [0xfffe, 0xffff].map(|low| plane << 16 | low));
    let no_characters = planes.chain(0xfdd0..=0xfdef).map(|code| char::from_u32(code).expect("it is in range"));
    let controls = ('\0'..='\u{9f}').filter(|c| c.is_control() && *c != '\n' && *c != '\t');
    controls.chain(reordering.chars()).chain(no_characters).collect()
}

/// The endings of all formats that a run is saved in.
const ENDINGS: [&str; 9] = ["txt", "json", "jsonl", "trace.json", "csv", "md", "svg", "animated.svg", "html"];

#[test]
fn s9_no_format_carries_a_character_that_none_may_carry() {
    let unwanted = unwanted();
    assert_eq!(unwanted.len(), 63 + 14 + 66);
    let input: String = unwanted.iter().map(|c| format!("a{c}b <&>\"'\n")).collect();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let files = ENDINGS.map(|ending| folder.path().join(format!("run.{ending}")));
    let mut arguments = vec!["lesson", "spawn", "--delay", "1ms", "--lanes", "all"];
    for file in &files {
        arguments.extend(["--save", file.to_str().expect("it was made here")]);
    }
    let ran = ag_reading(&arguments, input);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let saved = files.iter().map(|file| fs::read_to_string(file).expect("it was saved"));
    for (text, ending) in saved.chain([ran.out]).zip(ENDINGS.into_iter().chain(["standard output"])) {
        let carried: Vec<char> = unwanted.iter().copied().filter(|c| text.contains(*c)).collect();
        assert!(carried.is_empty(), "{ending} carries {carried:?}");
        if ending.ends_with("svg") {
            let parsed = roxmltree::Document::parse(&text);
            assert!(parsed.is_ok(), "{ending} is XML: {parsed:?}");
        }
    }
    let python = ["import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])"];
    let svg = files[6].to_str().expect("it was made here");
    if crate::program::there_is("python3") {
        let ran = run(command("python3", &["-c", python[0], svg]));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "another parser agrees");
    }
}

/// What `replay` makes of a run whose first scene has this title.
fn titled(title: &str, format: &str) -> String {
    let recording = ag(&["lesson", "gather", "--clock", "virtual", "--format", "json"]).out;
    let mut document: serde_json::Value = serde_json::from_str(&recording).expect("it is JSON");
    document["lesson"] = title.into();
    document["scenes"][0]["title"] = title.into();
    ag_reading(&["replay", "-", "--format", format], document.to_string()).out
}

#[test]
fn s9_a_cell_that_begins_at_a_semicolon_is_no_formula() {
    for formula in ["a;=1+1;b", "a; \"=1+1", "a;\t@SUM(1)", ";;-1", "＋1;+1", "a\t=1", "a\n;=1"] {
        let csv = titled(formula, "csv");
        let (mut cells, mut quoted) = (vec![String::new()], false);
        // As a program reads it that separates by semicolons, to whom a quote within a cell is a character.
        for c in csv.chars() {
            match c {
                ';' | '\n' if !quoted => cells.push(String::new()),
                '"' if cells.last().is_some_and(String::is_empty) => quoted = !quoted,
                c => cells.last_mut().expect("there is one").push(c),
            }
        }
        let begins = |cell: &String| cell.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@', '＋']);
        let formulas: Vec<&String> = cells.iter().filter(|cell| begins(cell)).collect();
        assert!(formulas.is_empty(), "{formula:?}: {formulas:?}");
    }
}

#[test]
fn s9_an_address_in_a_name_is_no_link_in_markdown() {
    for address in
        ["https://example.org", "HTTP://x.org", "www.example.org", "me@example.org", "see @me", "ftp://a.b/c"]
    {
        let markdown = titled(&format!("a {address} b"), "markdown");
        let shown = markdown.replace('\\', "").replace("<!-- -->", "");
        check(&markdown, shown.contains(address), "it is shown");
        check(&markdown, !markdown.contains(address), "it is no link");
        let linked = ["://", "www.", "@example", "@me"].iter().any(|part| markdown.contains(part));
        check(&markdown, !linked, "it is no link");
    }
    let code = titled("time::sleep, 1:2 and a/b", "markdown");
    check(&code, code.contains("time::sleep, 1:2 and a/b"), "what is no address stays as it is");
}

#[test]
fn p15_without_unicode_every_command_speaks_ascii() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("run.json");
    let file = file.to_str().expect("it was made here");
    assert_eq!(ag(&["lesson", "handles", "-q", "--delay", "5ms", "--save", file]).code, 0);
    for arguments in [
        &["list"] as &[&str],
        &["show", "gather"],
        &["show", "gather", "--python"],
        &["lesson", "gather", "--clock", "virtual", "--step"],
        &["lesson", "nope"],
        &["replay", file],
        &["replay", file, "--step"],
        &["replay", file, "--by", "thread", "--format", "markdown"],
        &["replay", file, "--format", "csv"],
        &["replay", file, "--format", "svg"],
        &["replay", file, "--format", "html"],
        &["replay", "/missing/日本.json"],
        &["compare", "join", "spawn", "--each", "1ms", "--runs", "1"],
        &["compare", "join", "spawn", "--each", "1ms", "--runs", "1", "--format", "markdown"],
        &["doctor"],
        &["man"],
    ] {
        let ran = run(command(asyncguide(), arguments).env("LC_ALL", "C"));
        let beyond: String = ran.both().chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(beyond, "", "{arguments:?}");
    }
}
