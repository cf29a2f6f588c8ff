//! The newsroom: keeps the latest pieces of news for any number of readers, and waits for none of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::timeout;
use tracing::info;

/// The most pieces that are kept. Each reader takes them one by one, at its own pace. A reader that is further behind
/// is cut off, so that a slow reader costs no memory, and no time of the others.
const KEPT: usize = 32;
/// The times from one piece to the next, in tenths of a pace: irregular, and out of step with a client that polls.
const GAPS: [u32; 5] = [7, 13, 4, 11, 16];

/// Makes and keeps news. All clones are the same newsroom.
#[derive(Clone, Debug)]
pub struct Newsroom {
    /// The time from one piece to the next, roughly, and from one poll of a client to the next.
    pub pace: Duration,
    /// Tells this newsroom from those of earlier servers: when it was opened, in milliseconds since 1970.
    pub epoch: u128,
    kept: Arc<watch::Sender<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The number of pieces made so far, which is also the number of the latest piece.
    made: u64,
    latest: VecDeque<String>,
    closed: bool,
}

impl Newsroom {
    pub fn open(pace: Duration) -> Self {
        let epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        Newsroom { pace, epoch, kept: Arc::default() }
    }

    /// Makes a piece of news.
    pub fn make(&self) {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.kept.send_modify(|kept| {
            kept.made += 1;
            // A browser computes the delay from this moment. It has the same clock if it runs on this machine.
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

    /// Returns the number of the latest piece, or 0 if there is none.
    pub fn latest(&self) -> u64 {
        self.kept.borrow().made
    }

    /// Returns the number of the last piece that is not kept any more, or 0 if all are.
    pub fn forgotten(&self) -> u64 {
        let kept = self.kept.borrow();
        kept.made - kept.latest.len() as u64
    }

    /// Returns the pieces after piece number `last` that are still kept.
    pub fn after(&self, last: u64) -> Vec<String> {
        let kept = self.kept.borrow();
        let new = kept.made.saturating_sub(last).min(kept.latest.len() as u64) as usize;
        kept.latest.iter().skip(kept.latest.len() - new).cloned().collect()
    }

    /// Waits for the piece that comes after piece number `last`. Returns `None` if the newsroom closes before that, or
    /// if that piece is not kept any more because the reader was too slow.
    pub async fn next(&self, last: u64) -> Option<String> {
        let mut kept = self.kept.subscribe();
        let kept = kept.wait_for(|kept| kept.made > last || kept.closed).await.ok()?;
        let behind = usize::try_from(kept.made.checked_sub(last)?).ok()?;
        kept.latest.get(kept.latest.len().checked_sub(behind)?).cloned()
    }

    /// Ends the news: readers that wait for some stop waiting.
    pub fn close(&self) {
        self.kept.send_modify(|kept| kept.closed = true);
    }
}
