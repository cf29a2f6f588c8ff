//! A lesson as screens, each of which fits the terminal: one for each scene, one that answers the question, and the rest
//! of the prose in as many as it takes.
//!
//! Knows nothing of keys: `run/walk.rs` decides which screen is shown. Read `report.rs` beside this file for the same as
//! one text.

use super::lanes::{self, Layout};
use super::report::{claim, stall, title};
use super::thread_lanes;
use super::{legend, question, table};
use crate::chart::{self, View};
use crate::lesson::Scene;
use crate::render::prose::code;
use crate::render::report::{AFTERWARDS, remarks};
use crate::render::{Report, paragraph};
use crate::style::{Role, Style};
use crate::trace::{Nanos, SceneTrace};

/// A scene shows at least this many lines of code, if it has as many.
const LEAST_CODE: usize = 2;
/// Fewest rows of a picture below which it is said what caused a stall.
const ROWS_FOR_STALL: usize = 12;
/// Screens of fewer rows than this show less code.
const SMALL: usize = 20;
/// An answer stands below at least this many rows of each picture, if there is room.
const LANES_OF_AN_ANSWER: usize = 6;
/// Rows of an axis with its labels.
const AXIS: usize = 2;

/// The size of a screen, and what is shown on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Rows that may be filled, without the prompt below.
    pub(crate) rows: usize,
    /// Whether code is shown in Python where there is a twin of the scene.
    pub(crate) python: bool,
}

