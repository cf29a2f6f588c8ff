//! Plays a recorded scene back, as if it ran now.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::trace::{Nanos, SceneTrace, Snapshot};

/// A recorded scene that plays from its beginning to its end.
#[derive(Clone)]
pub(crate) struct Playback {
    scene: Arc<SceneTrace>,
    /// The moments at which anything happens, in nanoseconds since the start of the scene, in order.
    moments: Arc<[Nanos]>,
    started: Instant,
    /// How many times as fast as the recording.
    speed: f64,
}

impl Playback {
    /// Starts to play `scene` now.
    pub(crate) fn start(scene: SceneTrace, speed: f64) -> Self {
        let moments = scene.moments().into();
        Playback { scene: Arc::new(scene), moments, started: Instant::now(), speed }
    }

    /// Returns how long all of it takes at this speed.
    pub(crate) fn duration(&self) -> Duration {
        Duration::from(self.scene.wall).div_f64(self.speed)
    }

    /// Returns the moment that is reached by now, in nanoseconds since the start of the scene.
    fn now(&self) -> Nanos {
        let nanos = self.started.elapsed().as_nanos() as f64 * self.speed;
        Nanos(nanos as u64).min(self.scene.wall)
    }

    /// Returns the scene at this moment, as it would go on until `horizon` if nothing more happened. Builds it anew only
    /// if something has happened since `last`.
    pub(crate) fn snapshot(&self, last: Option<Snapshot>, horizon: Nanos) -> Snapshot {
        let now = self.now();
        let passed = |moment: Nanos| self.moments.partition_point(|at| *at <= moment);
        if now >= self.scene.wall {
            return Snapshot::at((*self.scene).clone(), now);
        }
        match last {
            Some(last) if last.horizon() == horizon && passed(last.now) == passed(now) => last.later(now),
            _ => Snapshot::at(self.scene.until(now, horizon), now),
        }
    }

    /// Ends the playback. Returns the part of the scene that was played: all of it, unless it was `interrupted` before
    /// its end.
    pub(crate) fn end(self, interrupted: bool) -> SceneTrace {
        let now = self.now();
        if interrupted && now < self.scene.wall { self.scene.until(now, now) } else { Arc::unwrap_or_clone(self.scene) }
    }
}
