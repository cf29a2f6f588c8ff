//! The order of a stream's events: which one may come after those before it.

use super::contradiction::check_helpers;
use super::json::SCHEMA;
use super::{Contradiction, Event};

/// What is wrong with an event about the run that comes between a scene's beginning and its end.
pub(super) const WITHIN_SCENE: Contradiction =
    Contradiction::OutOfPlace("an event about the run stands within a scene");
/// What is wrong with a stream that does not begin with a run.
pub(super) const NO_RUN: Contradiction = Contradiction::OutOfPlace("the first event of a stream is `run`");

/// How far a stream has come.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// Whether the run has begun.
    begun: bool,
    /// The name of the scene that has begun and not ended.
    scene: Option<String>,
}

impl Order {
    /// Checks that `event` may come next.
    ///
    /// # Errors
    /// If it may not, or if the stream is of a later schema.
    pub(crate) fn check(&mut self, event: &Event) -> Result<(), Contradiction> {
        if !self.begun {
            let Event::Run(start) = event else { return Err(NO_RUN) };
            if start.schema > SCHEMA {
                return Err(Contradiction::LaterSchema(start.schema));
            }
            self.begun = true;
            return Ok(());
        }
        match (event, &self.scene) {
            (Event::Run(_), _) => Err(Contradiction::OutOfPlace("a second `run` in one stream")),
            (Event::Unknown, _) | (Event::Skipped(_) | Event::Claim(_), None) => Ok(()),
            (Event::Scene(start), None) => {
                check_helpers(&start.helpers)?;
                self.scene = Some(start.scene.clone());
                Ok(())
            }
            (_, None) => Err(Contradiction::OutOfPlace("an event of a scene stands outside of every scene")),
            (Event::Scene(_) | Event::Skipped(_) | Event::Claim(_), Some(_)) => Err(WITHIN_SCENE),
            (Event::SceneEnd { scene, .. }, Some(own)) => {
                if scene != own {
                    return Err(Contradiction::OutOfPlace("a scene ends that is not the one that began"));
                }
                self.scene = None;
                Ok(())
            }
            (_, Some(_)) => Ok(()),
        }
    }
}
