//! The keyboard, key by key: while a [`Keys`] lives, each key arrives at once and is not echoed.
//!
//! Only line editing and echo are switched off. Ctrl-C still sends its signal, and newlines in output, a panic's
//! message included, still return to the first column. Standard input is still read by the thread behind
//! [`InputLines`]: a second reader would take some of its keys. This works on Unix only. The module knows nothing of
//! what keys mean. Read [`crate::stdio`] next.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::stdio::InputLines;

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Enter,
    Escape,
    Backspace,
    Left,
    Right,
    /// Ctrl-D, which ends the input.
    End,
    /// A key that types a character.
    Char(char),
}

/// A guard that makes standard input arrive key by key. When it is dropped, input arrives line by line again.
pub(crate) struct Keys {
    lines: InputLines,
    mode: mode::KeyMode,
}

impl Keys {
    /// Makes `lines`, which must be those of standard input, arrive key by key. Returns `None` if standard input is not
    /// a terminal that can do so.
    ///
    /// Discards what was typed before, because it was not meant for what is shown next.
    pub(crate) fn of(lines: &InputLines) -> Option<Keys> {
        lines.come_at_once(true);
        let Some(mode) = mode::KeyMode::set() else {
            lines.come_at_once(false);
            return None;
        };
        lines.forget();
        Some(Keys { lines: lines.clone(), mode })
    }

    /// Returns whether another program has changed the terminal's mode, as a shell does between Ctrl-Z and `fg`. If so,
    /// sets the mode for keys again.
    pub(crate) fn were_lost(&self) -> bool {
        self.mode.set_again()
    }
}

/// Whether another program has the keyboard.
static LENT: AtomicBool = AtomicBool::new(false);
/// How often it is looked whether that has given it back.
const LENT_PAUSE: Duration = Duration::from_millis(20);

/// Leaves the keyboard to what `borrow` starts, such as an editor, until that returns.
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing borrows it there yet"))]
pub(crate) fn lend<T>(borrow: impl FnOnce() -> T) -> T {
    LENT.store(true, Ordering::SeqCst);
    let returned = borrow();
    LENT.store(false, Ordering::SeqCst);
    returned
}

/// Standard input, of which nothing is read before it is there.
///
/// A read that began while input came key by key takes no Ctrl-D for an end, even if input comes line by line by then: the
/// terminal waits for at least one byte until that read is over.
pub(crate) struct Keyboard;

impl Read for Keyboard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        mode::wait_for_input();
        while LENT.load(Ordering::SeqCst) {
            thread::sleep(LENT_PAUSE);
            mode::wait_for_input();
        }
        io::stdin().read(buffer)
    }
}

/// Makes standard input arrive line by line again, in a process that is about to end.
pub(super) fn restore() {
    mode::restore();
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.lines.come_at_once(false);
    }
}

/// Splits `typed`, which arrived in one read, into keys. Sequences for keys that [`Key`] lacks are left out whole;
/// otherwise the letters in them would be taken for keys.
pub(crate) fn pressed(typed: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = typed;
    while let Some(c) = rest.chars().next() {
        let (key, length) = match c {
            '\u{1b}' => sequence(rest),
            _ => (single(c), c.len_utf8()),
        };
        keys.extend(key);
        rest = &rest[length..];
    }
    keys
}

/// Returns the key that sends `c` alone; `None` if [`Key`] lacks it.
fn single(c: char) -> Option<Key> {
    match c {
        '\r' | '\n' => Some(Key::Enter),
        '\u{4}' => Some(Key::End),
        '\u{8}' | '\u{7f}' => Some(Key::Backspace),
        c if c.is_control() => None,
        c => Some(Key::Char(c)),
    }
}

/// Returns the key whose escape sequence `rest` begins with, and the sequence's length in bytes. The key is `None` if
/// [`Key`] lacks it.
fn sequence(rest: &str) -> (Option<Key>, usize) {
    let after = &rest[1..];
    match after.chars().next() {
        None | Some('\u{1b}') => (Some(Key::Escape), 1),
        Some('[' | 'O') => {
            // Parameters follow, then a letter that names the key.
            let length = match after[1..].find(|c: char| matches!(c, '@'..='~')) {
                Some(letter) => letter + 3,
                None => rest.len(),
            };
            let key = match &rest[2..length] {
                "C" => Some(Key::Right),
                "D" => Some(Key::Left),
                _ => None,
            };
            (key, length)
        }
        // A key that was pressed together with Alt.
        Some(c) => (None, 1 + c.len_utf8()),
    }
}

