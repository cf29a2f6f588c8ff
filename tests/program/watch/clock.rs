//! The exact clock: timers take no real time, and what is beside the loop takes the time that it takes.

use asyncguide::trace::{Clock, Nanos, Quantity, SceneTrace, Task};

use super::{Desk, only_scene};
use crate::program::check;

/// Three naps in turn, and then many at once: some that end at the same moment, in the order in which they began.
const NAPS: &str = r#"
import asyncio, time

async def nap(number, seconds=1):
    await asyncio.sleep(seconds)
    return number, asyncio.get_running_loop().time()

async def main():
    loop = asyncio.get_running_loop()
    real, moment = time.monotonic(), loop.time()
    for number in range(3):
        await nap(number)
    in_turn = loop.time() - moment
    done = []
    for coming in [asyncio.ensure_future(nap(number)) for number in range(30)]:
        coming.add_done_callback(lambda task: done.append(task.result()[0]))
    await asyncio.sleep(1)
    both = loop.time() - moment
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    print(in_turn, both, done == list(range(30)), round(time.monotonic() - real))

asyncio.run(main())
"#;

/// A scene's figure of its own.
fn figure(scene: &SceneTrace, name: &str) -> Option<Quantity> {
    scene.figures.iter().find(|figure| figure.name == name).map(|figure| figure.quantity.clone())
}

/// A scene's figure of its own that is a time.
fn time(scene: &SceneTrace, name: &str) -> Nanos {
    match figure(scene, name) {
        Some(Quantity::Time(time)) => time,
        other => panic!("{name} is no time: {other:?}"),
    }
}

const VIRTUAL: [&str; 2] = ["--clock", "virtual"];

#[test]
fn w9_naps_are_exact_on_the_virtual_clock_and_end_in_order() {
    let Some(desk) = Desk::with("naps.py", NAPS) else { return };
    let (trace, ran) = desk.record(&[&VIRTUAL[..], &["naps.py"]].concat());
    assert_eq!(ran.out, "3.0 4.0 True 4\n", "{ran:?}");
    let scene = only_scene(&trace);
    assert_eq!(trace.clock, Clock::Virtual);
    assert_eq!(scene.wall, Nanos(4_000_000_000), "{ran:?}");
    let naps: Vec<&Task> = scene.lanes().filter(|lane| lane.name.starts_with("nap(")).collect();
    assert!(naps.len() >= 30, "{ran:?}");
    assert!(naps.iter().all(|nap| scene.lifetime(nap) == Nanos(1_000_000_000)), "{ran:?}");
    assert_eq!(figure(scene, "waited for real"), None, "nothing was beside the loop");
    check(&ran, ran.err.contains("On the virtual clock"), "the picture says which clock it was");
}

#[test]
fn w9_a_step_that_holds_the_loop_costs_nothing_and_is_told() {
    let script = "import asyncio, time\nasync def hog():\n    time.sleep(0.2)\nasync def main():\n    await asyncio.gather(hog(), asyncio.sleep(1))\nasyncio.run(main())\n";
    let Some(desk) = Desk::with("hog.py", script) else { return };
    let (trace, ran) = desk.record(&[&VIRTUAL[..], &["hog.py"]].concat());
    let scene = only_scene(&trace);
    assert_eq!(scene.wall, Nanos(1_000_000_000), "{ran:?}");
    assert!(time(scene, "held for real") >= Nanos(190_000_000), "{ran:?}");
    let told = |text: &str| text.starts_with("held the loop for 0.2");
    assert!(scene.marks.iter().any(|mark| told(&mark.text)), "{ran:?}");
}

/// What is beside the loop, what the stream calls it, and a script that waits for it and then 10 s for a timer.
const BESIDE: [(&str, &str, &str); 3] = [
    ("thread", "threads", "await loop.run_in_executor(None, time.sleep, 0.2)"),
    (
        "socket",
        "sockets",
        "reader, _ = await asyncio.open_connection(sock=pair[0]); loop.call_later(0.2, pair[1].send, b'hi\\n'); await reader.readline(); reader._transport.close(); await asyncio.sleep(0)",
    ),
    ("process", "", "process = await asyncio.create_subprocess_exec('sleep', '0.2'); await process.wait()"),
];

#[test]
fn w9_the_clock_does_not_jump_while_something_is_beside_the_loop() {
    for (name, told, work) in BESIDE {
        let script = format!(
            "import asyncio, socket, time\nasync def main():\n    loop = asyncio.get_running_loop()\n    pair = socket.socketpair()\n    moment = loop.time()\n    \
             {}\n    took = loop.time() - moment\n    await asyncio.sleep(10)\n    print(0.15 < took < 5)\nasyncio.run(main())\n",
            work.replace("; ", "\n    ")
        );
        let Some(desk) = Desk::with("beside.py", &script) else { return };
        let (trace, ran) = desk.record(&[&VIRTUAL[..], &["beside.py"]].concat());
        assert_eq!((ran.code, ran.out.as_str()), (0, "True\n"), "{name}: {ran:?}");
        let scene = only_scene(&trace);
        assert!(scene.wall > Nanos(10_000_000_000) && scene.wall < Nanos(16_000_000_000), "{name}: {ran:?}");
        assert!(time(scene, "waited for real") >= Nanos(150_000_000), "{name}: {ran:?}");
        match figure(scene, "outside") {
            Some(Quantity::Text(text)) => assert!(text.contains(told), "{name}: {text}"),
            other => panic!("{name}: {other:?}"),
        }
        check(&ran, ran.err.contains("not exact"), "the picture says so");
    }
}

#[test]
fn w9_without_the_option_a_program_has_the_real_clock() {
    let script =
        "import asyncio, os\nprint(os.environ.get('ASYNCGUIDE_WATCH_CLOCK'))\nasyncio.run(asyncio.sleep(0.01))\n";
    let Some(desk) = Desk::with("plain.py", script) else { return };
    let mut command = desk.watching(&["--save", "recorded.json", "plain.py"]);
    // As a program that is watched on the virtual clock would start it.
    let ran = crate::program::run(command.env("ASYNCGUIDE_WATCH_CLOCK", "virtual").env("ASYNCGUIDE_CLOCK", "virtual"));
    assert_eq!(ran.out, "None\n", "{ran:?}");
}
