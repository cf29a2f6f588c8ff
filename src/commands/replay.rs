//! `asyncguide replay FILE`: a saved run again, as it was: growing lanes where somebody watches, then the report.
//!
//! The lesson is looked up by the name in the file; of one that is not on the syllabus, everything is shown that the
//! recording itself tells. Read `open.rs` for how a file is read that may hold anything, `run.rs` for the like of a run.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::console::{Console, Event};
use super::run::{introduce, print};
use super::save::SaveTarget;
use super::{Failure, open, step};
use crate::cli::ReplayArgs;
use crate::lesson::{self, Lesson};
use crate::live::Live;
use crate::render::{FORMATS, Report};
use crate::session::{FOREVER, Look};
use crate::term::Term;
use crate::trace::{SceneTrace, Skipped, Trace};

/// Replays a file.
pub(super) fn replay(syllabus: &[&'static Lesson], args: &ReplayArgs, term: &Arc<Term>) -> Result<ExitCode, Failure> {
    let targets = SaveTarget::check_all(&args.results.save, FORMATS)?;
    step::check(args.results.step, args.results.format())?;
    let trace = open::trace(&args.file)?;
    let index = syllabus.iter().position(|lesson| lesson.name == trace.lesson);
    let lesson = index.map_or(&Lesson::UNKNOWN, |index| syllabus[index]);
    let format = args.results.format();
    if let Some(index) = index {
        introduce(lesson, (index, syllabus.len()), format, term)?;
    }
    let steps = args.results.step;
    let mut console = Console::open(steps && term.asks, term)?;
    let trace = if term.live && !steps { watch(trace, lesson, args.speed, term, &mut console)? } else { trace };
    let next = index.and_then(|index| syllabus.get(index + 1).copied());
    let report = Report { next, by: args.by, prose: !term.quiet, ..Report::new(lesson, &trace) };
    if steps {
        step::walk(&report, term, &mut console)?;
    }
    print(&report, format, term)?;
    for target in &targets {
        target.save(|write, page, out| write(&report, page, out))?;
    }
    Ok(console.exit_code(report.failed()))
}

/// Draws one scene after the other as it grew; answers what was to be seen before somebody stopped it.
fn watch(
    mut trace: Trace,
    lesson: &Lesson,
    speed: f64,
    term: &Arc<Term>,
    console: &mut Console,
) -> Result<Trace, Failure> {
    let extent = Duration::from_nanos(trace.extent());
    let (mut heading, mut seen) = (String::new(), Vec::new());
    for (scene, place) in std::mem::take(&mut trace.scenes).into_iter().zip(1..) {
        if console.interrupted.is_some() {
            let (scene, title) = (scene.name, scene.title);
            trace.skipped.push(Skipped { scene, title, reason: "the replay was interrupted".to_owned() });
            continue;
        }
        let number = Some(lesson.number(&scene.name)).filter(|number| *number > 0).unwrap_or(place);
        let title = format!("{number}  {}", term.error_page.line(&scene.title));
        let wall = lesson::duration(scene.wall);
        let film = Film::new(scene, speed);
        seen.push(film.show(&format!("{heading}{title}"), extent, term, console)?);
        heading += &format!("{title}  {wall}\n");
    }
    trace.scenes = seen;
    Ok(trace)
}

/// A scene's recording on its way from the beginning to the end.
#[derive(Clone)]
struct Film {
    scene: Arc<SceneTrace>,
    /// When anything happens, in order.
    moments: Arc<[u64]>,
    started: Instant,
    speed: f64,
}

impl Film {
    fn new(scene: SceneTrace, speed: f64) -> Self {
        let moments = scene.moments().into();
        Film { scene: Arc::new(scene), moments, started: Instant::now(), speed }
    }

    /// Draws it to its end or to the first signal: what had happened by then.
    fn show(
        self,
        heading: &str,
        extent: Duration,
        term: &Arc<Term>,
        console: &mut Console,
    ) -> Result<SceneTrace, Failure> {
        let film = self.clone();
        let live = Live::start(term, heading, extent, move |last| film.look(last));
        let lasts = Duration::from_nanos(self.scene.wall).div_f64(self.speed);
        let event = console.next_event_within(lasts);
        let now = self.now();
        live.finish();
        Ok(match event? {
            Event::Signal(_) if now < self.scene.wall => self.scene.until(now, now),
            // Nobody else holds it any more.
            _ => Arc::unwrap_or_clone(self.scene),
        })
    }

    /// How far it has come, in nanoseconds.
    fn now(&self) -> u64 {
        let nanos = self.started.elapsed().as_nanos() as f64 * self.speed;
        (nanos as u64).min(self.scene.wall)
    }

    /// The scene at this moment; made anew only if something has happened since the `last` look.
    fn look(&self, last: Option<Look>) -> Look {
        let now = self.now();
        let passed = |moment: u64| self.moments.partition_point(|at| *at <= moment);
        match last {
            Some(last) if now < self.scene.wall && passed(last.now) == passed(now) => last.later(now),
            _ if now < self.scene.wall => Look::at(self.scene.until(now, FOREVER), now),
            _ => Look::at((*self.scene).clone(), now),
        }
    }
}
