// Writes asyncguide's event stream for jobs of this program, without any package. docs/events.md specifies the stream.
//
//   node examples/node/stream.mjs run.jsonl && asyncguide replay run.jsonl
//   asyncguide watch -- node examples/node/stream.mjs        # asyncguide says where the stream goes
import { createWriteStream } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const place = process.env.ASYNCGUIDE_WATCH ?? process.argv[2] ?? "run.jsonl";
const out = place.startsWith("unix:") ? connect(place.slice("unix:".length)) : createWriteStream(place);
const tell = (event, fields) => out.write(JSON.stringify({ event, ...fields }) + "\n");

// Moments are whole nanoseconds since the start of the scene. `started` is the same clock that other recorders read.
const started = process.hrtime.bigint();
const now = () => Number(process.hrtime.bigint() - started);

tell("run", { schema: 1, program: "stream.mjs", lesson: "stream", clock: "real", inputs: { tasks: 0, delay: 0 },
  process: { pid: process.pid, command: process.argv, folder: process.cwd() }, language: { name: "javascript" } });
tell("scene", { scene: "main", title: "main()", file: "stream.mjs", started: Number(started),
  runtime: { name: "node", flavor: "current_thread", workers: 1 } }); // one loop runs everything
tell("thread", { thread: 0, name: "main" });

// A job is a task with a lane. `run` brackets each piece of work that it does without `await`: a poll.
let jobs = 0;
function job(name) {
  const task = jobs++;
  tell("created", { task, at: now(), kind: "future", name });
  tell("spawned", { task, at: now() });
  return {
    run(work) {
      const start = now(), result = work();
      tell("poll", { task, thread: 0, start, end: now() });
      return result;
    },
    woken: () => tell("wake", { task, at: now() }), // what it waited for is there: it is ready
    end: () => tell("end", { task, at: now(), outcome: "done" }),
  };
}

async function fetchPage(name, delay) {
  const lane = job(name);
  await lane.run(() => sleep(delay)); // until here it runs, then it waits
  lane.woken();
  lane.run(() => { for (const until = now() + 5e6; now() < until; ); }); // parses for 5 ms, and holds the loop
  lane.end();
}

await Promise.all([fetchPage("news", 50), fetchPage("weather", 30), fetchPage("sports", 30)]);
tell("scene_end", { scene: "main", wall: now(), outcome: "done" });
out.end();
