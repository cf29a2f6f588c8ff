//! The language of claims: what a lesson's folder or an exercise says in its toml file, such as
//! `together.wall <= 1.2 * together.longest`.
//!
//! ```text
//! claim   = side ("<=" | ">=" | "<" | ">" | "==") side
//! side    = [number "*"] value | number [unit] | ending | names
//! value   = scene "." [ "lane(" name ")." ] metric | "delay" | "delays" | "tasks"
//! metric  = one of METRICS | "figure(" name ")"
//! unit    = "ns" | "us" | "ms" | "s"
//! ending  = "done" | "cancelled" | "failed" | "interrupted"     only beside outcome
//! names   = "\"" names of lanes, with commas between them "\""   only beside ends
//! ```
//!
//! A text becomes a [`Relation`] or an error that says at which byte what would be allowed. `scan.rs` takes it apart, and
//! this file puts the two sides together.

mod scan;
#[cfg(test)]
mod tests;

use std::fmt;

use self::scan::Scanner;
use super::relation::Ending;
use super::{Bound, Measure, Metric, Operand, Relation};
use crate::trace::Nanos;

/// The longest text of a claim, in bytes.
const LONGEST: usize = 500;

/// The metrics by their names, and what they are measured in.
const METRICS: [(&str, Metric, Kind); 13] = [
    ("wall", Metric::Wall, Kind::Time),
    ("longest", Metric::Longest, Kind::Time),
    ("sum", Metric::Sum, Kind::Time),
    ("overlap", Metric::Overlap, Kind::Number),
    ("stall", Metric::Stall, Kind::Time),
    ("held", Metric::Held, Kind::Time),
    ("busy", Metric::Busy, Kind::Time),
    ("polls", Metric::Polls, Kind::Number),
    ("threads", Metric::Threads, Kind::Number),
    ("lanes", Metric::Lanes, Kind::Number),
    ("peak", Metric::Peak, Kind::Number),
    ("outcome", Metric::Outcome, Kind::Outcome),
    ("ends", Metric::Ends, Kind::Names),
];

/// Why a text is no claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimError {
    /// The byte at which it goes wrong, from 0.
    pub(crate) at: usize,
    /// What is wrong there, and what would be allowed.
    pub(crate) message: String,
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a side of a claim is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A length of time.
    Time,
    /// A count or a factor.
    Number,
    /// Whatever the scene tells: known only once it has run.
    Told,
    /// How something ended.
    Outcome,
    /// Names of lanes.
    Names,
}

/// One side of a claim, and where it stands in the text.
#[derive(Clone, Copy, Debug)]
struct Side {
    at: usize,
    factor: f64,
    value: Operand,
    kind: Kind,
}

/// Reads a claim about `scenes`.
///
/// # Errors
/// Says at which byte the text goes wrong, and what would be allowed there.
pub(crate) fn parse(text: &str, scenes: &[&str]) -> Result<Relation, ClaimError> {
    let mut scanner = Scanner::new(text, scenes);
    if text.len() > LONGEST {
        return Err(ClaimError { at: 0, message: format!("a claim has at most {LONGEST} bytes") });
    }
    let left = scanner.side()?;
    let (at, bound) = scanner.bound()?;
    let right = scanner.side()?;
    scanner.end("one comparison is a claim: make two claims of two")?;
    match (left.value, right.value) {
        (Operand::Measure(measure), _) => relate(measure, left, (at, bound), right),
        (_, Operand::Measure(measure)) => relate(measure, right, (at, turned(bound)), left),
        _ => Err(ClaimError {
            at: left.at,
            message: format!("one side must be a measure, such as {}", scanner.example()),
        }),
    }
}

/// Reads one measure of `scenes`, such as `together.wall`.
///
/// # Errors
/// Says at which byte the text goes wrong, and what would be allowed there.
pub(crate) fn parse_measure(text: &str, scenes: &[&str]) -> Result<Measure, ClaimError> {
    let mut scanner = Scanner::new(text, scenes);
    let measure = scanner.side()?;
    scanner.end("only one measure can stand here")?;
    match measure.value {
        Operand::Measure(found) if text.len() <= LONGEST => Ok(found),
        _ => Err(ClaimError { at: measure.at, message: format!("a measure is needed, such as {}", scanner.example()) }),
    }
}

/// Returns the relation of a measure, which stands on the side `left`, and the other side.
fn relate(measure: Measure, left: Side, (at, bound): (usize, Bound), right: Side) -> Result<Relation, ClaimError> {
    check_kinds(left, right)?;
    let is_text = matches!(left.kind, Kind::Outcome | Kind::Names) || matches!(right.kind, Kind::Outcome | Kind::Names);
    if is_text && bound != Bound::Equal {
        return Err(ClaimError { at, message: "outcome and ends can be compared with == only".to_owned() });
    }
    if is_text && (left.factor != 1.0 || right.factor != 1.0) {
        return Err(ClaimError { at: left.at, message: "outcome and ends cannot be multiplied".to_owned() });
    }
    // A factor of the left side alone goes over to the right one as it is, so that it is shown as it was written.
    if let (Operand::Measure(other), true) = (right.value, left.factor != 1.0 && right.factor == 1.0) {
        return Ok(Relation::new(other, turned(bound), left.factor, Operand::Measure(measure)));
    }
    let factor = right.factor / left.factor;
    Ok(match right.value {
        Operand::Time(time) if left.factor != 1.0 => {
            let time = Operand::Time(Nanos((time.as_f64() * factor) as u64));
            Relation::new(measure, bound, 1.0, time)
        }
        Operand::Number(number) => Relation::new(measure, bound, 1.0, Operand::Number(number * factor)),
        other => Relation::new(measure, bound, factor, other),
    })
}

/// Checks that the two sides can be compared.
fn check_kinds(left: Side, right: Side) -> Result<(), ClaimError> {
    let message = match (left.kind, right.kind) {
        (Kind::Told, Kind::Time | Kind::Number | Kind::Told) | (Kind::Time | Kind::Number, Kind::Told) => return Ok(()),
        (left, right) if left == right => return Ok(()),
        (Kind::Outcome, _) => {
            let words = Ending::ALL.map(Ending::word).join(", ");
            return Err(ClaimError { at: right.at, message: format!("an outcome is one of {words}") });
        }
        (Kind::Names, _) => "ends is compared with names in quotes, such as \"B, A, C\"",
        (Kind::Time, Kind::Number) => {
            "a time is compared with a time: with a number and its unit (ns, us, ms, s), or with a factor times a measure"
        }
        (Kind::Number, Kind::Time) => "a number is compared with a number, and this is a time",
        (_, Kind::Outcome) => "only outcome is compared with how something ended",
        (_, Kind::Names) => "only ends is compared with names",
        _ => "these two cannot be compared",
    };
    Err(ClaimError { at: right.at, message: message.to_owned() })
}

/// Returns the bound that says the same if the two sides change places.
fn turned(bound: Bound) -> Bound {
    match bound {
        Bound::AtMost => Bound::AtLeast,
        Bound::AtLeast => Bound::AtMost,
        Bound::Below => Bound::Above,
        Bound::Above => Bound::Below,
        Bound::Equal => Bound::Equal,
    }
}
