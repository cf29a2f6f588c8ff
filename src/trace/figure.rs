//! What was measured, as numbers with a unit, and what became of a claim because of it.
//!
//! No text is formatted here: `units.rs` writes a [`Quantity`] and an [`Evidence`] for people. In JSON a quantity is a
//! value and its unit, so that other programs can calculate with it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::Nanos;
use super::short;

/// A measured value with its unit.
///
/// As JSON it is `{"value": 1002000000, "unit": "ns"}`, with one of the units `ns`, `count`, `factor`, `share` and
/// `bytes`. Text is `{"text": "thread::sleep"}`. What is unknown, a value that is not finite and a unit of a later
/// version are `{"value": null}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "QuantityForm", try_from = "QuantityForm")]
#[non_exhaustive]
pub enum Quantity {
    /// A length of time, or a moment since the start of the scene.
    Time(Nanos),
    /// A number of things.
    Count(u64),
    /// How many times as large one value is as another.
    Factor(f64),
    /// A part of a whole; 1.0 is all of it.
    Share(f64),
    /// An amount of memory in bytes, which may be an average.
    Bytes(f64),
    /// A name, such as that of the function that a column compares.
    Text(Cow<'static, str>),
    /// A value that could not be measured.
    Unknown,
}

impl From<usize> for Quantity {
    fn from(count: usize) -> Self {
        Quantity::Count(count as u64)
    }
}

impl From<&'static str> for Quantity {
    fn from(text: &'static str) -> Self {
        Quantity::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Quantity {
    fn from(text: String) -> Self {
        Quantity::Text(Cow::Owned(text))
    }
}

/// The form of a quantity in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum QuantityForm {
    Text {
        #[serde(deserialize_with = "short::lent_text")]
        text: Cow<'static, str>,
    },
    Value {
        value: Option<Number>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Cow<'static, str>>,
    },
}

impl From<Quantity> for QuantityForm {
    fn from(quantity: Quantity) -> Self {
        let (value, unit) = match quantity {
            Quantity::Time(nanos) => (Some(Number::from(nanos.0)), "ns"),
            Quantity::Count(count) => (Some(Number::from(count)), "count"),
            Quantity::Factor(factor) => (Number::from_f64(factor), "factor"),
            Quantity::Share(share) => (Number::from_f64(share), "share"),
            Quantity::Bytes(bytes) => (Number::from_f64(bytes), "bytes"),
            Quantity::Text(text) => return QuantityForm::Text { text },
            Quantity::Unknown => (None, ""),
        };
        let unit = value.is_some().then_some(Cow::Borrowed(unit));
        QuantityForm::Value { value, unit }
    }
}

impl TryFrom<QuantityForm> for Quantity {
    type Error = &'static str;

    fn try_from(form: QuantityForm) -> Result<Self, Self::Error> {
        let (value, unit) = match form {
            QuantityForm::Text { text } => return Ok(Quantity::Text(text)),
            QuantityForm::Value { value: Some(value), unit: Some(unit) } => (value, unit),
            QuantityForm::Value { .. } => return Ok(Quantity::Unknown),
        };
        let whole = value.as_u64().ok_or("a time or a count is no whole number from 0 on");
        let real = value.as_f64().ok_or("a value is too large");
        Ok(match &*unit {
            "ns" => Quantity::Time(Nanos(whole?)),
            "count" => Quantity::Count(whole?),
            "factor" => Quantity::Factor(real?),
            "share" => Quantity::Share(real?),
            "bytes" => Quantity::Bytes(real?),
            // A later version may know more units.
            _ => Quantity::Unknown,
        })
    }
}

/// A quantity with its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figure {
    /// The heading of a column, or the name by which an [`Evidence`] refers to it.
    #[serde(deserialize_with = "short::lent_name")]
    pub name: Cow<'static, str>,
    /// What was measured.
    #[serde(flatten)]
    pub quantity: Quantity,
}

impl Figure {
    /// Returns a figure of this name.
    pub fn new(name: impl Into<Cow<'static, str>>, quantity: impl Into<Quantity>) -> Self {
        Figure { name: name.into(), quantity: quantity.into() }
    }
}

