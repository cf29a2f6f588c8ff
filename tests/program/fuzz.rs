//! S15: some damaged recordings, always the same ones. `cargo bench --bench fuzz` tries as many as there is time for.

use crate::fuzzing::{Case, Random, recordings};
use crate::program::{asyncguide, four_at_once};

#[test]
fn s15_damaged_recordings_are_drawn_or_refused_within_bounds() {
    let program = asyncguide();
    let recordings = recordings(&program);
    let seeds: Vec<u64> = (0..240).collect();
    let drawn = std::sync::atomic::AtomicUsize::new(0);
    four_at_once(&seeds, |seed| {
        let case = Case::new(&program, &recordings, &mut Random::new(*seed));
        match case.check(&program) {
            Ok(is_drawn) => {
                drawn.fetch_add(usize::from(is_drawn), std::sync::atomic::Ordering::Relaxed);
            }
            Err(wrong) => {
                panic!("seed {seed}: replay - {:?}: {wrong}: {}", case.view, String::from_utf8_lossy(&case.input))
            }
        }
    });
    let drawn = drawn.into_inner();
    assert!(drawn > 60, "{drawn} of {} are still recordings", seeds.len());
}
