//! Reads a late answer with `std::net`, then with `tokio::net`.

use std::{io::Read, io::Write, net, thread, time::Duration};

use asyncguide::{Inputs, Observe};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::mpsc::unbounded_channel, time::sleep};

pub async fn scene(inputs: Inputs) {
    let server = net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = server.local_addr().expect("its number");
    let delay = inputs.delay;
    thread::spawn(move || answer_late(server, delay));
    let calls = async move {
        let mut std = net::TcpStream::connect(port).expect("a server");
        let _ = async { std.read(&mut [0; 64]) }.observe("std").await;
        sleep(delay / 4).await;
        let mut tokio = TcpStream::connect(port).await.expect("a server");
        let _ = tokio.read(&mut [0; 64]).observe("tokio").await;
    };
    beside_a_ticker(delay / 25, calls).await;
}

fn answer_late(server: net::TcpListener, delay: Duration) {
    for mut client in server.incoming().take(2).flatten() {
        thread::sleep(delay);
        let _ = client.write_all(b"hello");
    }
}

/// Runs `calls` beside a ticker. A thread sends the beats, so they come on time even while the loop is blocked.
async fn beside_a_ticker(beat: Duration, calls: impl Future<Output = ()> + Send + 'static) {
    let (calls, (metronome, mut beats)) = (tokio::spawn(calls), unbounded_channel());
    thread::spawn(move || {
        while !calls.is_finished() && metronome.send(()).is_ok() {
            thread::sleep(beat);
        }
    });
    let ticker = async { while beats.recv().await.is_some() {} };
    ticker.observe("ticker").await;
}
