//! What help ends in: examples of each command. Each is a command that works as it stands; a test runs them all.

pub(super) const OVERVIEW: &str = "\
EXAMPLES:
  asyncguide lesson gather
  asyncguide list
  asyncguide show gather";

pub(super) const LIST: &str = "\
EXAMPLES:
  asyncguide list
  asyncguide list --ascii";

pub(super) const LESSON: &str = "\
EXIT CODES:
  0 done   1 a claim or a task failed   2 usage or bad input   130 interrupted

KEYS WITH --step:
  Right or Space goes on   Left or b goes back   g goes to a time   q stops

EXAMPLES:
  asyncguide lesson gather
  asyncguide lesson gather --tasks 10 --delay 500ms
  asyncguide lesson gather --clock virtual --by thread
  asyncguide lesson sequential --save run.json
  asyncguide lesson gather --step
  asyncguide lesson gather --format jsonl --save run.trace.json --save run.csv
  asyncguide lesson gather --format json | python3 -m json.tool
  printf 'a\\nb\\nc\\n' | asyncguide lesson spawn";

pub(super) const TOUR: &str = "\
KEYS BETWEEN LESSONS:
  Enter goes on   b goes back   r runs the lesson again   q stops

EXAMPLES:
  asyncguide tour
  asyncguide tour --fresh --from files";

pub(super) const COMPARE: &str = "\
WAYS:
  sequential      await one job after the other
  join            join all jobs into one future
  spawn           spawn a task for each job, on one thread
  spawn-multi     spawn a task for each job, on one worker thread per processor
  threads         start a thread for each job
  spawn-blocking  run each job on a thread of tokio's blocking pool
  buffered:4      join all jobs, with at most 4 at once

FIGURES:
  wall         how long all jobs took together: the median of the runs
  least, most  the shortest and the longest of these runs
  against 1    how many times as fast as the first way
  of the ideal the shortest possible wall as a share of this one: 100 % cannot be beaten
  overlap      how many jobs were under way at once, on average
  threads      how many threads ran jobs
  worst stall  the longest time that a job was ready but not running
  memory       how much the process grew at its peak

EXAMPLES:
  asyncguide compare
  asyncguide compare join spawn-multi --kind compute --tasks 4
  asyncguide compare sequential buffered:2 join --each 20ms --runs 3
  asyncguide compare gather --each 200ms --runs 3
  asyncguide compare --matrix --each 20ms --format csv
  asyncguide compare --each 20ms --save ways.json --save ways.md";

pub(super) const REPLAY: &str = "\
KEYS WITH --step:
  Right or Space goes on   Left or b goes back   g goes to a time   q stops

EXAMPLES:
  asyncguide replay run.json
  asyncguide replay run.json --speed 0.25
  asyncguide replay run.json --step
  asyncguide replay run.json --by thread --save run.csv
  asyncguide lesson gather --format json | asyncguide replay -";

pub(super) const SCHEMA: &str = "\
EXAMPLES:
  asyncguide schema
  asyncguide schema > asyncguide.schema.json";

pub(super) const SHOW: &str = "\
EXAMPLES:
  asyncguide show gather
  asyncguide show gather --python
  asyncguide show gather --python | python3 -";

pub(super) const DOCTOR: &str = "\
EXAMPLES:
  asyncguide doctor";

pub(super) const COMPLETIONS: &str = "\
EXAMPLES:
  asyncguide completions bash
  asyncguide completions fish > asyncguide.fish";

pub(super) const MAN: &str = "\
EXAMPLES:
  asyncguide man > asyncguide.1
  asyncguide man lesson > asyncguide-lesson.1";
