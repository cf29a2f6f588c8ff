//! What the recorder of `asyncguide watch` costs a Python program: ratios to the plain program in one run.
//!
//! `cargo bench --bench watch` prints the table in `README.md` beside this file. The measuring is done by `watch.py`, with
//! the Python that `ASYNCGUIDE_PYTHON` names, or `python3`. VizTracer and FastAPI are measured if that Python has them.

#![allow(clippy::print_stdout, missing_docs)]

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    let python = env::var_os("ASYNCGUIDE_PYTHON").unwrap_or_else(|| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/watch.py");
    match Command::new(&python).arg(script).status() {
        Ok(status) => assert!(status.success(), "the measuring failed"),
        Err(error) => println!("not measured: cannot run {}: {error}", python.display()),
    }
}
