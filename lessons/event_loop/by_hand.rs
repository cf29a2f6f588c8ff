//! Runs three readers and two timers on the loop of `hand_made.rs`. It blocks while it sleeps: it has its own thread.

use asyncguide::Inputs;
use tokio::task::spawn_blocking;
use tracing::info;

use super::hand_made::{EventLoop, Socket};
use super::outside::three_sockets;

pub async fn scene(inputs: Inputs) {
    let delay = inputs.delay;
    let thread = spawn_blocking(move || {
        let mut event_loop = EventLoop::new()?;
        for (name, socket) in three_sockets(delay)? {
            event_loop.spawn(name, reader(event_loop.watch(socket)?));
        }
        event_loop.spawn("timer 4", event_loop.sleep(delay * 3 / 2));
        event_loop.spawn("timer 5", event_loop.sleep(delay * 7 / 2));
        event_loop.run()
    });
    thread.await.expect("the loop runs").expect("it has its sockets");
}

async fn reader(mut socket: Socket) {
    for _ in 0..2 {
        let read = socket.read(&mut [0; 64]).await;
        info!("reads {read:?}");
    }
}
