//! Which Python a script is run with, and whether a Python was started so that it ignores the recorder.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where a virtual environment has its Python.
const IN_ENVIRONMENT: [&str; 2] = ["bin/python3", "bin/python"];

/// Returns the Python that the user would get: that of the active virtual environment, that of `.venv` here, or
/// `python3` on the path.
pub(crate) fn find_python() -> PathBuf {
    let active = env::var_os("VIRTUAL_ENV").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let environments = active.into_iter().chain([PathBuf::from(".venv")]);
    let candidates = environments.flat_map(|folder| IN_ENVIRONMENT.map(|python| folder.join(python)));
    let found = candidates.into_iter().find(|python| python.is_file());
    // A relative path would be looked up in the folder of the program, should it ever have another one.
    found.map_or_else(|| "python3".into(), |python| std::path::absolute(&python).unwrap_or(python))
}

/// Returns the option that keeps the Python which `command` starts from loading the recorder; none if there is none, or if
/// the command is no Python.
pub(super) fn isolating_option(command: &[OsString]) -> Option<String> {
    let (program, arguments) = command.split_first()?;
    if !is_python(program) {
        return None;
    }
    let mut arguments = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        let letters = argument.strip_prefix('-').filter(|letters| !letters.is_empty() && !letters.starts_with('-'))?;
        for letter in letters.chars() {
            match letter {
                'I' | 'E' | 'S' => return Some(format!("-{letter}")),
                // What follows is the program, or its name, and then its own arguments.
                'c' | 'm' => return None,
                'W' | 'X' => {
                    if letters.ends_with(letter) {
                        arguments.next();
                    }
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

/// Returns whether `program` is a Python, by its name.
pub(super) fn is_python(program: &OsStr) -> bool {
    let name = Path::new(program).file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.starts_with("python") || name.starts_with("pypy")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn isolating(words: &str) -> Option<String> {
        let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
        isolating_option(&words)
    }

    #[test]
    fn an_option_that_hides_the_recorder_is_found_before_the_program_and_nowhere_else() {
        assert_eq!(isolating("/usr/bin/python3.12 -I a.py").as_deref(), Some("-I"));
        assert_eq!(isolating("python3 -X dev -Wignore -uE a.py").as_deref(), Some("-E"));
        assert_eq!(isolating("pypy3 -BS -m thing").as_deref(), Some("-S"));
        assert_eq!(isolating("python3 a.py -I"), None);
        assert_eq!(isolating("python3 -m thing -S"), None);
        assert_eq!(isolating("python3 -c I"), None);
        assert_eq!(isolating("python3 -W I -u"), None);
        assert_eq!(isolating("grep -I x"), None);
        assert_eq!(isolating("python3"), None);
    }
}
