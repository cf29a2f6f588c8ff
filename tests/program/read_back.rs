//! One run, read back from everything that shows it: the text, the picture, the page, and all of them again from its
//! replay, the one that grows included. All show the same lanes, states and figures.

use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use asyncguide::chart::Axis;
use asyncguide::trace::Nanos;
use asyncguide::units::duration;
use roxmltree::{Document, Node, ParsingOptions};

use crate::program::{Ran, ag, asyncguide, check, fixture, misbehaving};
#[cfg(unix)]
use crate::pty::GLYPHS;

/// What one run was saved as.
#[derive(PartialEq)]
pub(crate) struct Saved {
    pub(crate) text: String,
    pub(crate) svg: String,
    pub(crate) html: String,
    pub(crate) json: String,
}

/// Runs a lesson of `program` once and reads back what it was saved as.
pub(crate) fn saved(program: fn(&[&str]) -> Ran, arguments: &[&str]) -> Saved {
    saved_by(program, &[&["lesson"], arguments].concat())
}

/// Has `program` do what `arguments` ask for, and reads back what it was saved as.
fn saved_by(program: fn(&[&str]) -> Ran, arguments: &[&str]) -> Saved {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let files = ["run.txt", "run.svg", "run.html", "run.json"].map(|name| folder.path().join(name));
    let save = files.iter().flat_map(|file| ["--save", file.to_str().expect("it was made here")]);
    let ran = program(&arguments.iter().copied().chain(save).collect::<Vec<_>>());
    check(&ran, ran.code == 0 || ran.code == 1, "it ran");
    let [text, svg, html, json] = files.map(|file| fs::read_to_string(file).expect("it was saved"));
    Saved { text, svg, html, json }
}

/// `html` as XML: what is in a style or a script is for others to parse.
pub(crate) fn xml(html: &str) -> String {
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

pub(crate) fn parse(document: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(document, options).expect("it is well formed")
}

/// A bar: its class, and from when to when.
type Bar = (String, Nanos, Nanos);

/// A lane as it can be read back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lane {
    pub(crate) name: String,
    detail: String,
    lifetime: Option<Nanos>,
    outcome: String,
    bars: Vec<Bar>,
}

impl Lane {
    fn began(&self) -> Nanos {
        self.bars.first().map_or(Nanos::ZERO, |(_, from, _)| *from)
    }

    fn lasts(&self) -> Nanos {
        self.lifetime.unwrap_or_default()
    }

    /// What is said at its end.
    fn end(&self) -> String {
        format!("{}  {}", duration(self.lasts()), self.outcome)
    }
}

/// Returns the time that an attribute of `node` tells, or `None` if it has no such attribute.
pub(crate) fn time(node: Node<'_, '_>, name: &str) -> Option<Nanos> {
    node.attribute(name).map(|number| Nanos(number.parse().expect("it is a number")))
}

pub(crate) fn has_class(node: &Node<'_, '_>, class: &str) -> bool {
    node.attribute("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
}

pub(crate) fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter_map(|node| node.text().filter(|_| node.is_text())).collect()
}

fn lane(node: Node<'_, '_>) -> Lane {
    let bar = |bar: Node<'_, '_>| {
        let class = bar.attribute("class").expect("it has a class").to_owned();
        (class, time(bar, "data-from").expect("from"), time(bar, "data-to").expect("to"))
    };
    let end = node.children().find(|node| has_class(node, "end")).expect("it has something at its end");
    Lane {
        name: node.attribute("data-name").expect("it has a name").to_owned(),
        detail: text(end),
        lifetime: time(node, "data-lifetime"),
        outcome: node.attribute("data-outcome").unwrap_or_default().to_owned(),
        bars: node
            .children()
            .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "rect")))
            .map(bar)
            .collect(),
    }
}

/// The scenes of a picture or a page, by name and wall, each with its lanes.
pub(crate) fn scenes(document: &Document<'_>) -> Vec<(String, Nanos, Vec<Lane>)> {
    let scene = |scene: Node<'_, '_>| {
        let name = scene.attribute("data-scene")?.to_owned();
        let lanes = scene.descendants().filter(|node| has_class(node, "lane")).map(lane).collect();
        Some((name, time(scene, "data-wall").expect("it has a wall"), lanes))
    };
    document.descendants().filter_map(scene).collect()
}

/// A lane as it stands in a text: its name, its cells, and what is said at its end.
type Row = (String, String, String);

/// The lanes of a text.
fn lanes_of_text(text: &str) -> Vec<Row> {
    let has_ended = |(.., end): &Row| {
        let outcome = end.split_once("  ").map(|(_, outcome)| outcome);
        matches!(outcome, Some("done" | "cancelled" | "panicked" | "interrupted"))
    };
    rows(text).into_iter().filter(has_ended).collect()
}

/// The lines of a text that are as long as its axis, cut where it begins and ends.
fn rows(text: &str) -> Vec<Row> {
    let axis = text.lines().find(|line| line.trim_start().starts_with('├')).expect("there is an axis");
    let (from, cells) = (axis.find('├').expect("it begins"), axis.trim().chars().count());
    let row = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        let part = |range: std::ops::Range<usize>| chars.get(range).map(|part| part.iter().collect::<String>());
        let end = part(from + cells..chars.len())?;
        Some((part(0..from)?.trim().to_owned(), part(from..from + cells)?, end.trim().to_owned()))
    };
    text.lines().filter_map(row).collect()
}

