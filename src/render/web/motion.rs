//! The motion of an animated picture, as CSS: lanes grow from left to right in the run's proportions, stay, and begin anew.
//!
//! A text appears when that which it is about has ended. Where motion is not wanted, and in programs that do not know it,
//! the finished picture shows.

use std::collections::BTreeMap;

use crate::trace::Nanos;

/// Seconds until the motion begins anew.
const LOOP: usize = 10;
/// Share of the loop in which the lanes grow, in thousandths of it. In the rest of it the picture is finished.
const GROWTH: u32 = 600;

/// What moves in a picture, and when.
#[derive(Debug)]
pub(super) struct Motion {
    /// The length of the axis, in nanoseconds.
    extent: Nanos,
    /// CSS selectors of the texts that appear, below the root of the picture, by when: in thousandths of the loop.
    appearing: BTreeMap<u32, Vec<String>>,
}

impl Motion {
    /// Returns the motion of a picture with an axis of `extent` nanoseconds, in which nothing appears yet.
    pub(super) fn new(extent: Nanos) -> Self {
        Motion { extent, appearing: BTreeMap::new() }
    }

    /// Has the texts of a scene appear: its wall, and the texts at the ends of its lanes. `index` counts scenes from 0.
    ///
    /// The selectors count elements of a type. At its top level, a picture has one text for its title, two for each scene
    /// and an `svg` for each scene, and in that a `g` for each lane. The first text of a lane is its name.
    pub(super) fn scene(&mut self, index: usize, wall: Nanos, ends: &[Option<Nanos>]) {
        self.appears(wall, format!("> text:nth-of-type({})", 2 * index + 3));
        for (end, lane) in ends.iter().zip(1..) {
            if let Some(end) = end {
                let scene = index + 1;
                self.appears(*end, format!("> svg:nth-of-type({scene}) > g:nth-of-type({lane}) > text ~ text"));
            }
        }
    }

    fn appears(&mut self, at: Nanos, selector: String) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is at least 0 and at most 1000"
        )]
        let thousandths = (f64::from(GROWTH) * at.min(self.extent).ratio(self.extent)).round() as u32;
        self.appearing.entry(thousandths).or_default().push(selector);
    }

    /// Returns the style sheet of the motion, for a picture whose root has the class `scope`.
    pub(super) fn style(&self, scope: &str) -> String {
        let growth = percent(GROWTH);
        let mut rules = format!(
            "@keyframes {scope}-grow {{ 0% {{ transform: scaleX(0); }} {growth}, 100% {{ transform: none; }} }}\n"
        );
        let mut moves = format!(
            ".{scope} .lane rect {{ clip-path: url(#{scope}-grown); }}\n\
             .{scope} .curtain {{ animation: {scope}-grow {LOOP}s linear infinite; }}\n"
        );
        for (at, selectors) in &self.appearing {
            let name = format!("{scope}-at-{at}");
            let at = percent(*at);
            let selectors: Vec<String> = selectors.iter().map(|selector| format!(".{scope} {selector}")).collect();
            rules += &format!("@keyframes {name} {{ 0% {{ opacity: 0; }} {at}, 100% {{ opacity: 1; }} }}\n");
            moves += &format!("{} {{ animation: {name} {LOOP}s step-end infinite; }}\n", selectors.join(",\n"));
        }
        format!("{rules}@media screen and (prefers-reduced-motion: no-preference) {{\n{moves}}}\n")
    }
}

/// Returns the definition of the part of a lane that has grown, for bars `width` pixels wide in a picture of the class
/// `scope`. It reaches beyond the outlines of the bars on all sides.
pub(super) fn curtain(scope: &str, width: usize) -> String {
    let width = width + 2;
    format!(
        "<defs><clipPath id=\"{scope}-grown\"><rect class=\"curtain\" x=\"-1\" y=\"-1\" width=\"{width}\" height=\"99\"/>\
         </clipPath></defs>\n"
    )
}

/// Writes thousandths as percent.
fn percent(thousandths: u32) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}
