//! Durations, bytes and ratios as people read them: four significant digits at most, in the unit that fits.
//!
//! Every figure that a person sees is written here, and nothing else is. `render/web/html.js` writes the figures of
//! a page that is zoomed or played; a test holds its durations to [`duration`]. Depends on nothing.

/// Returns a duration with its unit: `1.002 s`, `34.50 ms`, `880 ns`.
pub fn duration(nanos: u64) -> String {
    let (unit, unit_nanos) = unit(nanos);
    let value = nanos as f64 / unit_nanos as f64;
    let digits = match value {
        _ if unit_nanos == 1 => 0,
        value if value < 10.0 => 3,
        value if value < 100.0 => 2,
        value if value < 1000.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// Returns the largest unit of which `nanos` holds at least one, and the nanoseconds in that unit.
pub(crate) fn unit(nanos: u64) -> (&'static str, u64) {
    match nanos {
        1_000_000_000.. => ("s", 1_000_000_000),
        1_000_000.. => ("ms", 1_000_000),
        1_000.. => ("µs", 1_000),
        _ => ("ns", 1),
    }
}

/// Returns a factor: `2.0×`. Factors from 1,000 on have no decimals.
pub(crate) fn times(value: f64) -> String {
    format!("{value:.0$}×", decimals(value))
}

/// Returns the share that `part` is of `whole`: `12.5 %`. It is 0 % of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let value = 100.0 * ratio(part, whole);
    format!("{value:.0$} %", decimals(10.0 * value))
}

/// Returns `a ÷ b`, or 0 if `b` is 0.
pub(crate) fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
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

/// Tenths of a number in the thousands are noise.
fn decimals(value: f64) -> usize {
    if value < 1000.0 { 1 } else { 0 }
}
