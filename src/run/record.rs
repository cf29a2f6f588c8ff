//! Records a run of a lesson without showing it: no introduction, no question, no live picture.
//!
//! Nothing here is printed. Read `commands/site.rs` for who uses it, `mod.rs` beside this file for a run that is shown.

use anyhow::Context as _;

use super::Failure;
use super::console::{Console, ConsoleEvent};
use super::plan::Plan;
use crate::lesson::{Inputs, Scene};
use crate::stdio::InputLines;
use crate::trace::{SceneTrace, Trace};

/// The lines that are given to scenes which read lines: there is no user who could type some.
const SAMPLE_LINES: &[u8] = b"a\nb\nc\n";

/// Runs the scenes of `plan` one after the other and checks the lesson's claims. Returns `None` if a signal interrupted
/// the run.
///
/// # Errors
/// If a scene cannot be started.
pub(crate) fn record(plan: &Plan, console: &mut Console) -> Result<Option<Trace>, Failure> {
    let mut trace = plan.begin_trace()?;
    for planned in &plan.scenes {
        let Some(scene) = record_scene(planned.scene, plan, console)? else { return Ok(None) };
        trace.scenes.push(scene);
    }
    plan.lesson.check_claims(&mut trace);
    Ok(Some(trace))
}

/// Runs one scene to its end. Returns `None` if a signal came before or meanwhile.
pub(crate) fn record_scene(scene: &Scene, plan: &Plan, console: &mut Console) -> Result<Option<SceneTrace>, Failure> {
    if console.interrupted.is_some() {
        return Ok(None);
    }
    let mut inputs = Inputs::new(plan.given.tasks, plan.given.delay.into());
    if plan.lesson.takes.lines {
        inputs.lines = InputLines::read(SAMPLE_LINES).context("cannot start a thread")?;
    }
    let sender = console.sender();
    let on_end = move || {
        sender.send(ConsoleEvent::SceneEnded);
    };
    let session = scene.start(inputs, plan.request.clock, on_end);
    let session = session.with_context(|| format!("cannot start “{}” of {}", scene.title, plan.lesson.name))?;
    console.next_event()?;
    let mut trace = session.finish();
    scene.add_figures(&mut trace);
    Ok(console.interrupted.is_none().then_some(trace))
}
