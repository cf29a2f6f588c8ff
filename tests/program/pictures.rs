//! Pictures and pages of a run: they are well made, show what the text shows, and let nothing act that came from outside.

use std::fs;

use asyncguide::chart::Axis;
use asyncguide::lesson::duration;
use asyncguide::page::sanitize;
use roxmltree::{Document, Node, ParsingOptions};

use crate::program::{Ran, ag, check, fixture};

/// What one run was saved as.
pub(crate) struct Saved {
    pub(crate) text: String,
    pub(crate) svg: String,
    pub(crate) html: String,
}

/// Runs a lesson of `program` once and reads back what it was saved as.
pub(crate) fn saved(program: fn(&[&str]) -> Ran, arguments: &[&str]) -> Saved {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let files = ["run.txt", "run.svg", "run.html"].map(|name| folder.path().join(name));
    let save = files.iter().flat_map(|file| ["--save", file.to_str().expect("it was made here")]);
    let words = ["lesson"].into_iter().chain(arguments.iter().copied()).chain(save);
    let ran = program(&words.collect::<Vec<_>>());
    check(&ran, ran.code == 0 || ran.code == 1, "it ran");
    let [text, svg, html] = files.map(|file| fs::read_to_string(file).expect("it was saved"));
    Saved { text, svg, html }
}

/// `html` as XML: what is in a style or a script is for others to parse.
fn xml(html: &str) -> String {
    let mut rest = html;
    let mut xml = String::new();
    while let Some(at) = ["<style>", "<script type=\"module\">"].iter().filter_map(|tag| rest.find(tag)).min() {
        let begin = at + rest[at..].find('>').expect("it is a tag") + 1;
        let end = begin + rest[begin..].find("</").expect("it ends");
        xml += &rest[..begin];
        rest = &rest[end..];
    }
    xml + rest
}

fn parse(document: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(document, options).expect("it is well formed")
}

/// A bar: its class, and from when to when.
type Bar = (String, u64, u64);

/// A lane as it can be read back.
#[derive(Clone, Debug, PartialEq)]
struct Lane {
    name: String,
    detail: String,
    lifetime: Option<u64>,
    outcome: String,
    bars: Vec<Bar>,
}

fn number(node: Node<'_, '_>, name: &str) -> Option<u64> {
    node.attribute(name).map(|number| number.parse().expect("it is a number"))
}

fn has_class(node: &Node<'_, '_>, class: &str) -> bool {
    node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(|node| node.text().filter(|_| node.is_text())).collect()
}

fn lane(node: Node<'_, '_>) -> Lane {
    let bar = |bar: Node<'_, '_>| {
        let class = bar.attribute("class").expect("it has a class").to_owned();
        (class, number(bar, "data-from").expect("from"), number(bar, "data-to").expect("to"))
    };
    let end = node.children().find(|node| has_class(node, "end")).expect("it has something at its end");
    Lane {
        name: node.attribute("data-name").expect("it has a name").to_owned(),
        detail: text(end),
        lifetime: number(node, "data-lifetime"),
        outcome: node.attribute("data-outcome").unwrap_or_default().to_owned(),
        bars: node
            .children()
            .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "rect")))
            .map(bar)
            .collect(),
    }
}

/// The scenes of a picture or a page, by name and wall, each with its lanes.
fn scenes(document: &Document<'_>) -> Vec<(String, u64, Vec<Lane>)> {
    let scene = |scene: Node<'_, '_>| {
        let name = scene.attribute("data-scene")?.to_owned();
        let lanes = scene.descendants().filter(|node| has_class(node, "lane")).map(lane).collect();
        Some((name, number(scene, "data-wall").expect("it has a wall"), lanes))
    };
    document.descendants().filter_map(scene).collect()
}

/// The lanes of a text: of each the name, the cells and the two words at its end.
fn lanes_of_text(text: &str) -> Vec<(String, String, String)> {
    let axis = text.lines().find(|line| line.trim_start().starts_with('├')).expect("there is an axis");
    let (from, cells) = (axis.find('├').expect("it begins"), axis.trim().chars().count());
    let lane = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        let part = |range: std::ops::Range<usize>| chars.get(range).map(|part| part.iter().collect::<String>());
        let end = part(from + cells..chars.len())?;
        let outcome = end.trim().split_once("  ").map(|(_, outcome)| outcome);
        let ends = matches!(outcome, Some("done" | "cancelled" | "panicked" | "interrupted"));
        ends.then(|| Some((part(0..from)?.trim().to_owned(), part(from..from + cells)?, end.trim().to_owned())))?
    };
    text.lines().filter_map(lane).collect()
}

