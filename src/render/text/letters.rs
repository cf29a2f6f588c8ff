//! Text as letters, characters that know their [`Role`]: what paragraphs, prose and code are made of.
//!
//! It is sanitised, wrapped and cut as plain text, and painted last, so that no escape sequence is ever cut and the
//! colours add nothing to the text. Depends on [`crate::page`] alone.

use crate::page::{Page, Role, columns, fit};

/// The most columns that a line of prose takes: longer lines are hard to read, however wide the page is.
pub(in crate::render) const MOST_COLUMNS: usize = 78;

/// A character, and what it is part of.
pub(in crate::render) type Letter = (char, Option<Role>);

/// The letters of `text` as the page can show them.
pub(in crate::render) fn letters(text: &str, role: Option<Role>, page: &Page) -> Vec<Letter> {
    page.text(text).replace('\t', "    ").chars().map(|c| (c, role)).collect()
}

/// `letters` without the blanks at their end, cut to `width` columns.
pub(in crate::render) fn cut(letters: &[Letter], width: usize) -> Vec<Letter> {
    let text: String = letters.iter().map(|(c, _)| c).collect();
    // What is shown is where it was, save for the sign of a cut at the end: each letter keeps its role.
    fit(text.trim_end(), width).chars().zip(letters.iter().map(|(_, role)| *role)).collect()
}

/// `letters` in their colours: the last step, since nothing may be measured or cut after it.
pub(in crate::render) fn painted(letters: &[Letter], page: &Page) -> String {
    let runs = letters.chunk_by(|(_, a), (_, b)| a == b).map(|run| {
        let text: String = run.iter().map(|(c, _)| c).collect();
        match run[0].1 {
            Some(role) => page.paint(role, text),
            None => text,
        }
    });
    runs.collect()
}

/// Fills lines of at most `room` columns with the words of `text`.
pub(in crate::render) fn wrap(text: &[Letter], room: usize) -> Vec<Vec<Letter>> {
    // A no-break space is not among the blanks: it holds its words together.
    let words = text.split(|(c, _)| c.is_ascii_whitespace()).flat_map(|word| broken(word, room));
    let mut lines: Vec<Vec<Letter>> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= room => {
                line.push((' ', None));
                line.extend(word);
            }
            _ => lines.push(word.to_vec()),
        }
    }
    lines
}

/// `word` in pieces of at most `room` columns: one, unless it is longer than a line. Each but the last fills its line,
/// so that no blank gets between them.
fn broken(word: &[Letter], room: usize) -> Vec<&[Letter]> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for to in 2..=word.len() {
        // One letter at least, however little room there is.
        if to - from > 1 && width(&word[from..to]) > room {
            pieces.push(&word[from..to - 1]);
            from = to - 1;
        }
    }
    pieces.extend(word.get(from..).filter(|rest| !rest.is_empty()));
    pieces
}

/// How many columns they take.
pub(in crate::render) fn width(letters: &[Letter]) -> usize {
    columns(&letters.iter().map(|(c, _)| c).collect::<String>())
}

/// Returns `text` as lines of at most the page's width: the first after `first`, the others as far in.
///
/// Words are kept whole unless one is longer than a line.
pub(crate) fn paragraph(page: &Page, first: &str, text: &str) -> String {
    let indent = columns(first);
    let lines = wrap(&letters(text, None, page), page.width.min(MOST_COLUMNS).saturating_sub(indent));
    let leads = std::iter::once(first.to_owned()).chain(std::iter::repeat(" ".repeat(indent)));
    leads.zip(&lines).map(|(lead, line)| format!("{lead}{}\n", painted(line, page))).collect()
}