#[cfg(unix)]
mod mode {
    use std::io::stdin;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    use crate::term::signals::in_foreground;

    /// The modes that the guards which live hold, the first one first.
    static HELD: Mutex<Vec<Termios>> = Mutex::new(Vec::new());

    /// A guard that holds the terminal's original mode and restores it when it is dropped.
    pub(super) struct KeyMode(Termios);

    /// Waits until there is something to read, or an end of input. Returns early where that cannot be waited for.
    pub(super) fn wait_for_input() {
        while let Err(rustix::io::Errno::INTR) = poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], None) {}
    }

    /// Restores the mode that the terminal had before the first guard. For the end of the process, which drops none.
    ///
    /// No guard can change the mode afterwards: a thread that tries waits for ever.
    pub(super) fn restore() {
        let held = held();
        if let Some(original) = held.first() {
            set_back(original);
        }
        std::mem::forget(held);
    }

    /// Sets the mode to what it was. The terminal stops a program that does so from the background, and there the shell
    /// has set a mode of its own already.
    fn set_back(original: &Termios) {
        if in_foreground(stdin()) {
            // This fails only if the terminal is gone, and then there is no mode to restore.
            let _ = tcsetattr(stdin(), OptionalActions::Now, original);
        }
    }

    /// Returns the original modes that living guards hold, oldest first. The mode changes only while this is locked.
    fn held() -> MutexGuard<'static, Vec<Termios>> {
        HELD.lock().unwrap_or_else(PoisonError::into_inner)
    }

    impl KeyMode {
        /// Switches line editing and echo off. Returns `None` if standard input is not a terminal
        /// that this process is in the foreground of.
        pub(super) fn set() -> Option<Self> {
            let mut held = held();
            if !in_foreground(stdin()) {
                return None;
            }
            let original = tcgetattr(stdin()).ok()?;
            change(original.clone())?;
            held.push(original.clone());
            Some(KeyMode(original))
        }

        /// Switches line editing off again if something has switched it on. Returns whether it did so.
        pub(super) fn set_again(&self) -> bool {
            let _held = held();
            match tcgetattr(stdin()) {
                Ok(mode) if in_foreground(stdin()) && mode.local_modes.contains(LocalModes::ICANON) => {
                    change(mode).is_some()
                }
                _ => false,
            }
        }
    }

    /// Sets `mode` without line editing and echo, and discards input that was not yet read.
    fn change(mut mode: Termios) -> Option<()> {
        mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(stdin(), OptionalActions::Flush, &mode).ok()
    }

    impl Drop for KeyMode {
        fn drop(&mut self) {
            let mut held = held();
            set_back(&self.0);
            held.pop();
        }
    }
}

#[cfg(not(unix))]
mod mode {
    /// Does nothing: the read waits.
    pub(super) fn wait_for_input() {}

    /// Does nothing.
    pub(super) fn restore() {}

    /// Stands in for the guard on systems without termios. It is never created.
    pub(super) struct KeyMode;

    impl KeyMode {
        /// Returns `None`.
        pub(super) fn set() -> Option<Self> {
            None
        }

        /// Returns `false`.
        pub(super) fn set_again(&self) -> bool {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_arrive_in_one_read_are_told_apart() {
        let expected = [Key::Right, Key::Left, Key::Right, Key::Char('b'), Key::Char(' '), Key::Enter, Key::Escape];
        assert_eq!(pressed("\u{1b}[C\u{1b}[D\u{1b}OCb \n\u{1b}"), expected);
        assert_eq!(pressed("1é\u{7f}\u{4}"), [Key::Char('1'), Key::Char('é'), Key::Backspace, Key::End]);
    }

    #[test]
    fn keys_without_a_meaning_are_left_out_whole() {
        // Up, page down, Ctrl with an arrow, F1, Alt with q, Ctrl-L, and two sequences that are cut off.
        for unknown in ["\u{1b}[A", "\u{1b}[6~", "\u{1b}[1;5C", "\u{1b}OP", "\u{1b}q", "\u{c}", "\u{1b}[1", "\u{1b}["] {
            assert_eq!(pressed(unknown), [], "{unknown:?}");
        }
        assert_eq!(pressed("\u{1b}[200~q\u{1b}[201~"), [Key::Char('q')], "the text between the sequences is kept");
        assert_eq!(pressed("\u{1b}\u{1b}[C"), [Key::Escape, Key::Right]);
    }
}
