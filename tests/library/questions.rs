//! The questions of the course: each has one right answer, and its number tells nothing.

use crate::lessons::SYLLABUS;

/// The places of the right answers of all lessons, counted from 0.
fn right_answers() -> Vec<usize> {
    let places = SYLLABUS.iter().map(|lesson| {
        let choices = lesson.question.choices;
        let right: Vec<usize> = (0..choices.len()).filter(|place| choices[*place].wrong.is_none()).collect();
        assert_eq!(right.len(), 1, "{} has one right answer", lesson.name);
        right[0]
    });
    places.collect()
}

#[test]
fn the_right_answers_are_spread_over_the_numbers() {
    let places = right_answers();
    for place in 0..3 {
        let here = places.iter().filter(|right| **right == place).count();
        assert!(8 * here >= places.len() && 2 * here < places.len(), "{here} of {} at {}", places.len(), place + 1);
    }
}

#[test]
fn every_scene_says_what_to_see() {
    for lesson in SYLLABUS {
        for scene in lesson.scenes.iter().filter(|scene| !scene.served) {
            let length = scene.to_see.chars().count();
            assert!((20..=150).contains(&length), "{}: {}: {}", lesson.name, scene.name, scene.to_see);
        }
    }
}