impl Report<'_> {
    /// Returns what stands above the picture of a scene: its title and the lines of code that matter. They take at most
    /// half of the screen.
    pub(crate) fn scene_head(&self, number: usize, own: &Scene, screen: Screen, style: &Style) -> String {
        let file = if screen.python { own.file_beside("twin.py") } else { own.file() };
        let title = title(number, own.title, &file, style);
        let code = |most: usize| {
            let twin = match self.lesson {
                Some(lesson) if screen.python => code::python(lesson.twin, own.name, most, style),
                _ => String::new(),
            };
            if twin.is_empty() { self.excerpt(own, most, style) } else { twin }
        };
        head(&title, screen, code)
    }

    /// Returns the same of a scene of the lesson's Python twin.
    pub(crate) fn twin_head(&self, scene: &SceneTrace, screen: Screen, style: &Style) -> String {
        let title = title(self.numbers().of(scene), &scene.title, &scene.file, style);
        let code = |most: usize| match self.lesson {
            Some(lesson) => code::python(lesson.twin, &scene.name, most, style),
            None => String::new(),
        };
        head(&title, screen, code)
    }

    /// Returns what stands below that: the scene's lanes on an axis of `extent`, and what to see in them. At most `rows`
    /// rows, if the terminal is not very small.
    pub(crate) fn scene_picture(&self, scene: &SceneTrace, extent: Nanos, rows: usize, style: &Style) -> String {
        // It names lanes of tasks.
        let to_see = match self.own(scene) {
            Some(own) if self.view == View::Task => own.to_see,
            _ => "",
        };
        let legend_line = if self.view == View::Task { legend::short_legend(scene, style) } else { String::new() };
        let mut below = legend_line;
        // On a small screen, the lanes themselves matter more.
        if rows >= ROWS_FOR_STALL {
            below += &stall(scene, style);
        }
        below.extend(remarks(scene).iter().map(|remark| paragraph(style, "   ", remark)));
        if !to_see.is_empty() {
            below += &format!("\n{}", paragraph(style, "   ", to_see));
        }
        let room = rows.saturating_sub(below.lines().count());
        self.lanes_within(scene, extent, room, style) + &below
    }

    /// Returns the lanes of `scene` and the axis, folded until they take at most `rows` rows.
    fn lanes_within(&self, scene: &SceneTrace, extent: Nanos, rows: usize, style: &Style) -> String {
        if self.view == View::Thread {
            let layout = Layout::by_thread([scene], extent, &self.shown, style);
            return thread_lanes::by_thread(scene, &layout, style);
        }
        let (layout, _) = Layout::of_rows([scene], extent, &self.shown, style);
        let drawn = |most: usize, layout: &Layout| {
            let rows = chart::arrange(scene, layout.axis, &self.shown.at_most(most));
            lanes::with_axis(scene, &rows, layout, style)
        };
        // On a narrow page, durations stand on lines of their own: they go first, before lanes are folded.
        let compact = Layout { compact: true, ..layout };
        let room = rows.max(AXIS + 1);
        let fits = |text: &String| text.lines().count() <= room;
        let most = room - AXIS;
        let whole = Some(drawn(most, &layout)).filter(fits);
        let folded = || (1..=most).rev().map(|most| drawn(most, &compact)).find(fits);
        whole.or_else(folded).unwrap_or_else(|| drawn(1, &compact))
    }

    /// Returns the screen that answers the question: the pictures that the answer names, the table, and the answer. Where
    /// there is little room, only what the answer names is shown, and what was guessed is not repeated. Then a second
    /// screen has the whole table.
    pub(crate) fn answer_screens(&self, screen: Screen, style: &Style) -> Vec<String> {
        let Some(lesson) = self.lesson else { return Vec::new() };
        let answer = |repeats| question::answer_or_result(&lesson.question, self.guess, repeats, self.trace, style);
        let tables = [self.whole_table(style), self.table_named_in(&answer(false), style), String::new()];
        let names_columns = tables[1] != self.table_named_in("", style);
        let smaller = if names_columns { 2 } else { 3 };
        // Rather than to fold lanes that the answer may be about, what was guessed is not repeated.
        for (least, repeats) in [(LANES_OF_AN_ANSWER, true), (LANES_OF_AN_ANSWER, false), (0, true), (0, false)] {
            for table in &tables[..smaller] {
                let answer = answer(repeats);
                let used = answer.lines().count() + table.lines().count() + 2;
                let pictures = self.pictures_named_in(&answer, least, screen.rows.saturating_sub(used), style);
                if !pictures.is_empty() {
                    let gap = if table.is_empty() { "" } else { "\n" };
                    let shown = format!("{pictures}{gap}{table}\n{answer}");
                    return if *table == tables[0] { vec![shown] } else { vec![shown, tables[0].clone()] };
                }
            }
        }
        let [whole, named, nothing] = tables;
        let table = if names_columns { named } else { nothing };
        vec![format!("{table}\n{}", answer(false)), whole]
    }

    fn whole_table(&self, style: &Style) -> String {
        table::table(self.trace, self.numbers(), style) + &table::own_table(self.trace, self.numbers(), style)
    }

    /// Returns the walls and the columns that `answer` names.
    fn table_named_in(&self, answer: &str, style: &Style) -> String {
        let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
        // A name may be that of a lane as well; then the lane is meant.
        let is_lane = |name: &str| self.trace.scenes.iter().any(|scene| scene.lane(name).is_some());
        let named = |heading: &str| heading == "wall" || answer.contains(&format!("“{heading}”")) && !is_lane(heading);
        table::columns_of(self.trace, [self.numbers(), self.numbers()], named, style)
    }

    /// Returns the pictures of the scenes whose titles `answer` names, or of all scenes if it names none, on one axis.
    /// They share `rows` rows. Empty if that leaves a scene with fewer than `least` rows, and with fewer than it needs.
    fn pictures_named_in(&self, answer: &str, least: usize, rows: usize, style: &Style) -> String {
        let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
        let named = |scene: &&SceneTrace| answer.contains(&format!("“{}”", style.line(&scene.title)));
        let mut scenes: Vec<&SceneTrace> = self.trace.scenes.iter().filter(named).collect();
        if scenes.is_empty() {
            scenes = self.trace.scenes.iter().filter(|scene| scene.language.is_none()).collect();
        }
        let extent = self.trace.extent();
        let (layout, rows_of_all) = Layout::of_rows(scenes.iter().copied(), extent, &self.shown, style);
        let layout = Layout { compact: true, ..layout };
        let drawn = |most: usize, axis: &str| {
            let mut numbers = self.numbers();
            let numbered: Vec<(usize, &SceneTrace)> =
                self.trace.scenes.iter().map(|scene| (numbers.of(scene), scene)).collect();
            let shown = numbered.into_iter().filter(|(_, scene)| scenes.iter().any(|one| std::ptr::eq(*one, *scene)));
            let picture = |(number, scene): (usize, &SceneTrace)| {
                let heading = style.paint(Role::Heading, style.line(&format!("{number}  {}", scene.title)));
                let rows = chart::arrange(scene, layout.axis, &self.shown.at_most(most));
                format!("{heading}\n{}", lanes::without_axis(scene, &rows, &layout, style))
            };
            shown.map(picture).collect::<String>() + axis
        };
        // A single row for all lanes of a scene would not show what the answer is about.
        let needed = rows_of_all.iter().map(Vec::len).max().unwrap_or(1);
        let least = least.max(2).min(needed);
        let fits = |text: &String| text.lines().count() <= rows;
        let axis = lanes::axis(&layout, style);
        // Each scene has a title and its lanes. Drawing a million tasks takes time, so what cannot fit is not tried.
        let most = |rows: usize| (rows / scenes.len().max(1)).saturating_sub(1);
        let with_axis = (least..=most(rows.saturating_sub(AXIS))).rev().map(|most| drawn(most, &axis)).find(fits);
        // On a very small terminal, the lanes matter more.
        let without = || (least..=most(rows)).rev().map(|most| drawn(most, "")).find(fits);
        with_axis.or_else(without).unwrap_or_default()
    }

    /// Returns what follows the answer: the claims, the sections of the prose, and the next lesson. Each part fits `rows`
    /// rows, if its paragraphs do.
    pub(crate) fn prose_screens(&self, rows: usize, style: &Style) -> Vec<String> {
        let mut screens = Vec::new();
        for section in AFTERWARDS {
            let Some(body) = self.section(section, style) else { continue };
            let heading = style.paint(Role::Strong, section);
            let mut text = format!("  {heading}\n{body}");
            if section == AFTERWARDS[0] && !self.trace.claims.is_empty() {
                let claims: String = self.trace.claims.iter().map(|result| claim(result, style)).collect();
                text += &format!("\n  {}\n{claims}", style.paint(Role::Strong, "Checked in this run"));
            }
            screens.extend(split(&text, rows));
        }
        screens.extend(self.next_command(style));
        joined(screens, rows)
    }
}

