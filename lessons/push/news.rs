//! The newsroom: the latest pieces of news, for as many readers as like. It waits for none of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::timeout;
use tracing::info;

/// So many pieces are kept. Each reader takes them one by one, at its own pace; whoever is further behind than this
/// is cut off, so that nobody's slowness takes memory, or another one's time.
const KEPT: usize = 32;
/// From one piece to the next, in tenths of a pace: irregular, and out of step with whoever asks at every pace.
const GAPS: [u32; 5] = [7, 13, 4, 11, 16];

/// Where news is made and kept. A clone is the same newsroom.
#[derive(Clone, Debug)]
pub struct Newsroom {
    /// About so often there is something new, and so often those ask who poll.
    pub pace: Duration,
    kept: Arc<watch::Sender<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many were made so far: the number of the latest.
    made: u64,
    latest: VecDeque<String>,
    closed: bool,
}

impl Newsroom {
    pub fn open(pace: Duration) -> Self {
        Newsroom { pace, kept: Arc::default() }
    }

    /// Makes a piece of news.
    pub fn make(&self) {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.kept.send_modify(|kept| {
            kept.made += 1;
            // The moment is for a browser, which has the same clock if it runs on this machine.
            kept.latest.push_back(format!("news {}, made {}", kept.made, now.as_millis()));
            if kept.latest.len() > KEPT {
                kept.latest.pop_front();
            }
        });
        info!(news = self.latest(), "made");
    }

    /// Makes a piece of news about once a pace, until the newsroom is closed.
    pub async fn make_some(self) {
        let mut kept = self.kept.subscribe();
        for gap in GAPS.into_iter().cycle() {
            let closed = kept.wait_for(|kept| kept.closed);
            if timeout(self.pace * gap / 10, closed).await.is_ok() {
                return;
            }
            self.make();
        }
    }

    /// The latest piece's number.
    pub fn latest(&self) -> u64 {
        self.kept.borrow().made
    }

    /// What is kept of all that came after piece number `last`.
    pub fn after(&self, last: u64) -> Vec<String> {
        let kept = self.kept.borrow();
        let new = kept.made.saturating_sub(last).min(kept.latest.len() as u64) as usize;
        kept.latest.iter().skip(kept.latest.len() - new).cloned().collect()
    }

    /// Waits for the piece that comes after piece number `last`. None once the newsroom is closed, and if that piece
    /// is not kept any more because the reader has taken so long.
    pub async fn next(&self, last: u64) -> Option<String> {
        let mut kept = self.kept.subscribe();
        let kept = kept.wait_for(|kept| kept.made > last || kept.closed).await.ok()?;
        let behind = usize::try_from(kept.made.checked_sub(last)?).ok()?;
        kept.latest.get(kept.latest.len().checked_sub(behind)?).cloned()
    }

    /// No more news: whoever waits for some stops waiting.
    pub fn close(&self) {
        self.kept.send_modify(|kept| kept.closed = true);
    }
}
