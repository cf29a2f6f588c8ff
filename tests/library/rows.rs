//! Lanes and cells: each cell shows what fills most of it, and no task is ever dropped.

use asyncguide::Observe;
use asyncguide::chart::{Axis, Cell, Folded, Lane, Row, rows};
use asyncguide::trace::{Nanos, SceneTrace, State, Task};
use proptest::prelude::*;

use crate::arbitrary::{LONGEST, script};
use crate::support::{record_virtually, single, unnested};

fn axis() -> impl Strategy<Value = Axis> {
    (1..2 * LONGEST, 1..60usize).prop_map(|(extent, cells)| Axis::new(Nanos(extent), cells))
}

/// How many nanoseconds of a cell a task spent in each state, one by one.
fn spent(scene: &SceneTrace, task: &Task, axis: Axis, cell: usize) -> [u64; 3] {
    [State::Waiting, State::Ready, State::Running].map(|state| {
        let spans = scene.states(task).filter(|span| span.state == state).collect::<Vec<_>>();
        let within = |at: &u64| spans.iter().any(|span| span.start.0 <= *at && *at < span.end.0);
        (axis.start(cell).0..axis.start(cell + 1).0).filter(within).count() as u64
    })
}

/// The state that most of a cell was spent in; of equals the later one.
fn majority(spent: [u64; 3]) -> State {
    let [waiting, ready, running] = spent;
    match () {
        () if running >= ready && running >= waiting => State::Running,
        () if ready >= waiting => State::Ready,
        () => State::Waiting,
    }
}

/// What a cell of `width` shows that is filled by half: a wait of which the thread was held for a fifth is told from others.
fn shown_in(spent: [u64; 3], width: Nanos) -> Cell {
    let [_, _, running] = spent;
    match majority(spent) {
        State::Waiting if 5 * running >= width.0 => Cell::Moment,
        state => Cell::In(state),
    }
}

fn shown(rows: &[Row]) -> (Vec<&Lane>, Vec<&Folded>) {
    let lanes = rows.iter().filter_map(|row| if let Row::Lane(lane) = row { Some(lane) } else { None });
    let folded = rows.iter().filter_map(|row| if let Row::Folded(folded) = row { Some(folded) } else { None });
    (lanes.collect(), folded.collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_cell_shows_what_fills_most_of_it((script, axis) in (script(), axis())) {
        let scene = unnested(script.scene());
        let rows = rows(&scene, axis, &single(usize::MAX));
        let (lanes, folded) = shown(&rows);
        prop_assert_eq!((lanes.len(), folded.len()), (scene.lane_count(), 0));
        for (lane, task) in lanes.into_iter().zip(scene.lanes()) {
            prop_assert_eq!((&*lane.name, &lane.outcome), (&*task.name, &task.outcome));
            prop_assert_eq!(lane.lifetime, scene.began(task).map(|_| scene.lifetime(task)));
            let spent: Vec<_> = (0..axis.cells).map(|cell| spent(&scene, task, axis, cell)).collect();
            let expected = spent.iter().enumerate().map(|(cell, spent)| {
                let total: u64 = spent.iter().sum();
                if total > 0 && 2 * total >= axis.width(cell).0 { shown_in(*spent, axis.width(cell)) } else { Cell::Empty }
            });
            let expected: Vec<Cell> = expected.collect();
            if scene.began(task).is_none() || expected.iter().any(|cell| *cell != Cell::Empty) {
                prop_assert_eq!(&lane.cells, &expected);
                continue;
            }
            // Shorter than half a cell: it is there all the same, once, where most of it is.
            let shown: Vec<usize> = (0..axis.cells).filter(|cell| lane.cells[*cell] != Cell::Empty).collect();
            prop_assert_eq!(shown.len(), 1);
            let total = |cell: usize| spent[cell].iter().sum::<u64>();
            let most = (0..axis.cells).map(total).max().unwrap_or(0);
            prop_assert_eq!(total(shown[0]), most);
            prop_assert_eq!(lane.cells[shown[0]], Cell::In(majority(spent[shown[0]])));
            if most == 0 {
                prop_assert_eq!(shown[0], axis.cell_at(scene.began(task).expect("it began")));
            }
        }
    }

    #[test]
    fn what_is_not_shown_is_counted((script, axis, most) in (script(), axis(), 0..20usize)) {
        let scene = unnested(script.scene());
        let rows = rows(&scene, axis, &single(most));
        let tasks: Vec<&Task> = scene.lanes().collect();
        let (lanes, folded) = shown(&rows);
        prop_assert!(rows.len() <= most.max(1));
        prop_assert_eq!(folded.len(), usize::from(tasks.len() > most));
        prop_assert_eq!(lanes.len() + folded.iter().map(|folded| folded.count).sum::<usize>(), tasks.len());
        let Some(folded) = folded.first() else { return Ok(()) };

        // First ones, folded ones, last ones: in the order of creation.
        let first = rows.iter().take_while(|row| matches!(row, Row::Lane(_))).count();
        let hidden = &tasks[first..first + folded.count];
        let visible = tasks[..first].iter().chain(&tasks[first + folded.count..]);
        prop_assert!(lanes.iter().map(|lane| &*lane.name).eq(visible.map(|task| &*task.name)));

        let in_flight = |at: Nanos| {
            let alive = |task: &&&Task| scene.began(task).is_some_and(|began| began <= at) && at < scene.ended(task);
            hidden.iter().filter(alive).count()
        };
        let middle = |cell: usize| axis.start(cell) + axis.width(cell) / 2;
        let expected: Vec<usize> = (0..axis.cells).map(|cell| in_flight(middle(cell))).collect();
        prop_assert_eq!(&folded.in_flight, &expected);
    }
}

#[test]
fn ten_thousand_tasks_are_all_there() {
    let scene = record_virtually(|| async {
        let mut naps = tokio::task::JoinSet::new();
        for index in 0..10_000u64 {
            let nap = tokio::time::sleep(std::time::Duration::from_millis(index + 1));
            naps.spawn(nap.observe(index.to_string()));
        }
        naps.join_all().await;
    });
    let axis = Axis::new(scene.wall, 50);
    let rows = rows(&scene, axis, &single(24));
    let (lanes, folded) = shown(&rows);
    let names: Vec<&str> = lanes.iter().map(|lane| &*lane.name).collect();
    assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "9996", "9997", "9998", "9999"]);
    assert_eq!(folded[0].count, 9_988);
    assert!(folded[0].in_flight.is_sorted_by(|earlier, later| earlier > later), "they end one after the other");
    // One in a hundred ends before the middle of the first cell.
    assert_eq!((folded[0].in_flight[0], folded[0].in_flight[49]), (9_988 - 92, 96));
}