/// Checks that each cell of a lane in a text shows what the bars of the same lane in a picture do for most of it.
#[track_caller]
fn check_same_states(cells: &str, lane: &Lane, extent: u64) {
    let axis = Axis::new(extent, cells.chars().count());
    for (cell, glyph) in cells.chars().enumerate() {
        let (start, end) = (axis.start(cell), axis.start(cell + 1));
        let inside = |(_, from, to): &&Bar| (*to).min(end).saturating_sub((*from).max(start)) * 4 > (end - start) * 3;
        // Where two states share a cell, bars may differ by what is too short to be seen.
        let Some((class, ..)) = lane.bars.iter().find(inside) else { continue };
        let expected = match class.as_str() {
            "waiting" => '░',
            "ready" => '▒',
            _ => '█',
        };
        assert_eq!(glyph, expected, "cell {cell} of {cells:?} and {lane:#?}");
    }
    let drawn = cells.chars().filter(|glyph| *glyph != ' ').count() as u64;
    let lasts = lane.lifetime.unwrap_or(0);
    assert!((drawn * extent).abs_diff(lasts * axis.cells as u64) <= extent, "{cells:?} is as long as {lane:#?}");
}

#[track_caller]
fn check_same(saved: &Saved) {
    let page = xml(&saved.html);
    let (svg, html) = (parse(&saved.svg), parse(&page));
    let scenes_of_svg = scenes(&svg);
    assert_eq!(scenes_of_svg, scenes(&html));
    let extent = scenes_of_svg.iter().map(|(_, wall, _)| *wall).max().expect("there is a scene");
    let lanes: Vec<&Lane> = scenes_of_svg.iter().flat_map(|(.., lanes)| lanes).collect();
    let told = lanes_of_text(&saved.text);
    assert_eq!(told.len(), lanes.len(), "{}", saved.text);
    for ((name, cells, end), lane) in told.iter().zip(lanes) {
        assert_eq!(*name, lane.name);
        let lifetime = duration(lane.lifetime.expect("it ran"));
        assert_eq!(*end, format!("{lifetime}  {}", lane.outcome));
        assert_eq!(lane.detail, format!("{lifetime} · {}", lane.outcome));
        check_same_states(cells, lane, extent);
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let lines: Vec<String> = saved.text.lines().map(squeezed).collect();
    for row in html.descendants().filter(|node| node.has_tag_name("tr")) {
        let row = squeezed(&text(row));
        assert!(lines.contains(&row), "the text has the row {row}: {}", saved.text);
    }
    let told = lines.concat().replace("(FAILED:", "(").replace("(skipped:", "(");
    for claim in html.descendants().filter(|node| node.has_tag_name("li") && node.has_attribute("class")) {
        let text_of_claim = text(claim);
        let (_, claim) = text_of_claim.split_once(": ").expect("it has a verdict");
        assert!(told.contains(&squeezed(claim)), "the text has the claim {claim}");
    }
}

#[test]
fn text_picture_and_page_of_one_run_show_the_same() {
    for lesson in ["gather", "sequential", "handles"] {
        check_same(&saved(ag, &[lesson, "--clock", "virtual"]));
    }
    // One that is ready and one that runs, which takes the real clock.
    let hogs = saved(fixture, &["hogs", "--delay", "50ms"]);
    check_same(&hogs);
    let svg = parse(&hogs.svg);
    let bars: Vec<String> =
        scenes(&svg)[0].2.iter().flat_map(|lane| lane.bars.iter().map(|bar| bar.0.clone())).collect();
    check(&bars, ["ready", "running"].iter().all(|class| bars.iter().any(|bar| bar == class)), "both are shown");
}

#[test]
fn a_picture_by_thread_has_a_lane_for_each_thread() {
    let saved = saved(fixture, &["hogs", "--by", "thread"]);
    let page = xml(&saved.html);
    for document in [parse(&saved.svg), parse(&page)] {
        let lanes: Vec<_> = document.descendants().filter(|node| has_class(node, "lane")).collect();
        let busy: Vec<u64> = lanes.iter().filter_map(|lane| number(*lane, "data-busy")).collect();
        assert_eq!((lanes.len(), busy.len()), (1, 1));
        assert!(saved.text.contains(&format!("{}  held", duration(busy[0]))), "{}", saved.text);
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
    let page = xml(&saved.html);
    let (svg, html) = (parse(&saved.svg), parse(&page));
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
