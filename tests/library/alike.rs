//! Lanes that look the same share a row, and helpers are drawn apart and count in no figure.

use std::time::Duration;

use asyncguide::Observe;
use asyncguide::chart::{Alike, Axis, Lanes, Row, Shown, rows};
use asyncguide::trace::{Nanos, SceneTrace};
use proptest::prelude::*;
use tokio::time::sleep;

use crate::arbitrary::script;
use crate::support::{record_virtually, single, unnested};

/// Twenty naps of 100 ms that are numbered, one of 300 ms, and one that is there to help.
fn naps() -> SceneTrace {
    let mut scene = record_virtually(|| async {
        let mut naps = tokio::task::JoinSet::new();
        naps.spawn(sleep(Duration::from_millis(50)).observe("before"));
        for number in 1..=20 {
            naps.spawn(sleep(Duration::from_millis(100)).observe(format!("nap {number}")));
        }
        naps.spawn(sleep(Duration::from_millis(300)).observe("nap 21"));
        naps.join_all().await;
    });
    scene.helpers = vec!["before".to_owned()];
    scene
}

fn axis_of(scene: &SceneTrace) -> Axis {
    Axis::new(scene.wall, 50)
}

fn names(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(name).collect()
}

fn name(row: &Row) -> &str {
    match row {
        Row::Lane(lane) => &lane.name,
        Row::Alike(alike) => &alike.name,
        _ => "folded",
    }
}

#[test]
fn lanes_that_look_the_same_are_one_row() {
    let scene = naps();
    let folded = rows(&scene, axis_of(&scene), &Shown::FOLDED);
    assert_eq!(names(&folded), ["nap 1–20", "nap 21", "before"]);
    let Row::Alike(Alike { count, shortest, longest, stall, .. }) = &folded[0] else { panic!("{folded:?}") };
    assert_eq!((*count, *shortest, *longest, *stall), (20, Nanos::from_millis(100), Nanos::from_millis(100), Nanos(0)));
    let all = rows(&scene, axis_of(&scene), &single(24));
    assert_eq!((all.len(), names(&all)[21]), (22, "before"));
}

#[test]
fn helpers_count_in_no_figure() {
    let scene = naps();
    let mut plain = scene.clone();
    plain.helpers.clear();
    assert_eq!((scene.lane_count(), plain.lane_count()), (21, 22));
    assert_eq!(scene.task_time(), Nanos::from_millis(20 * 100 + 300));
    assert_eq!(plain.task_time(), scene.task_time() + Nanos::from_millis(50));
    assert_eq!(scene.poll_count() + 2, plain.poll_count());
    assert_eq!(scene.lanes().count(), 22, "it is drawn all the same");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_lane_is_in_one_row((script, cells) in (script(), 1..60usize)) {
        let scene = unnested(script.scene());
        let axis = Axis::new(scene.wall, cells);
        let mut lanes = rows(&scene, axis, &single(usize::MAX)).into_iter();
        for row in rows(&scene, axis, &Shown { lanes: Lanes { most: usize::MAX, ..Lanes::FOLDED }, ..Shown::FOLDED }) {
            match row {
                Row::Alike(alike) => {
                    prop_assert!(alike.count >= 5);
                    for _ in 0..alike.count {
                        let Some(Row::Lane(lane)) = lanes.next() else { panic!("a lane is missing") };
                        let differing = lane.cells.iter().zip(&alike.lane.cells).filter(|(a, b)| a != b).count();
                        prop_assert!(differing <= (cells / 25).max(1));
                        prop_assert_eq!(&lane.outcome, &alike.lane.outcome);
                        let lifetime = lane.lifetime.unwrap_or(alike.shortest);
                        prop_assert!((alike.shortest..=alike.longest).contains(&lifetime));
                    }
                }
                row => prop_assert_eq!(Some(row), lanes.next()),
            }
        }
        prop_assert!(lanes.next().is_none());
    }
}
