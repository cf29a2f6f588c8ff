//! Takes the text of a claim apart.

use super::super::relation::Ending;
use super::{Bound, ClaimError, Kind, METRICS, Measure, Metric, Operand, Side};
use crate::trace::Nanos;

/// The units of time, and how long each is.
const UNITS: [(&str, f64); 4] = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)];
/// The comparisons. Longer ones come first.
const BOUNDS: [(&str, Bound); 5] =
    [("<=", Bound::AtMost), (">=", Bound::AtLeast), ("==", Bound::Equal), ("<", Bound::Below), (">", Bound::Above)];
/// The largest number that a claim may name.
const LARGEST: f64 = 1e15;

/// Reads the text of a claim from left to right.
pub(super) struct Scanner<'a> {
    text: &'a str,
    /// The byte that is read next.
    at: usize,
    /// The scenes that can be measured.
    scenes: &'a [&'a str],
}

impl<'a> Scanner<'a> {
    /// Returns a reader that stands at the beginning of `text`.
    pub(super) fn new(text: &'a str, scenes: &'a [&'a str]) -> Self {
        Scanner { text, at: 0, scenes }
    }

    /// Returns a measure that could stand in this claim.
    pub(super) fn example(&self) -> String {
        format!("{}.wall", self.scenes.first().unwrap_or(&"scene"))
    }

    /// Reads one side.
    pub(super) fn side(&mut self) -> Result<Side, ClaimError> {
        self.skip_spaces();
        let at = self.at;
        if let Some(quote) = self.quote() {
            let names = leak(self.quoted(quote)?);
            return Ok(Side { at, factor: 1.0, value: Operand::Names(names), kind: Kind::Names });
        }
        if !self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            let (value, kind) = self.value(true)?;
            return Ok(Side { at, factor: 1.0, value, kind });
        }
        let number = self.number()?;
        if self.takes("*") {
            self.skip_spaces();
            if number == 0.0 {
                return Err(ClaimError { at, message: "a factor must be more than 0".to_owned() });
            }
            let (value, kind) = self.value(false)?;
            return Ok(Side { at, factor: number, value, kind });
        }
        self.skip_spaces();
        let unit_at = self.at;
        let unit = self.word();
        if unit.is_empty() {
            return Ok(Side { at, factor: 1.0, value: Operand::Number(number), kind: Kind::Number });
        }
        match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, nanos)) => {
                let time = Operand::Time(Nanos((number * nanos) as u64));
                Ok(Side { at, factor: 1.0, value: time, kind: Kind::Time })
            }
            None => Err(ClaimError {
                at: unit_at,
                message: format!("{unit:?} is no unit: use ns, us, ms or s, or * before a measure"),
            }),
        }
    }

    /// Reads the comparison between the sides. Returns where it stands, too.
    pub(super) fn bound(&mut self) -> Result<(usize, Bound), ClaimError> {
        self.skip_spaces();
        let at = self.at;
        match BOUNDS.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
            Some((sign, bound)) => {
                self.at += sign.len();
                Ok((at, *bound))
            }
            None => self.wrong("a comparison must follow here: <=, >=, <, > or =="),
        }
    }

    /// Checks that nothing follows. `advice` says what to do with what does.
    pub(super) fn end(&mut self, advice: &str) -> Result<(), ClaimError> {
        self.skip_spaces();
        if self.rest().is_empty() { Ok(()) } else { self.wrong(&format!("nothing can follow here; {advice}")) }
    }

    /// Reads a measure, or a word for what the scenes were given; or, if it `may_end`, how something ended.
    fn value(&mut self, may_end: bool) -> Result<(Operand, Kind), ClaimError> {
        let at = self.at;
        let word = self.word();
        if self.takes(".") {
            return self.measure(at, word);
        }
        let given = match word {
            "delay" => Some((Operand::Delay, Kind::Time)),
            "delays" => Some((Operand::Delays, Kind::Time)),
            "tasks" => Some((Operand::Tasks, Kind::Number)),
            word => {
                let ending = Ending::ALL.into_iter().find(|ending| ending.word() == word && may_end);
                ending.map(|ending| (Operand::Outcome(ending), Kind::Outcome))
            }
        };
        if let Some(given) = given {
            return Ok(given);
        }
        let message = match word {
            "" => format!("a measure must stand here, such as {}, or a number", self.example()),
            word if self.scenes.contains(&word) => format!("say what of {word}, such as {word}.wall"),
            word => format!("{word:?} means nothing here; a measure looks like {}", self.example()),
        };
        Err(ClaimError { at, message })
    }

    /// Reads what is measured of the scene that is named at `at`.
    fn measure(&mut self, at: usize, scene: &str) -> Result<(Operand, Kind), ClaimError> {
        if !self.scenes.contains(&scene) {
            let message = format!("there is no scene {scene:?}: there is {}", self.scenes.join(", "));
            return Err(ClaimError { at, message });
        }
        self.skip_spaces();
        let mut at = self.at;
        let mut word = self.word();
        let mut lane = None;
        if word == "lane" {
            lane = Some(leak(self.argument("lane", "a lane's name")?));
            if !self.takes(".") {
                return self.wrong("a dot and what is measured of the lane must follow here, such as .wall");
            }
            self.skip_spaces();
            at = self.at;
            word = self.word();
        }
        let (metric, kind) = self.metric(at, word)?;
        if lane.is_some() && metric == Metric::Ends {
            return Err(ClaimError { at, message: "ends is of a whole scene, not of one lane".to_owned() });
        }
        Ok((Operand::Measure(Measure { scene: leak(scene), lane, metric }), kind))
    }

    /// Returns the metric that `word`, which stands at `at`, begins.
    fn metric(&mut self, at: usize, word: &str) -> Result<(Metric, Kind), ClaimError> {
        if word == "figure" {
            let name = leak(self.argument("figure", "a figure's name")?);
            return Ok((Metric::Figure(name), Kind::Told));
        }
        match METRICS.iter().find(|(name, ..)| *name == word) {
            Some((_, metric, kind)) => Ok((*metric, *kind)),
            None => {
                let known = METRICS.map(|(name, ..)| name).join(", ");
                let message = format!("{word:?} cannot be measured: use {known}, figure(\"name\") or lane(\"name\").…");
                Err(ClaimError { at, message })
            }
        }
    }

    /// Reads a name in quotes and parentheses behind `word`.
    fn argument(&mut self, word: &str, what: &str) -> Result<&'a str, ClaimError> {
        let form = format!("{what} in quotes and parentheses must follow here: {word}(\"name\")");
        if !self.takes("(") {
            return self.wrong(&form);
        }
        self.skip_spaces();
        let Some(quote) = self.quote() else { return self.wrong(&form) };
        let name = self.quoted(quote)?;
        if self.takes(")") { Ok(name) } else { self.wrong("a closing parenthesis must follow here") }
    }

    /// Returns the quotation mark that stands here.
    fn quote(&self) -> Option<char> {
        self.rest().chars().next().filter(|c| matches!(c, '"' | '\''))
    }

    /// Reads a text in quotation marks, which is not empty.
    fn quoted(&mut self, quote: char) -> Result<&'a str, ClaimError> {
        let text = &self.rest()[1..];
        match text.find(quote) {
            Some(0) => self.wrong("a name cannot be empty"),
            Some(length) => {
                self.at += length + 2;
                Ok(&text[..length])
            }
            None => self.wrong(&format!("the closing {quote} is missing")),
        }
    }

    /// Reads a number that is not negative.
    fn number(&mut self) -> Result<f64, ClaimError> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        match rest[..length].parse::<f64>() {
            Ok(number) if number <= LARGEST => {
                self.at += length;
                Ok(number)
            }
            Ok(_) => self.wrong("this number is too large"),
            Err(_) => self.wrong("this is no number: digits and one decimal point are allowed"),
        }
    }

    /// Reads a word of letters, digits and underscores that does not begin with a digit; empty if there is none.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return "";
        }
        let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Skips `sign` and spaces before it. Returns whether it stands here.
    fn takes(&mut self, sign: &str) -> bool {
        let spaces = self.spaces();
        let stands = self.rest()[spaces..].starts_with(sign);
        if stands {
            self.at += spaces + sign.len();
        }
        stands
    }

    fn skip_spaces(&mut self) {
        self.at += self.spaces();
    }

    /// Returns the number of bytes of the spaces that stand here.
    fn spaces(&self) -> usize {
        self.rest().len() - self.rest().trim_start().len()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong<T>(&self, message: &str) -> Result<T, ClaimError> {
        Err(ClaimError { at: self.at, message: message.to_owned() })
    }
}

/// Returns `text` for as long as the program runs. A claim is short, and a lesson has few of them.
fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}
