//! The layer for `tracing-subscriber`: `info!` becomes a mark, a span with a `lane` field a lane, and `-v` a log.
//!
//! The polls of observed tasks do not come through here: the registry alone costs several times what an entry does.
//! Spans are for code that knows nothing of asyncguide and is instrumented with `tracing` alone. `span.rs` makes lanes of
//! them, `tokio_spans.rs` knows the spans that tokio itself makes.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
#[cfg(feature = "program")]
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::filter::filter_fn;
#[cfg(feature = "program")]
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::entry::{Said, Value};
use super::span::SpanLane;
use super::{local, span_filter, tokio_spans};
use crate::trace::TaskKind;

/// A filter of log events in the usual syntax: `debug`, `asyncguide=trace,hyper=info`.
#[cfg(feature = "program")]
pub(crate) struct LogFilter(EnvFilter);

#[cfg(feature = "program")]
impl LogFilter {
    /// Parses a filter.
    ///
    /// # Errors
    /// If `directives` is no filter: what is wrong, in one line.
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
    // The only error is that one is installed already, which is what is wanted.
    let _ = Registry::default().with(layer()).with(log).try_init();
}

/// Returns the layer that records `tracing`, for a program's own subscriber.
///
/// An event of the level `INFO` or above becomes a mark on the lane that runs. A span with a field `lane` gets a lane of
/// that name, from the moment at which the field has a value. So does each span that `ASYNCGUIDE_SPANS` chooses by its
/// module and level, as in `mini_redis=debug`: see [`watch`](crate::watch()). Where nothing is recorded, the layer does nothing.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(asyncguide::layer());
/// # let _default = tracing::subscriber::set_default(subscriber);
/// # #[cfg(any())]
/// subscriber.init();
/// ```
///
/// Other layers, such as that of `tracing_subscriber::fmt`, are added in the same way. A subscriber that a program
/// installs by itself stays the only one: neither [`watch`](crate::watch()) nor a recording replaces it.
///
/// # How a span ends
///
/// The lane of a span that a panic leaves has panicked. `tracing` does not say whether a future was done when it was
/// dropped, so that is concluded: from a drop that comes later than right after the last poll, or from lanes within that
/// were dropped before they were done. So a task that is aborted while it waits is cancelled, but a future that a timeout
/// drops right after a poll may look done, and one that is kept after it is done looks cancelled.
/// [`Observe::observe`](crate::Observe::observe) knows.
///
/// # Every task of tokio
///
/// If the program is built with `RUSTFLAGS="--cfg tokio_unstable"` and tokio's feature `tracing`, then tokio makes a span of
/// its own for each task, and with this layer every task has a lane. It is called as the task is, or by the place where it
/// was spawned, such as `main.rs:12`. A filter for the whole subscriber has to let the targets `tokio::task` and
/// `tokio::task::waker` pass at the level `TRACE`.
pub fn layer<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    IS_MADE.store(true, Ordering::Relaxed);
    Marks.with_filter(filter_fn(is_wanted))
}

/// Whether the process has made a layer.
static IS_MADE: AtomicBool = AtomicBool::new(false);

/// Returns whether the process has made a layer.
pub(crate) fn has_layer() -> bool {
    IS_MADE.load(Ordering::Relaxed)
}

/// Returns whether spans or events of this place are recorded.
fn is_wanted(metadata: &Metadata<'_>) -> bool {
    match metadata.is_span() {
        true => {
            metadata.fields().field(LANE).is_some()
                || tokio_spans::is_spawn(metadata)
                || span_filter::is_chosen(metadata)
        }
        false => *metadata.level() <= Level::INFO || tokio_spans::is_wake(metadata),
    }
}

/// The field that gives a span a lane.
const LANE: &str = "lane";

struct Marks;

impl<S> Layer<S> for Marks
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !local::is_recorded() {
            return;
        }
        if tokio_spans::is_wake(event.metadata()) {
            if let Some(id) = tokio_spans::woken(event) {
                with_lane(&id, &context, |span| span.woken());
            }
            return;
        }
        let mut visitor = SaidVisitor::default();
        event.record(&mut visitor);
        let SaidVisitor { text, fields } = visitor;
        local::mark(event.metadata(), Said { text: Cow::Owned(text), fields });
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|_| local::is_recorded()) else { return };
        let lane = if tokio_spans::is_spawn(attributes.metadata()) {
            tokio_spans::lane(attributes)
        } else {
            let name = lane_name(attributes);
            Some(SpanLane::new(TaskKind::Span, name.as_deref(), false))
        };
        if let Some(lane) = lane {
            span.extensions_mut().insert(lane);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut name = LaneName(None);
        values.record(&mut name);
        if let Some(name) = name.0 {
            with_lane(id, &context, |span| span.name(&name));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        with_lane(id, &context, SpanLane::enter);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        with_lane(id, &context, SpanLane::leave);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        with_lane(&id, &context, |span| span.close());
    }
}

/// Returns the name of a span's lane; `None` if it gets one when its field `lane` has a value.
fn lane_name(attributes: &Attributes<'_>) -> Option<String> {
    if attributes.metadata().fields().field(LANE).is_none() {
        return Some(span_filter::name_of(attributes));
    }
    let mut name = LaneName(None);
    attributes.record(&mut name);
    name.0
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

/// Collects what an event of `tracing` says: its message and fields as text, and the fields with their types.
#[derive(Default)]
struct SaidVisitor {
    text: String,
    fields: Vec<(usize, Value<'static>)>,
}

impl SaidVisitor {
    fn field(&mut self, field: &Field, value: Value<'static>, text: &dyn fmt::Debug) {
        let space = if self.text.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{space}{}={text:?}", field.name());
        self.fields.push((field.index(), value));
    }
}

impl Visit for SaidVisitor {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, Value::Bool(value), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, Value::Unsigned(value), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, Value::Signed(value), &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, Value::Float(value), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, Value::Text(Cow::Owned(value.to_owned())), &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let space = if self.text.is_empty() { "" } else { " " };
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{space}{value:?}");
        } else {
            self.field(field, Value::Text(Cow::Owned(format!("{value:?}"))), value);
        }
    }
}

struct LaneName(Option<String>);

impl Visit for LaneName {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == LANE {
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
    let _ = Registry::default().with(layer()).try_init();
}
