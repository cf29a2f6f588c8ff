//! Runs the same three readers and two timers on tokio's own loop.

use asyncguide::{Inputs, Observe};
use tokio::{io::AsyncReadExt, net::TcpStream, runtime::Handle, task::JoinSet, time::sleep};
use tracing::info;

use super::outside::three_sockets;

pub async fn scene(inputs: Inputs) {
    let (mut tasks, delay) = (JoinSet::new(), inputs.delay);
    for (name, socket) in three_sockets(delay).expect("sockets") {
        let socket = TcpStream::from_std(socket).expect("a socket");
        tasks.spawn(reader(socket).observe(name));
    }
    tasks.spawn(sleep(delay * 3 / 2).observe("timer 4"));
    tasks.spawn(sleep(delay * 7 / 2).observe("timer 5"));
    tasks.join_all().await;
    let slept = Handle::current().metrics().worker_park_count(0);
    info!(times = slept, "tokio's loop went to sleep");
}

async fn reader(mut socket: TcpStream) {
    for _ in 0..2 {
        let read = socket.read(&mut [0; 64]).await;
        info!("reads {read:?}");
    }
}
