//! The file that a guard saves its recording to.

pub(super) use self::target::Target;

#[cfg(feature = "program")]
mod target {
    use std::path::Path;

    use crate::render::{FORMATS, Report, WriteRun};
    use crate::run::save::SaveTarget;
    use crate::trace::Trace;

    /// A file, and the format that its name ends in: any that the program can write.
    #[derive(Debug)]
    pub(in super::super) struct Target(SaveTarget<WriteRun>);

    impl Target {
        /// Checks that the file can be written, and that its ending names a format.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be used.
        pub(in super::super) fn check(path: &Path) -> Result<Self, String> {
            let target = SaveTarget::check(path, FORMATS);
            target.map(Target).map_err(|failure| failure.to_string())
        }

        /// Saves `run`. An existing file is replaced once all of it is written.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be written.
        pub(in super::super) fn save(&self, run: &Trace) -> Result<(), String> {
            let report = Report { prose: false, ..Report::new(None, run) };
            let saved = self.0.save(|write, style, out| write(&report, style, out));
            saved.map_err(|error| format!("{error:#}"))
        }
    }
}

#[cfg(not(feature = "program"))]
mod target {
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};

    use crate::place::Place;
    use crate::render;
    use crate::style::Style;
    use crate::trace::Trace;

    /// A file, and the format that its name ends in: one of those that need nothing but the library.
    #[derive(Debug)]
    pub(in super::super) struct Target {
        /// The path as it was given, for messages.
        path: PathBuf,
        place: Place,
        format: Format,
    }

    #[derive(Clone, Copy, Debug)]
    enum Format {
        Json,
        Lines,
        Text,
    }

    impl Target {
        /// Checks that the file can be written, and that its ending names a format.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be used.
        pub(in super::super) fn check(path: &Path) -> Result<Self, String> {
            let place = Place::check(path).map_err(|reason| unusable(path, &reason))?;
            let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            let format = match (ending.as_deref(), &place) {
                (Some("json"), _) => Format::Json,
                (Some("jsonl"), _) => Format::Lines,
                (Some("txt"), _) => Format::Text,
                // The name of a stream has no ending as a rule.
                (_, Place::Stream(_)) => Format::Json,
                (_, Place::File(_)) => {
                    return Err(unusable(
                        path,
                        "its ending names no format; use .json, .jsonl or .txt, or asyncguide's feature `program`",
                    ));
                }
            };
            Ok(Target { path: path.to_owned(), place, format })
        }

        /// Saves `run`. An existing file is replaced once all of it is written.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be written.
        pub(in super::super) fn save(&self, run: &Trace) -> Result<(), String> {
            let saved = self.place.write(|out| self.write(run, out));
            saved.map_err(|error| unusable(&self.path, &error.to_string()))
        }

        fn write(&self, run: &Trace, mut out: &mut dyn Write) -> io::Result<()> {
            match self.format {
                Format::Json => run.write_json(&mut out),
                Format::Lines => run.write_jsonl(&mut out),
                Format::Text => run.scenes.iter().try_for_each(|scene| {
                    out.write_all(render::timeline(scene, scene.wall, &Style::plain(80)).as_bytes())
                }),
            }
        }
    }

    fn unusable(path: &Path, reason: &str) -> String {
        format!("cannot save to {}: {reason}", path.display())
    }
}

#[cfg(all(test, not(feature = "program")))]
mod tests {
    use std::path::Path;

    use super::Target;
    use crate::trace::{Clock, Nanos, RunInputs, Trace};

    #[test]
    fn without_the_program_three_formats_are_saved_and_others_are_refused() {
        let folder = std::env::temp_dir().join(format!("asyncguide-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let run = Trace::new("app", Clock::Real, RunInputs { tasks: 0, delay: Nanos::ZERO });
        for name in ["run.json", "run.jsonl", "run.txt", "run.json"] {
            let saved = Target::check(&folder.join(name)).and_then(|target| target.save(&run));
            assert_eq!(saved, Ok(()), "{name}");
        }
        let read = std::fs::read(folder.join("run.json")).expect("it is there");
        assert_eq!(Trace::from_json(&read).ok(), Some(run));
        assert_eq!(folder.read_dir().expect("it is there").count(), 3, "nothing is left behind");
        std::fs::remove_dir_all(&folder).expect("it is there");
        assert!(Target::check(Path::new("run.html")).is_err_and(|why| why.contains("feature `program`")));
    }
}
