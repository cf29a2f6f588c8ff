//! Lines of text: where they end, how long they may be, and how they are encoded.

use std::io::{self, BufRead};
use std::sync::atomic::{AtomicBool, Ordering};

/// Most bytes of a line. A longer one is cut, and a note at its end says so.
const LONGEST_LINE: usize = 64 * 1024;
/// What the first bytes of a text say of its encoding.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Reads one line and returns it without its line end; `None` at the end of the input. A byte-order mark is no part of
/// the `first` line.
///
/// If `at_once` is set when input arrives, returns that input as it is, whether or not a line ends in it.
///
/// # Errors
/// If the input cannot be read, or its first line begins as UTF-16 does.
pub(super) fn read_line(input: &mut impl BufRead, at_once: &AtomicBool, first: bool) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut any = false;
    let mut cut = false;
    loop {
        let available = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            return if any { finish(line, cut, first).map(Some) } else { Ok(None) };
        }
        // This is checked only once there is input, because it may have been set while `fill_buf` was waiting.
        if at_once.load(Ordering::Relaxed) {
            let typed = String::from_utf8_lossy(available).into_owned();
            let count = available.len();
            input.consume(count);
            return Ok(Some(typed));
        }
        any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let (kept, rest) = part.split_at(part.len().min(LONGEST_LINE - line.len()));
        // Carriage returns at the end of a line are no part of it.
        cut |= rest.iter().any(|byte| *byte != b'\r');
        line.extend(kept);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return finish(line, cut, first).map(Some);
        }
    }
}

/// Turns the bytes of a line into text. `cut` says that the line was longer than [`LONGEST_LINE`].
///
/// # Errors
/// If the line is the `first` one and begins as UTF-16 does.
fn finish(mut line: Vec<u8>, cut: bool, first: bool) -> io::Result<String> {
    if first && UTF_16.iter().any(|mark| line.starts_with(mark)) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is UTF-16 text, and UTF-8 is needed"));
    }
    match cut {
        true => line.truncate(whole_characters(&line)),
        false => line.truncate(line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1)),
    }
    let text = if first { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line) } else { &line };
    let mut text = String::from_utf8_lossy(text).into_owned();
    if cut {
        text.push_str(" … (cut at 64 KiB)");
    }
    Ok(text)
}

/// Returns how many bytes of `line` are left without a character that is cut off at its end.
fn whole_characters(line: &[u8]) -> usize {
    let last = line.utf8_chunks().last();
    let rest = last.map_or(&[][..], |chunk| chunk.invalid());
    // What can still become a character begins as one; other bytes are shown as U+FFFD.
    let begins = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    if begins { line.len() - rest.len() } else { line.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<String> {
        let mut input = input;
        let mut first = true;
        let mut next = || read_line(&mut input, &AtomicBool::new(false), std::mem::take(&mut first));
        std::iter::from_fn(|| next().expect("memory can be read")).collect()
    }

    #[test]
    fn line_ends_bad_bytes_and_a_last_line_without_an_end() {
        assert_eq!(lines(b"a\r\n\nb\xffc\nlast"), ["a", "", "b\u{fffd}c", "last"]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_line_is_cut_between_characters_and_only_if_it_is_too_long() {
        let full = "x".repeat(LONGEST_LINE);
        for end in ["", "\n", "\r\n", "\r\r\n", "\r"] {
            assert_eq!(lines(format!("{full}{end}").as_bytes()).concat(), full, "{end:?}");
        }
        let cut = |line: &str| lines(line.as_bytes()).swap_remove(0).replace(" … (cut at 64 KiB)", "|");
        assert_eq!(cut(&format!("{full}\rx\r\n")), format!("{full}|"));
        assert_eq!(cut(&format!("{}é", &full[1..])), format!("{}|", &full[1..]));
        assert_eq!(cut(&format!("{}日", &full[2..])), format!("{}|", &full[2..]));
        assert_eq!(cut(&format!("{}日x", &full[3..])), format!("{}日|", &full[3..]));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(lines("\u{feff}a\n\u{feff}b".as_bytes()), ["a", "\u{feff}b"]);
        assert_eq!(lines("\u{feff}".as_bytes()), [""]);
        for utf_16 in [b"\xff\xfea\0\n\0" as &[u8], b"\xfe\xff\0a\0\n"] {
            let mut input = utf_16;
            assert!(read_line(&mut input, &AtomicBool::new(false), true).is_err());
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_works() {
        let mut input = vec![b'x'; LONGEST_LINE + 1];
        input.extend(b"\nnext\n");
        let lines = lines(&input);
        assert!(lines[0].ends_with("x … (cut at 64 KiB)"));
        assert_eq!(lines[0].chars().filter(|c| *c == 'x').count(), LONGEST_LINE);
        assert_eq!(lines[1], "next");
        assert_eq!(lines.len(), 2);
    }
}
