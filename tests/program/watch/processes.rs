//! A program of several processes.

use super::{Desk, warnings};
use crate::program::check;

const PARENT: &str = r#"
import asyncio, subprocess, sys

async def begin():
    await asyncio.sleep(0.02)

asyncio.run(begin())
child = subprocess.Popen([sys.executable, "child.py"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
child.stdout.readline()
if sys.argv[1] == "wait":
    child.wait()

async def finish():
    await asyncio.sleep(0.02)

asyncio.run(finish())
"#;

#[test]
fn w2_children_are_recorded_too_in_the_order_of_their_beginnings() {
    let Some(desk) = Desk::with("parent.py", PARENT) else { return };
    desk.add(
        "child.py",
        "import asyncio\nasync def work():\n    await asyncio.sleep(0.02)\nprint('ready', flush=True)\nasyncio.run(work())\n",
    );
    let (trace, ran) = desk.record(&["parent.py", "wait"]);
    check(&ran, ran.code == 0 && warnings(&ran).is_empty(), "nothing is missing");
    let names: Vec<&str> = trace.scenes.iter().map(|scene| &*scene.name).collect();
    assert_eq!(names, ["begin", "work", "finish"]);
    assert!(trace.scenes.iter().map(|scene| scene.started).is_sorted());
    let titles: Vec<&str> = trace.scenes.iter().map(|scene| &*scene.title).collect();
    check(&titles, titles[0] == "begin() in parent.py", "each says which process it is of");
    check(&titles, titles[1].starts_with("work() in child.py (process "), "each says which process it is of");
    assert_eq!(trace.scenes[1].processes.len(), 1);
}

#[test]
fn w3_a_child_that_goes_on_is_named_and_not_waited_for() {
    let Some(desk) = Desk::with("parent.py", PARENT) else { return };
    desk.add(
        "child.py",
        "import asyncio, os\nparent = os.getppid()\nasync def work():\n    await asyncio.sleep(0.1)\n    print('ready', flush=True)\n    \
         for _ in range(200):\n        await asyncio.sleep(0.1)\nasyncio.run(work())\n",
    );
    let since = std::time::Instant::now();
    let (trace, ran) = desk.record(&["parent.py", "leave"]);
    assert!(since.elapsed().as_secs() < 15, "it is not waited for");
    assert_eq!(ran.code, 0);
    let said = warnings(&ran);
    assert!(said.len() == 1 && said[0].starts_with("child.py (process ") && said[0].contains("still runs"), "{said:?}");
    assert!(trace.scene("work").is_some(), "what it did is drawn");
}