/// Returns a title and as much of the `code` of this many lines at most as there is room for.
fn head(title: &str, screen: Screen, code: impl Fn(usize) -> String) -> String {
    // Pictures of many lanes need the room more than code does.
    let share = if screen.rows < SMALL { 4 } else { 3 };
    let room = (screen.rows / 2).saturating_sub(title.lines().count() + 1).min(screen.rows / share);
    // A line may take several rows.
    let fits = |code: &String| code.lines().count() <= room.max(LEAST_CODE);
    let code = (1..=room).rev().map(&code).find(fits).unwrap_or_else(|| code(1));
    format!("{title}{code}\n")
}

/// Splits `text` into parts of at most `rows` lines, between paragraphs or list items where that is possible.
fn split(text: &str, rows: usize) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut parts = Vec::new();
    let mut start = 0;
    while start < lines.len() {
        let most = (start + rows.max(1)).min(lines.len());
        // A line that is indented more than the one after it ends an item; an empty one ends a paragraph.
        let breaks = |end: &usize| *end == lines.len() || lines[*end].is_empty() || begins_item(lines[*end]);
        let end = (start + 1..=most).rev().find(breaks).unwrap_or(most);
        let part: Vec<&str> = lines[start..end].to_vec();
        let part = part.join("\n");
        let part = part.trim_matches('\n');
        if !part.is_empty() {
            parts.push(format!("{part}\n"));
        }
        start = end;
    }
    parts
}

/// Returns whether a line begins an item of a list or a claim: both are set two columns in, behind a mark, which may have
/// a colour.
fn begins_item(line: &str) -> bool {
    match line.strip_prefix("  ") {
        Some(text) => text.starts_with('\u{1b}') || text.chars().nth(1) == Some(' ') && !text.starts_with(' '),
        None => false,
    }
}

/// Joins neighbouring parts that fit one screen together.
fn joined(parts: Vec<String>, rows: usize) -> Vec<String> {
    let mut screens: Vec<String> = Vec::new();
    for part in parts {
        match screens.last_mut() {
            Some(last) if last.lines().count() + 1 + part.lines().count() <= rows => {
                last.push('\n');
                last.push_str(&part);
            }
            _ => screens.push(part),
        }
    }
    screens
}
