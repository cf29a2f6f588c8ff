//! The source files of a program of somebody's own, read once it has ended: for its page, and to step through it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use crate::render::OwnSource;
use crate::trace::Trace;

/// Most files that are read.
const MOST: usize = 16;
/// The longest file that is read, in bytes.
const LONGEST: u64 = 256 * 1024;

/// Reads the files that `trace` names in the program's own folder. What is too long, no text, or not there is left out.
pub(crate) fn own_sources(trace: &Trace) -> Vec<OwnSource> {
    let Some(process) = &trace.process else { return Vec::new() };
    let folder = Path::new(&process.folder);
    let of_scenes = trace.scenes.iter().map(|scene| scene.file.as_str());
    let of_sites = trace.scenes.iter().flat_map(|scene| scene.sites.iter().map(|site| site.file.as_str()));
    let named: BTreeSet<&str> = of_scenes.chain(of_sites).filter(|file| is_inside(file)).collect();
    let read = |file: &str| Some(OwnSource { file: file.to_owned(), text: text_of(&folder.join(file))? });
    named.into_iter().filter_map(read).take(MOST).collect()
}

/// Returns whether `file` is a path that cannot leave the folder.
fn is_inside(file: &str) -> bool {
    !file.is_empty() && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Returns the text of a file, if it is one and has a length that can be shown.
fn text_of(path: &Path) -> Option<String> {
    // A pipe must not be opened: it might wait for a writer.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST + 1).read_to_string(&mut text).ok()?;
    (text.len() as u64 <= LONGEST).then_some(text)
}
