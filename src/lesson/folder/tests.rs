use std::fs;

use proptest::prelude::*;

use super::*;

/// The lesson that the program writes.
const TOML: &str = include_str!("../../commands/new/lesson.toml");
/// What a careless or a hostile author writes.
const PIECES: [&str; 16] = [
    "\"",
    "'",
    "[",
    "]",
    "[[scene]]",
    "=",
    "\n",
    "{",
    "}",
    "#",
    "\\u0000",
    "\u{202e}",
    "é",
    "[question]",
    "9e999",
    "\0",
];

/// Loads a folder with this toml file.
fn load_with(toml: &str) -> Result<Folder, Vec<Fault>> {
    let home = tempfile::tempdir().expect("a folder can be made");
    let folder = home.path().join("naps");
    fs::create_dir_all(folder.join("counter")).expect("it can be made");
    for file in ["README.md", "in_turn.py", "together.py", "counter/one_by_one.py"] {
        fs::write(folder.join(file), "# naps\n").expect("it can be written");
    }
    fs::write(folder.join(FILE), toml).expect("it can be written");
    load(&folder, Setting { language: None, built_in: &[] })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_toml_file_panics_and_each_fault_stands_within_it(
        changes in proptest::collection::vec((0.0..1.0, 0_usize..12, 0..PIECES.len()), 1..4),
    ) {
        let mut toml = TOML.replace("NAME", "naps");
        for (at, cut, piece) in changes {
            let mut start = (at * toml.len() as f64) as usize;
            let mut end = (start + cut).min(toml.len());
            while !toml.is_char_boundary(start) {
                start -= 1;
            }
            while !toml.is_char_boundary(end) {
                end += 1;
            }
            toml.replace_range(start..end, PIECES[piece]);
        }
        if let Err(faults) = load_with(&toml) {
            prop_assert!(!faults.is_empty());
            for (line, column) in faults.iter().filter_map(|fault| fault.place) {
                let text = toml.split('\n').nth(line - 1);
                let columns = text.map(|text| text.chars().count());
                prop_assert!(columns.is_some_and(|columns| column <= columns + 1), "{}:{}: {:?}", line, column, faults);
            }
        }
    }
}

#[test]
fn the_lesson_that_the_program_writes_is_loaded() {
    let folder = load_with(&TOML.replace("NAME", "naps")).expect("it is right");
    assert_eq!((folder.lesson.scenes.len(), folder.claims.len()), (2, 2));
}
