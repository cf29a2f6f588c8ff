//! A day's news: the same pieces at the same irregular moments in each scene, and how many clients have each piece.

use std::net::SocketAddr;
use std::sync::Arc;

use asyncguide::serve::Server;
use asyncguide::{Inputs, Observe};
use tokio::join;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::app::serve;
use super::news::Newsroom;

/// When the pieces are made, in twelfths of a delay since the start. Modulo twelve they are 5, 7, 11, 1, 3 and 9:
/// spread evenly between two polls, whenever a client polls. Between 11 and 25 there is a long time without news.
const MOMENTS: [u32; 6] = [5, 7, 11, 25, 27, 33];
/// The number of pieces.
pub const NEWS: u64 = MOMENTS.len() as u64;

/// A newsroom, its server, and how many clients have each piece of its news.
pub struct Day {
    server: Server,
    newsroom: Newsroom,
    clients: usize,
    /// For each piece, how many clients have it.
    had: watch::Sender<[usize; NEWS as usize]>,
}

impl Day {
    /// Opens a server on this machine, for this scene's clients.
    pub async fn begin(inputs: &Inputs) -> Arc<Day> {
        let server = Server::open(&inputs.endpoint).await.expect("a port");
        let (newsroom, had) = (Newsroom::open(inputs.delay), watch::Sender::default());
        Arc::new(Day { server, newsroom, clients: inputs.tasks, had })
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Makes the news and serves it, until every client has all of it.
    pub async fn serve_news(self: &Arc<Self>) {
        let serving = serve(&self.server, &self.newsroom).observe("server");
        let making = async {
            self.make_news().await;
            self.server.close();
        };
        join!(serving, making);
    }

    /// Makes each piece at its moment. A piece has a lane until every client has it.
    async fn make_news(self: &Arc<Self>) {
        let (start, mut pieces) = (Instant::now(), JoinSet::new());
        for (moment, number) in MOMENTS.into_iter().zip(1..) {
            sleep_until(start + self.newsroom.pace * moment / 12).await;
            let day = Arc::clone(self);
            pieces.spawn(async move { day.make(number).await }.observe(format!("news {number}")));
        }
        pieces.join_all().await;
    }

    async fn make(&self, number: u64) {
        self.newsroom.make();
        let mut had = self.had.subscribe();
        let _ = had.wait_for(|had| had[number as usize - 1] == self.clients).await;
    }

    /// Counts that a client has the piece `news`, which begins with “news” and a number. Returns that number.
    pub fn has(&self, news: &str) -> u64 {
        let number = news.strip_prefix("news ").and_then(|rest| rest.split(',').next()?.parse::<u64>().ok());
        let number = number.expect("a piece of news");
        info!(news = number, "has");
        self.had.send_modify(|had| had[number as usize - 1] += 1);
        number
    }
}
