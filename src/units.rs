//! Durations, bytes and ratios as people read them: four significant digits at most, in the unit that fits.
//!
//! Every figure that a person sees is written here, and nothing else is. `render/web/html.js` writes the figures of
//! a page that is zoomed or played; a test holds its durations to [`duration`]. Depends on the trace alone.

use std::collections::HashMap;

use crate::trace::{Evidence, Nanos, Quantity, RunInputs};

/// Bytes after which a sentence is cut: a file from a stranger may mention a long text any number of times.
const LONGEST_SENTENCE: usize = 4096;

/// Returns a quantity with its unit: `1.002 s`, `12.5 %`, `34 KB`; `unknown` if it could not be measured.
pub fn quantity(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Time(nanos) => duration(*nanos),
        Quantity::Count(count) => count.to_string(),
        Quantity::Factor(value) => factor(*value),
        Quantity::Share(value) => share(*value),
        Quantity::Bytes(bytes) => kilobytes(*bytes),
        Quantity::Text(text) => text.clone().into_owned(),
        Quantity::Unknown => "unknown".to_owned(),
    }
}

/// Returns the sentence with each `{name}` replaced by the figure of that name. A name without a figure stays as it is.
/// A sentence of more than about 4,000 bytes is cut.
pub fn evidence(evidence: &Evidence) -> String {
    let figures: HashMap<&str, &Quantity> =
        evidence.figures.iter().map(|figure| (&*figure.name, &figure.quantity)).collect();
    let mut text = String::with_capacity(evidence.template.len());
    let mut rest = &*evidence.template;
    while let Some((before, after)) = rest.split_once('{') {
        if text.len() > LONGEST_SENTENCE {
            return text + "…";
        }
        text += before;
        let named = after.split_once('}').and_then(|(name, rest)| Some((*figures.get(name)?, rest)));
        match named {
            Some((figure, after)) => {
                text += &quantity(figure);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

/// Returns a lesson's text with what the run was given in place of `{tasks}`, `{delay}` and `{total}`: see
/// [`Question`](crate::lesson::Question).
pub(crate) fn with_inputs(text: &str, inputs: RunInputs) -> String {
    let total = Nanos(inputs.delay.0.saturating_mul(inputs.tasks as u64));
    let text = text.replace("{tasks}", &grouped(inputs.tasks));
    text.replace("{delay}", &requested(inputs.delay)).replace("{total}", &requested(total))
}

/// Returns a duration that somebody asked for, without the zeros of a measured one: `1 s`, `250 ms`.
fn requested(nanos: Nanos) -> String {
    let measured = duration(nanos);
    match measured.split_once(' ') {
        Some((value, unit)) if value.contains('.') => {
            format!("{} {unit}", value.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => measured,
    }
}

/// Returns a duration with its unit: `1.002 s`, `34.50 ms`, `880 ns`. It is never rounded up to 1000 of a unit: 999.96 ms
/// is `1.000 s`.
pub fn duration(nanos: Nanos) -> String {
    let (name, whole) = unit(nanos);
    let value = nanos.ratio(whole);
    if whole == Nanos(1) {
        return format!("{value:.0} {name}");
    }
    for (digits, beyond) in [(3, 10.0), (2, 100.0), (1, 1000.0)] {
        if rounded(value, digits) < beyond {
            return format!("{value:.digits$} {name}");
        }
    }
    match name {
        "s" => format!("{value:.0} s"),
        "ms" => "1.000 s".to_owned(),
        _ => "1.000 ms".to_owned(),
    }
}

/// Returns the value rounded to `digits` decimals, as it is printed.
fn rounded(value: f64, digits: usize) -> f64 {
    let scale = 10_f64.powi(digits as i32);
    (value * scale).round() / scale
}

/// Returns the largest unit of which `nanos` holds at least one, and how long that unit is.
pub(crate) fn unit(nanos: Nanos) -> (&'static str, Nanos) {
    match nanos.0 {
        1_000_000_000.. => ("s", Nanos::from_secs(1)),
        1_000_000.. => ("ms", Nanos::from_millis(1)),
        1_000.. => ("µs", Nanos::from_micros(1)),
        _ => ("ns", Nanos(1)),
    }
}

/// Returns a factor: `2.0×`. Factors from 1,000 on have no decimals, and those below 0.1 have two significant digits, as
/// in `0.034×`.
pub(crate) fn times(value: f64) -> String {
    let decimals = match value {
        small if small > 0.0 && small < 0.095 => (1.0 - small.log10().floor()).min(9.0) as usize,
        value => decimals(value),
    };
    format!("{value:.decimals$}×")
}

/// Returns the share that `part` is of `whole`: `12.5 %`. It is 0 % of nothing.
pub(crate) fn percent(part: Nanos, whole: Nanos) -> String {
    let value = 100.0 * part.ratio(whole);
    format!("{value:.0$} %", decimals(10.0 * value))
}

/// Returns a factor with three significant digits at most: `0.98`, `2.5`, `41`.
fn factor(value: f64) -> String {
    let digits_before_point = value.abs().max(f64::MIN_POSITIVE).log10().floor() as i32;
    let decimals = (2 - digits_before_point).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Returns a share of a whole, 1.0 being all of it: `12.5 %`, `0.25 %`.
fn share(value: f64) -> String {
    let percent = 100.0 * value;
    let decimals = if percent < 10.0 { 2 } else { 1 };
    format!("{percent:.decimals$} %")
}

/// Returns a number of bytes in kilobytes: `34 KB`, `0.75 KB`.
fn kilobytes(bytes: f64) -> String {
    let kilobytes = bytes / 1024.0;
    let decimals = if kilobytes < 10.0 { 2 } else { 0 };
    format!("{kilobytes:.decimals$} KB")
}

/// Returns a whole number with its thousands set apart: `12,345`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns a number of bytes in megabytes: `1.5 MB`.
pub(crate) fn megabytes(bytes: u64) -> String {
    let megabytes = bytes as f64 / (1024.0 * 1024.0);
    if megabytes < 0.05 { "0 MB".to_owned() } else { format!("{megabytes:.1} MB") }
}

/// Returns the decimals of a number: one below 1,000, where tenths can still be told from noise.
fn decimals(value: f64) -> usize {
    if value < 1000.0 { 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_lessons_name_what_the_run_was_given() {
        let text = |tasks, millis| {
            let inputs = RunInputs { tasks, delay: Nanos::from_millis(millis) };
            with_inputs("{tasks} of {delay}: {total} {else}", inputs)
        };
        assert_eq!(text(2, 1_000), "2 of 1 s: 2 s {else}");
        assert_eq!(text(1_000, 250), "1,000 of 250 ms: 250 s {else}");
        assert_eq!(text(3, 1_500), "3 of 1.5 s: 4.5 s {else}");
        assert_eq!(text(usize::MAX, 0), format!("{} of 0 ns: 0 ns {{else}}", grouped(usize::MAX)));
    }

    #[test]
    fn each_quantity_has_its_unit() {
        for (measured, text) in [
            (Quantity::Time(Nanos(1_002_000_000)), "1.002 s"),
            (Quantity::Count(12_345), "12345"),
            (Quantity::Factor(0.98), "0.98"),
            (Quantity::Factor(3.0), "3"),
            (Quantity::Factor(0.0), "0"),
            (Quantity::Factor(1.2345), "1.23"),
            (Quantity::Factor(1234.5), "1234"),
            (Quantity::Share(0.125), "12.5 %"),
            (Quantity::Share(0.0025), "0.25 %"),
            (Quantity::Share(1.0), "100.0 %"),
            (Quantity::Bytes(34.0 * 1024.0), "34 KB"),
            (Quantity::Bytes(768.0), "0.75 KB"),
            (Quantity::from("thread::sleep"), "thread::sleep"),
            (Quantity::Unknown, "unknown"),
        ] {
            assert_eq!(quantity(&measured), text);
        }
    }

    #[test]
    fn a_duration_has_four_digits_and_never_a_thousand_of_a_unit() {
        for (nanos, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.000 µs"),
            (9_999_400, "9.999 ms"),
            (9_999_500, "10.00 ms"),
            (99_996_000, "100.0 ms"),
            (999_949_999, "999.9 ms"),
            (999_950_000, "1.000 s"),
            (999_999, "1.000 ms"),
            (999_999_999, "1.000 s"),
            (1_000_000_000, "1.000 s"),
            (99_996_000_000, "100.0 s"),
            (999_960_000_000, "1000 s"),
            (12_345_000_000_000, "12345 s"),
        ] {
            assert_eq!(duration(Nanos(nanos)), text, "{nanos}");
        }
    }

    #[test]
    fn a_small_factor_has_two_digits() {
        for (value, text) in
            [(0.0, "0.0×"), (0.034, "0.034×"), (0.0951, "0.1×"), (0.949, "0.9×"), (2.0, "2.0×"), (1234.5, "1234×")]
        {
            assert_eq!(times(value), text);
        }
        assert_eq!(times(0.000_5), "0.00050×");
    }

    #[test]
    fn a_sentence_has_its_figures_where_they_are_named() {
        let sentence = Evidence::new("{b} of {a}, {none} {{a}} {").with("a", 2).with("b", "{a}");
        assert_eq!(evidence(&sentence), "{a} of 2, {none} {2} {");
        assert_eq!(evidence(&sentence.but("{c}").with("c", 3)), "{a} of 2, {none} {2} {, but 3");
    }

    #[test]
    fn a_sentence_that_repeats_a_long_text_is_cut() {
        let sentence = Evidence::new("{a}".repeat(100_000)).with("a", "x".repeat(1_000));
        assert!(evidence(&sentence).len() < LONGEST_SENTENCE + 2_000);
    }
}
