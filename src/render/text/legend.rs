//! What the characters of lanes mean.

use super::lanes::{INDENT, glyph_and_role};
use crate::chart::View;
use crate::render::paragraph;
use crate::style::{Role, Style, columns};
use crate::trace::{SceneTrace, Span, State, Task};

/// The states in the order of the legend, with what each means.
pub(in crate::render) const STATES: [(State, &str); 5] = [
    (State::Waiting, "waiting: it gave the thread back"),
    (State::Held, "held: it waits, and the loop cannot look"),
    (State::Ready, "ready: it wants the thread"),
    (State::Blocked, "blocked: it holds the thread, asleep in a call"),
    (State::Running, "running: it holds the thread"),
];

/// The blanks between two entries of a short legend.
const GAP: usize = 2;

/// Returns the states of [`STATES`] that a picture of these scenes may show.
pub(in crate::render) fn states_of<'a>(
    scenes: impl IntoIterator<Item = &'a SceneTrace>,
) -> impl Iterator<Item = (State, &'static str)> {
    let (mut held, mut blocked) = (false, false);
    for scene in scenes {
        let is_held = |span: Span| span.state == State::Held;
        held |= scene.has_holds() && scene.lanes().any(|task| scene.states(task).any(is_held));
        blocked |= scene.has_blocked_polls();
    }
    STATES.into_iter().filter(move |(state, _)| match state {
        State::Held => held,
        State::Blocked => blocked,
        _ => true,
    })
}

/// Returns the legend of one scene in as few lines as it takes: the characters of the lanes and the names of the states.
pub(in crate::render) fn short_legend(scene: &SceneTrace, style: &Style) -> String {
    let mut legend = String::new();
    let mut used = usize::MAX;
    for (state, _) in states_of([scene]) {
        let (glyph, role) = glyph_and_role(state, style);
        let width = GAP + 2 + columns(state.name());
        if used.saturating_add(width) > style.width {
            let indent = if legend.is_empty() { "" } else { "\n" };
            legend += &format!("{indent}{:1$}", "", INDENT - GAP);
            used = INDENT - GAP;
        }
        let name = style.paint(Role::Dim, state.name());
        legend += &format!("{:GAP$}{} {name}", "", style.paint(role, glyph));
        used += width;
    }
    legend + "\n"
}

/// Returns the legend of `picture`, which shows these scenes: what the characters of its lanes mean.
pub(in crate::render) fn legend<'a>(
    scenes: impl IntoIterator<Item = &'a SceneTrace>,
    view: View,
    picture: &str,
    style: &Style,
) -> String {
    let scenes: Vec<&SceneTrace> = scenes.into_iter().collect();
    let helper = |task: &Task| picture.contains(&format!("({})", task.name));
    let has_helpers = scenes.iter().any(|scene| scene.lanes().any(|task| scene.is_helper(task) && helper(task)));
    let moment = (style.glyphs().moment, Role::Running);
    let has_moments = picture.contains(moment.0);
    let entries: Vec<((char, Role), &str)> = match view {
        View::Task => {
            let states = states_of(scenes.iter().copied()).map(|(state, text)| (glyph_and_role(state, style), text));
            states.chain(has_moments.then_some((moment, "running for a part of the time, waiting for most"))).collect()
        }
        View::Thread => {
            let running = (glyph_and_role(State::Running, style), "a task holds the thread");
            let moment = has_moments.then_some((moment, "tasks hold it for less than half of the time"));
            [running].into_iter().chain(moment).collect()
        }
    };
    let draw = |((glyph, role), text): &((char, Role), &str)| {
        let text = paragraph(style, "     ", text);
        format!("   {} {}", style.paint(*role, glyph), text.trim_start())
    };
    let width: usize = 3 + entries.len() * 47;
    let lines: String = entries.iter().map(draw).collect();
    let lines = if style.width < width { lines } else { lines.replace('\n', "") + "\n" };
    // A view by thread has no lanes of helpers.
    let helpers = if has_helpers && view == View::Task { paragraph(style, "   ", HELPERS) } else { String::new() };
    lines + &helpers
}

/// What lanes mean whose names stand in parentheses.
const HELPERS: &str = "(name): a lane that only helps to see the others; it counts in no figure";
