//! Spawns a task for each line, which echoes it after the delay. Meanwhile the scene reads the next line.

use std::time::Duration;

use asyncguide::{Inputs, LineWriter, Observe};
use tokio::{task::JoinSet, time::sleep};
use tracing::info;

pub async fn scene(inputs: Inputs) {
    let (mut echoes, mut number) = (JoinSet::new(), 0);
    while let Some(line) = inputs.lines.next_line().await {
        number += 1;
        info!(line = number, "reads {line:?}");
        let name = if line.trim().is_empty() { "(empty line)" } else { &line };
        echoes.spawn(echo(line.clone(), inputs.delay, inputs.out.clone()).observe(name));
        // Without this limit, an endless input would fill the memory with tasks.
        if echoes.len() >= inputs.limit {
            info!("reads on when an echo is out");
            echoes.join_next().await;
        }
    }
    info!("end of input");
    // Without this line, the echoes that still wait would be lost.
    echoes.join_all().await;
}

async fn echo(line: String, delay: Duration, out: LineWriter) {
    sleep(delay).await;
    info!("echoes");
    out.print_line(line).await;
}
