//! Two players and one ball, which goes from one to the other through channels.

use asyncguide::{Inputs, Observe};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let (to_ann, at_ann) = channel(1);
    let (to_bob, at_bob) = channel(1);
    let ann = tokio::spawn(player(inputs.tasks, at_ann, to_bob).observe("Ann"));
    let bob = tokio::spawn(player(inputs.tasks, at_bob, to_ann.clone()).observe("Bob"));
    // Throws the ball in. Sending fails only if the game is over and both players have left.
    let _ = to_ann.send(()).await;
    let _ = tokio::join!(ann, bob);
}

async fn player(rounds: usize, mut ball_comes: Receiver<()>, ball_goes: Sender<()>) {
    for _ in 0..rounds {
        ball_comes.recv().await;
        info!("plays the ball");
        let _ = ball_goes.send(()).await;
    }
}
