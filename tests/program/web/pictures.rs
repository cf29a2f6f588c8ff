//! Pictures and pages of a run: they are well made, and let nothing act that came from outside. `read_back.rs` compares
//! what they show.

use std::fs;

use asyncguide::style::sanitize;
use asyncguide::trace::Nanos;
use asyncguide::units::duration;
use roxmltree::{Document, Node};

use crate::program::{ag, check, fixture};
use crate::read_back::{has_class, parse, saved, scenes, text, time, xml};

#[test]
fn a_picture_by_thread_has_a_lane_for_each_thread() {
    let saved = saved(fixture, &["hogs", "--by", "thread"]);
    let style = xml(&saved.html);
    for document in [parse(&saved.svg), parse(&style)] {
        let lanes: Vec<_> = document.descendants().filter(|node| has_class(node, "lane")).collect();
        let held: Vec<Nanos> = lanes.iter().filter_map(|lane| time(*lane, "data-held")).collect();
        assert_eq!((lanes.len(), held.len()), (1, 1));
        assert!(saved.text.contains(&format!("{}  held", duration(held[0]))), "{}", saved.text);
        let who = lanes[0].children().find(|node| node.attribute("data-who") == Some("hog"));
        assert!(who.is_some(), "the hog held it: {}", saved.svg);
    }
}

#[test]
fn s9_names_that_bite_change_nothing_but_the_text() {
    let hostile = saved(fixture, &["hostile", "--clock", "virtual"]);
    let harmless = saved(fixture, &["many", "--clock", "virtual", "--tasks", "10"]);
    let elements = |document: &Document<'_>| -> Vec<String> {
        let charts = document.descendants().filter(|node| node.has_attribute("data-scene"));
        charts
            .flat_map(|chart| chart.descendants())
            .filter(Node::is_element)
            .map(|node| node.tag_name().name().to_owned())
            .collect()
    };
    let scripts = |document: &Document<'_>| document.descendants().filter(|node| node.has_tag_name("script")).count();
    let pages = [xml(&hostile.html), xml(&harmless.html)];
    for [bites, harmless] in [[&hostile.svg, &harmless.svg], [&pages[0], &pages[1]]] {
        let (bites, harmless) = (parse(bites), parse(harmless));
        assert_eq!(elements(&bites), elements(&harmless));
        assert_eq!(scripts(&bites), scripts(&harmless));
        assert!(bites.descendants().all(|node| !node.has_tag_name("img")));
        let names: Vec<String> = scenes(&bites)[0].2.iter().map(|lane| lane.name.clone()).collect();
        for name in [
            "</script><img src=x onerror=1>&\"'",
            "red \\u{1b}[31m",
            "two\\nlines\\tand a tab",
            "",
            "日本語の長い長い名前",
        ] {
            assert!(names.iter().any(|shown| shown == name), "{name:?} in {names:?}");
        }
    }
}

#[test]
fn s9_no_document_holds_what_acts() {
    for lesson in ["hostile", "panics", "fails"] {
        for by in ["task", "thread"] {
            let saved = saved(fixture, &[lesson, "--clock", "virtual", "--by", by]);
            for document in [saved.svg, saved.html] {
                assert_eq!(sanitize(&document), document);
                let numbers: Vec<&str> = document.match_indices("&#").map(|(at, _)| &document[at..at + 5]).collect();
                check(&numbers, numbers.iter().all(|number| *number == "&#39;"), "none is spelled in another way");
            }
        }
    }
}

#[test]
fn a_page_needs_nothing_and_a_picture_says_its_result() {
    let saved = saved(ag, &["gather", "--clock", "virtual"]);
    for document in [&saved.svg, &saved.html] {
        let outside = document.replace("http://www.w3.org/2000/svg", "");
        for forbidden in ["http:", "https:", "src=", "@import", "unsafe", "<link", " style="] {
            check(document, !outside.contains(forbidden), forbidden);
        }
    }
    let style = xml(&saved.html);
    let (svg, html) = (parse(&saved.svg), parse(&style));
    let policy = html.descendants().find(|node| node.attribute("http-equiv") == Some("Content-Security-Policy"));
    let policy = policy.and_then(|policy| policy.attribute("content")).expect("it has a policy");
    check(policy, policy.starts_with("default-src 'none'; style-src 'sha256-"), "it lets nothing in");
    let root = svg.root_element();
    let labels = root.attribute("aria-labelledby").expect("it is labelled").split(' ');
    let said = labels.filter_map(|id| svg.descendants().find(|node| node.attribute("id") == Some(id))).map(text);
    let said = said.collect::<Vec<_>>().join(" ");
    check(&said, said.contains("wait for many things at once") && said.contains("“Together” took 1.000 s"), "in words");
    assert_eq!(root.attribute("role"), Some("img"));
}

#[test]
fn a_hundred_thousand_tasks_take_no_more_room_than_a_hundred() {
    let few = saved(fixture, &["many", "--clock", "virtual", "--tasks", "100"]);
    let many = saved(fixture, &["many", "--clock", "virtual", "--tasks", "100000"]);
    for (few, many) in [(&few.svg, &many.svg), (&few.html, &many.html)] {
        assert!(many.len() < 2 * few.len(), "{} and {}", few.len(), many.len());
        check(many, many.contains("+ 99,988 more"), "the others are folded");
    }
}

#[test]
fn the_picture_in_readme_is_what_the_program_draws() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("it is there");
    check(&readme, readme.contains("](lessons/gather/gather.svg)"), "it shows the picture");
    let kept = fs::read_to_string(root.join("lessons/gather/gather.svg")).expect("it is there");
    let drawn = ag(&["lesson", "gather", "--clock", "virtual", "--format", "svg"]).out;
    // To draw it anew: asyncguide lesson gather --clock virtual --format svg > lessons/gather/gather.svg
    assert_eq!(drawn, kept.replace("\r\n", "\n"));
}
