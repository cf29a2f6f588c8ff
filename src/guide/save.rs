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
    use std::fs::{self, File, OpenOptions};
    use std::io::{self, BufWriter, Write};
    use std::path::{Path, PathBuf};
    use std::process;

    use super::super::is_stream;
    use crate::render;
    use crate::style::Style;
    use crate::trace::Trace;

    /// A file, and the format that its name ends in: one of those that need nothing but the library.
    #[derive(Debug)]
    pub(in super::super) struct Target {
        path: PathBuf,
        format: Format,
    }

    #[derive(Clone, Copy, Debug)]
    enum Format {
        Json,
        Lines,
        Text,
    }

    impl Target {
        /// Checks that the ending of the file names a format.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be used.
        pub(in super::super) fn check(path: &Path) -> Result<Self, String> {
            let format = match path.extension().and_then(|ending| ending.to_str()) {
                Some("json") => Format::Json,
                Some("jsonl") => Format::Lines,
                Some("txt") => Format::Text,
                // The name of a stream has no ending as a rule.
                _ if is_stream(path) => Format::Json,
                _ => {
                    return Err(unusable(
                        path,
                        "its ending names no format; use .json, .jsonl or .txt, or asyncguide's feature `program`",
                    ));
                }
            };
            Ok(Target { path: path.to_owned(), format })
        }

        /// Saves `run`. An existing file is replaced once all of it is written.
        ///
        /// # Errors
        /// Says in a sentence why it cannot be written.
        pub(in super::super) fn save(&self, run: &Trace) -> Result<(), String> {
            let saved = if is_stream(&self.path) { self.append(run) } else { self.replace(run) };
            saved.map_err(|error| unusable(&self.path, &error.to_string()))
        }

        fn append(&self, run: &Trace) -> io::Result<()> {
            self.write(run, OpenOptions::new().append(true).open(&self.path)?)
        }

        fn replace(&self, run: &Trace) -> io::Result<()> {
            // The file that a symbolic link leads to is replaced, not the link.
            let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
            let beside = path.with_file_name(format!(".asyncguide-{}", process::id()));
            let written = File::create_new(&beside).and_then(|file| self.write(run, file));
            let saved = written.and_then(|()| fs::rename(&beside, &path));
            if saved.is_err() {
                // The first error is the one to report.
                let _ = fs::remove_file(&beside);
            }
            saved
        }

        fn write(&self, run: &Trace, file: File) -> io::Result<()> {
            let mut out = BufWriter::new(file);
            match self.format {
                Format::Json => run.write_json(&mut out)?,
                Format::Lines => run.write_jsonl(&mut out)?,
                Format::Text => {
                    for scene in &run.scenes {
                        out.write_all(render::timeline(scene, scene.wall, &Style::plain(80)).as_bytes())?;
                    }
                }
            }
            // Dropping the buffer would flush it too, but lose the error if the disk is full.
            out.flush()
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