/// Checks that each cell of a lane in a text shows what the bars of the same lane in a picture do for most of it, and
/// that it is as long as one that lasts as long as this.
#[track_caller]
fn check_same_states(cells: &str, lane: &Lane, extent: Nanos, lasts: RangeInclusive<Nanos>) {
    let axis = Axis::new(extent, cells.chars().count());
    let seen = lane.began() + *lasts.start();
    for (cell, glyph) in cells.chars().enumerate() {
        let (start, end) = (axis.start(cell), axis.start(cell + 1));
        let inside = |(_, from, to): &&Bar| ((*to).min(end).min(seen) - (*from).max(start)) * 4 > (end - start) * 3;
        // Where two states share a cell, bars may differ by what is too short to be seen.
        let Some((class, ..)) = lane.bars.iter().find(inside) else { continue };
        let expected = match class.as_str() {
            "waiting" => '━',
            "held" => '╳',
            "ready" => '▄',
            "blocked" => '▌',
            _ => '█',
        };
        assert_eq!(glyph, expected, "cell {cell} of {cells:?} and {lane:#?}");
    }
    let drawn = cells.chars().filter(|glyph| *glyph != ' ').count() as u64 * extent;
    let [least, most] = [lasts.start(), lasts.end()].map(|time| *time * axis.cells as u64);
    assert!(drawn + extent >= least && drawn <= most + extent, "{cells:?} is as long as {lane:#?}, {lasts:?}");
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
        assert_eq!((end.as_str(), lane.detail.replace(" · ", "  ")), (lane.end().as_str(), lane.end()));
        check_same_states(cells, lane, extent, lane.lasts()..=lane.lasts());
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

/// Checks that a replay of what was saved says and draws the same, at its end and while it grows.
#[track_caller]
fn check_replay(program: fn(&[&str]) -> Ran, path: PathBuf, saved: &Saved, speed: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("saved.json");
    fs::write(&file, &saved.json).expect("it can be written");
    let arguments = ["replay", file.to_str().expect("it was made here"), "--speed", speed];
    let replayed = saved_by(program, &arguments);
    assert!(replayed == *saved, "{}\nand replayed:\n{}", saved.text, replayed.text);
    let printed = program(&arguments).out;
    check(&printed, printed.ends_with(&saved.text), "it is printed as well");
    check_growing(path, &arguments, saved);
}

/// Checks what was last seen of each scene before its picture made room for the next one.
#[cfg(unix)]
#[track_caller]
fn check_growing(program: PathBuf, arguments: &[&str], saved: &Saved) {
    let ended = crate::pty::Pty::run(crate::pty::command(program, arguments)).end();
    let mut frames = ended.erased();
    frames.retain(|frame| frame.contains('├'));
    let svg = parse(&saved.svg);
    let scenes = scenes(&svg);
    assert_eq!(frames.len(), scenes.len(), "{frames:#?}");
    let extent = scenes.iter().map(|(_, wall, _)| *wall).max().expect("there is a scene");
    for (frame, (_, _, lanes)) in frames.iter().zip(&scenes) {
        check_frame(frame, lanes, extent);
    }
}

#[cfg(not(unix))]
fn check_growing(_: PathBuf, _: &[&str], _: &Saved) {}

/// Checks that a picture shows all of `lanes` up to the moment that it tells of.
#[cfg(unix)]
#[track_caller]
fn check_frame(frame: &str, lanes: &[Lane], extent: Nanos) {
    // The heading of the scene ends in the moment, in tenths of a second.
    const TENTH: Nanos = Nanos::from_millis(100);
    let tenths = |line: &str| line.strip_suffix(" s")?.rsplit_once("  ")?.1.replace('.', "").parse::<u64>().ok();
    let above = frame.lines().take_while(|line| !line.contains(GLYPHS)).filter_map(tenths);
    let now = above.last().expect("the heading tells the moment") * TENTH;
    let padded: String = frame.lines().map(|line| format!("{line:<80}\n")).collect();
    let mut shown = rows(&padded);
    shown.retain(|(_, cells, _)| cells.contains(GLYPHS) && !cells.contains('─'));
    let cell = extent / shown.first().expect("there is a lane").1.chars().count() as u64;
    let begun = lanes.iter().filter(|lane| lane.began() + 2 * cell < now).count();
    assert!(shown.len() >= begun.max(1) && shown.len() <= lanes.len(), "all that have begun: {frame}");
    for ((name, cells, end), lane) in shown.iter().zip(lanes) {
        assert_eq!(*name, lane.name);
        let ended = lane.began() + lane.lasts();
        if ended < now || *end == lane.end() {
            assert_eq!(*end, lane.end(), "{frame}");
            check_same_states(cells, lane, extent, lane.lasts()..=lane.lasts());
        } else {
            let least = now - lane.began();
            check_same_states(cells, lane, extent, least..=least + TENTH);
        }
        assert!(ended < now + TENTH || *end != lane.end(), "it has not ended yet: {frame}");
    }
}

#[test]
fn text_picture_page_and_replay_of_one_run_show_the_same() {
    // So fast that each scene can be seen.
    for (lesson, speed) in [("gather", "2"), ("sequential", "2"), ("handles", "0.5")] {
        let saved = saved(ag, &[lesson, "--clock", "virtual"]);
        check_same(&saved);
        check_replay(ag, asyncguide(), &saved, speed);
    }
    // One that is ready and one that holds the thread asleep, which takes the real clock.
    let hogs = saved(fixture, &["hogs", "--delay", "500ms"]);
    check_same(&hogs);
    check_replay(fixture, misbehaving(), &hogs, "0.5");
    let svg = parse(&hogs.svg);
    let bars: Vec<String> =
        scenes(&svg)[0].2.iter().flat_map(|lane| lane.bars.iter().map(|bar| bar.0.clone())).collect();
    check(&bars, bars.iter().any(|bar| bar == "ready"), "one that wants the thread is shown");
    check(
        &bars,
        ["blocked", "running"].iter().any(|class| bars.iter().any(|bar| bar == class)),
        "and one that holds it",
    );
}
