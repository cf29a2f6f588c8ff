//! Which spans of `tracing` get a lane although they have no field `lane`: those that the user chose.

use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use tracing::Metadata;
use tracing::field::{Field, Visit};
use tracing::span::Attributes;
use tracing_subscriber::filter::Targets;

/// The spans that were chosen, for the whole process.
static CHOSEN: OnceLock<Targets> = OnceLock::new();

/// A choice of spans by their module and level: `info`, `mini_redis=debug,tower_http=trace`.
#[derive(Debug)]
pub(crate) struct SpanFilter(Targets);

impl SpanFilter {
    /// Parses a choice.
    ///
    /// # Errors
    /// If `directives` is none: what is wrong, in one line.
    pub(crate) fn parse(directives: &str) -> Result<Self, String> {
        directives.parse().map(SpanFilter).map_err(|error: tracing_subscriber::filter::ParseError| error.to_string())
    }

    /// Gives each of these spans a lane from now on. Only the first call of a process counts.
    pub(crate) fn choose(self) {
        if CHOSEN.set(self.0).is_ok() {
            // Places that were passed before know only what was wanted then.
            tracing::callsite::rebuild_interest_cache();
        }
    }
}

/// Returns whether a span of this place was chosen.
pub(super) fn is_chosen(metadata: &Metadata<'_>) -> bool {
    CHOSEN.get().is_some_and(|chosen| chosen.would_enable(metadata.target(), metadata.level()))
}

/// Returns the name of the lane of a span that was chosen: that of the span, with the values of its fields as arguments,
/// such as `get("key", 3)`.
pub(super) fn name_of(attributes: &Attributes<'_>) -> String {
    let mut values = Values(String::new());
    attributes.record(&mut values);
    let name = attributes.metadata().name();
    if values.0.is_empty() { name.to_owned() } else { format!("{name}({})", values.0) }
}

/// Collects the values of fields as text.
struct Values(String);

impl Visit for Values {
    fn record_debug(&mut self, _field: &Field, value: &dyn fmt::Debug) {
        let comma = if self.0.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{comma}{value:?}");
    }
}