/// A sentence about a run, with the figures that it mentions.
///
/// ```
/// use asyncguide::trace::{Evidence, Nanos, Quantity};
/// use asyncguide::units;
///
/// let evidence = Evidence::new("{late} late; at most {bound}")
///     .with("late", Quantity::Time(Nanos(1_002_000_000)))
///     .with("bound", Quantity::Time(Nanos::from_millis(500)));
/// assert_eq!(units::evidence(&evidence), "1.002 s late; at most 500.0 ms");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The sentence. `{name}` stands for the figure of that name; without such a figure it stands for itself.
    #[serde(deserialize_with = "short::lent_text")]
    pub template: Cow<'static, str>,
    /// The figures. Of several with the same name, the last one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
}

impl Evidence {
    /// Returns a sentence without figures; [`Evidence::with`] adds them.
    pub fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Evidence { template: template.into(), figures: Vec::new() }
    }

    /// Adds the figure that `{name}` stands for.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, quantity: impl Into<Quantity>) -> Self {
        self.figures.push(Figure::new(name, quantity));
        self
    }

    /// Appends `, but` and an objection, whose figures may follow.
    #[must_use]
    pub fn but(self, objection: &str) -> Self {
        self.append(", but ").append(objection)
    }

    /// Appends to the sentence.
    #[must_use]
    pub fn append(mut self, text: &str) -> Self {
        self.template.to_mut().push_str(text);
        self
    }

    /// Puts `text` before the sentence.
    #[must_use]
    pub fn prepend(mut self, text: &str) -> Self {
        self.template.to_mut().insert_str(0, text);
        self
    }
}

impl From<&'static str> for Evidence {
    fn from(text: &'static str) -> Self {
        Evidence::new(text)
    }
}

impl From<String> for Evidence {
    fn from(text: String) -> Self {
        Evidence::new(text)
    }
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", content = "evidence", rename_all = "lowercase")]
pub enum Verdict {
    /// It held, as this shows.
    Held(Evidence),
    /// It failed, as this shows.
    Failed(Evidence),
    /// It could not be checked in this run, for this reason.
    Skipped(Evidence),
}

impl Verdict {
    /// Returns [`Verdict::Held`] or [`Verdict::Failed`].
    pub fn of(held: bool, evidence: impl Into<Evidence>) -> Self {
        if held { Verdict::Held(evidence.into()) } else { Verdict::Failed(evidence.into()) }
    }

    /// Checks that one time is at most `factor` × another. Each has a name for the evidence, as in “wall 3.0 s, longest
    /// nap 2.9 s; at most 1.2 ×”.
    pub fn at_most(value: NamedTime, factor: f64, base: NamedTime) -> Self {
        let held = value.1.as_f64() <= factor * base.1.as_f64();
        Verdict::of(held, compared(value, "at most", factor, base))
    }

    /// Checks that one time is at least `factor` × another, named likewise.
    pub fn at_least(value: NamedTime, factor: f64, base: NamedTime) -> Self {
        let held = value.1.as_f64() >= factor * base.1.as_f64();
        Verdict::of(held, compared(value, "at least", factor, base))
    }

    /// Returns what shows it, or why it could not be checked.
    pub fn evidence(&self) -> &Evidence {
        match self {
            Verdict::Held(evidence) | Verdict::Failed(evidence) | Verdict::Skipped(evidence) => evidence,
        }
    }
}

/// A time and what it is called, such as `("wall", scene.wall)`.
pub type NamedTime = (&'static str, Nanos);

fn compared(value: NamedTime, bound: &str, factor: f64, base: NamedTime) -> Evidence {
    let ((name, value), (base_name, base)) = (value, base);
    Evidence::new(format!("{name} {{value}}, {base_name} {{base}}; {bound} {{factor}} ×"))
        .with("value", Quantity::Time(value))
        .with("base", Quantity::Time(base))
        .with("factor", Quantity::Factor(factor))
}

/// A claim about a run, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClaimResult {
    /// What is claimed.
    #[serde(deserialize_with = "short::lent_text")]
    pub statement: Cow<'static, str>,
    /// The name of the language of the scenes that it was checked on, such as `python`; none for the run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "short::maybe_name")]
    pub language: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl ClaimResult {
    /// Returns the verdict on a statement about scenes in the run's own language.
    pub fn new(statement: impl Into<Cow<'static, str>>, verdict: Verdict) -> Self {
        ClaimResult { statement: statement.into(), language: None, verdict }
    }
}
