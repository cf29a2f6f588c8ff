//! Damages recordings and gives them to `replay` for as long as it is asked to, with a seed that is told.
//!
//! ```sh
//! cargo bench --profile dev --bench fuzz -- 30        # for half an hour
//! cargo bench --profile dev --bench fuzz -- 30 7      # the same cases as whenever the seed was 7
//! ```
//!
//! The profile `dev` checks arithmetic for overflow. Damaged recordings that something is wrong with are kept below the
//! folder of temporary files.
#![expect(clippy::print_stdout, reason = "it reports what it does")]

#[path = "../tests/fuzz/mod.rs"]
mod fuzzing;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, UNIX_EPOCH};

use fuzzing::{Case, Random, recordings};

fn main() -> ExitCode {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u64>().ok());
    let minutes = numbers.next().unwrap_or(1);
    let now = UNIX_EPOCH.elapsed().map_or(0, |time| time.as_secs());
    let first = numbers.next().unwrap_or(now);
    let program = Path::new(env!("CARGO_BIN_EXE_asyncguide"));
    let recordings = recordings(program);
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let (mut cases, mut drawn, mut findings) = (0_u64, 0_u64, 0_u64);
    while Instant::now() < until {
        let seed = first.wrapping_mul(1_000_003).wrapping_add(cases);
        let case = Case::new(program, &recordings, &mut Random::new(seed));
        match case.check(program) {
            Ok(is_drawn) => drawn += u64::from(is_drawn),
            Err(wrong) => {
                findings += 1;
                let file = std::env::temp_dir().join(format!("asyncguide-fuzz-{seed}"));
                let kept = std::fs::write(&file, &case.input);
                println!("replay {} {}: {wrong} ({kept:?})", file.display(), case.view.join(" "));
            }
        }
        cases += 1;
        if cases.is_multiple_of(1_000) {
            println!("{cases} cases, {drawn} drawn, {findings} findings");
        }
    }
    println!("seed {first}: {cases} cases, {drawn} drawn, {findings} findings");
    if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
