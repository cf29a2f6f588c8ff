//! The door to `tracing-subscriber`: `info!` becomes a mark, a span with a `lane` field a lane, and `-v` a log.
//!
//! The polls of observed tasks do not come through here: the registry alone costs several times what a stamp does.
//! Spans are for code that knows nothing of asyncguide and is instrumented with `tracing` alone.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
#[cfg(feature = "program")]
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
#[cfg(feature = "program")]
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::local::{self, LaneId, Polled};
use crate::trace::TaskKind;

/// Which logs to print, in the usual syntax: `debug`, `asyncguide=trace,hyper=info`.
#[cfg(feature = "program")]
pub(crate) struct LogFilter(EnvFilter);

#[cfg(feature = "program")]
impl LogFilter {
    /// # Errors
    /// What is wrong with `directives`, in one line.
    pub(crate) fn parse(directives: &str) -> Result<Self, String> {
        EnvFilter::builder().parse(directives).map(LogFilter).map_err(|error| error.to_string())
    }
}

/// Installs the recording layer, and a log on `writer` if `log` asks for one, for the whole process: a subscriber
/// set for one thread would miss the runtime's workers. A second call changes nothing.
#[cfg(feature = "program")]
pub(crate) fn install<W>(log: Option<(LogFilter, W)>)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let log = log.map(|(LogFilter(filter), writer)| {
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer).with_filter(filter)
    });
    let marks = Marks.with_filter(LevelFilter::INFO);
    // The only error is that one is installed already, which is what is wanted.
    let _ = Registry::default().with(marks).with(log).try_init();
}

struct Marks;

/// Kept with each span that has a lane.
struct SpanLane {
    lane: LaneId,
    /// One for each time that it was entered and not yet left: a span may be entered again by who is in it.
    since: Vec<u64>,
    started: bool,
}

impl<S> Layer<S> for Marks
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        local::mark(event.metadata(), &text.0);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut name = LaneName(None);
        attributes.record(&mut name);
        let lane = name.0.and_then(|name| local::create(TaskKind::Span, &name));
        if let (Some(lane), Some(span)) = (lane, context.span(id)) {
            span.extensions_mut().insert(SpanLane { lane, since: Vec::new(), started: false });
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        with_lane(id, &context, |span| {
            if !std::mem::replace(&mut span.started, true) {
                span.lane.started();
            }
            span.since.push(span.lane.begin());
        });
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        with_lane(id, &context, |span| {
            if let Some(since) = span.since.pop() {
                span.lane.end(since, Polled::Pending);
            }
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        with_lane(&id, &context, |span| span.lane.ended(true));
    }
}

fn with_lane<S>(id: &Id, context: &Context<'_, S>, work: impl FnOnce(&mut SpanLane))
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if let Some(span) = context.span(id)
        && let Some(lane) = span.extensions_mut().get_mut::<SpanLane>()
    {
        work(lane);
    }
}

/// What an event says: its message, then its fields.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let space = if self.0.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{space}{value:?}"),
            name => write!(self.0, "{space}{name}={value:?}"),
        };
    }
}

struct LaneName(Option<String>);

impl Visit for LaneName {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "lane" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Installs the recording layer alone, unless a subscriber is installed already.
pub(crate) fn install_recording() {
    // The only error is that a subscriber is installed already. It stays, and lanes are recorded without it.
    let _ = Registry::default().with(Marks.with_filter(LevelFilter::INFO)).try_init();
}
