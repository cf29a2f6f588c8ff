//! The keyboard key by key: while [`Keys`] live, what is typed comes at once and is not echoed.
//!
//! Only that is switched off which makes lines of keys. Ctrl-C stays the signal that it is everywhere, and whatever is
//! written meanwhile, a panic's message included, looks as it always does. Standard input is still read by the one
//! thread that reads its lines: a second reader would take every other key from it. Unix alone; elsewhere there are no
//! keys to be had. Knows nothing of what they mean. Read `stdio.rs` next.

use crate::stdio::InputLines;

/// Something that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Enter,
    Escape,
    Backspace,
    Left,
    Right,
    /// Ctrl-D, the end of what is typed.
    End,
    Char(char),
}

/// The keyboard's lines come key by key; when this is dropped, they are lines again.
pub(crate) struct Keys {
    lines: InputLines,
    mode: mode::ByKey,
}

impl Keys {
    /// Has `lines`, which are those of the keyboard, come key by key; none where that cannot be had.
    ///
    /// What was typed before is forgotten: it was not meant for what is to be seen from now on.
    pub(crate) fn of(lines: &InputLines) -> Option<Keys> {
        lines.come_at_once(true);
        let Some(mode) = mode::ByKey::set() else {
            lines.come_at_once(false);
            return None;
        };
        lines.forget();
        Some(Keys { lines: lines.clone(), mode })
    }

    /// Whether somebody else had the terminal meanwhile, as a shell has between Ctrl-Z and `fg`. If so, keys come one by
    /// one again.
    pub(crate) fn were_lost(&self) -> bool {
        self.mode.set_again()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.lines.come_at_once(false);
    }
}

/// The keys that were `typed`, which came at once. Sequences of keys that are not in [`Key`] are left out whole, or
/// the letters in them would be taken for keys of their own.
pub(crate) fn pressed(typed: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = typed;
    while let Some(c) = rest.chars().next() {
        let (key, length) = if c == '\u{1b}' { sequence(rest) } else { (single(c), c.len_utf8()) };
        keys.extend(key);
        rest = &rest[length..];
    }
    keys
}

fn single(c: char) -> Option<Key> {
    match c {
        '\r' | '\n' => Some(Key::Enter),
        '\u{4}' => Some(Key::End),
        '\u{8}' | '\u{7f}' => Some(Key::Backspace),
        c if c.is_control() => None,
        c => Some(Key::Char(c)),
    }
}

/// What `rest` begins with, which is an escape, and how long that is.
fn sequence(rest: &str) -> (Option<Key>, usize) {
    let after = &rest[1..];
    match after.chars().next() {
        None | Some('\u{1b}') => (Some(Key::Escape), 1),
        Some('[' | 'O') => {
            // Parameters, then a letter that says which key it is.
            let letter = after[1..].find(|c: char| matches!(c, '@'..='~'));
            let length = letter.map_or(rest.len(), |at| at + 3);
            let key = match &rest[2..length] {
                "C" => Some(Key::Right),
                "D" => Some(Key::Left),
                _ => None,
            };
            (key, length)
        }
        // A key together with Alt.
        Some(c) => (None, 1 + c.len_utf8()),
    }
}

#[cfg(unix)]
mod mode {
    use std::io::stdin;

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    /// The terminal's mode as it was found; it comes back when this is dropped.
    pub(super) struct ByKey(Termios);

    impl ByKey {
        pub(super) fn set() -> Option<Self> {
            let found = tcgetattr(stdin()).ok()?;
            change(found.clone())?;
            Some(ByKey(found))
        }

        /// Whether that was necessary.
        pub(super) fn set_again(&self) -> bool {
            let by_line = tcgetattr(stdin()).ok().filter(|mode| mode.local_modes.contains(LocalModes::ICANON));
            by_line.and_then(change).is_some()
        }
    }

    fn change(mut mode: Termios) -> Option<()> {
        mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(stdin(), OptionalActions::Flush, &mode).ok()
    }

    impl Drop for ByKey {
        fn drop(&mut self) {
            // A terminal that is gone has no mode to be left in.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod mode {
    pub(super) struct ByKey;

    impl ByKey {
        pub(super) fn set() -> Option<Self> {
            None
        }

        pub(super) fn set_again(&self) -> bool {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_however_many_come_at_once() {
        let expected = [Key::Right, Key::Left, Key::Right, Key::Char('b'), Key::Char(' '), Key::Enter, Key::Escape];
        assert_eq!(pressed("\u{1b}[C\u{1b}[D\u{1b}OCb \n\u{1b}"), expected);
        assert_eq!(pressed("1é\u{7f}\u{4}"), [Key::Char('1'), Key::Char('é'), Key::Backspace, Key::End]);
    }

    #[test]
    fn keys_that_nobody_asked_for_are_left_out_whole() {
        // Up, page down, Ctrl and an arrow, F1, Alt and q, Ctrl-L, a sequence that is cut off.
        for unknown in ["\u{1b}[A", "\u{1b}[6~", "\u{1b}[1;5C", "\u{1b}OP", "\u{1b}q", "\u{c}", "\u{1b}[1", "\u{1b}["] {
            assert_eq!(pressed(unknown), [], "{unknown:?}");
        }
        assert_eq!(pressed("\u{1b}[200~q\u{1b}[201~"), [Key::Char('q')], "what stands between is still read");
        assert_eq!(pressed("\u{1b}\u{1b}[C"), [Key::Escape, Key::Right]);
    }
}
