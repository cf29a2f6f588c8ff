//! Formats for browsers: SVG pictures and HTML pages, both made of the shapes in `drawing`.

mod digest;
mod drawing;
pub(super) mod html;
mod motion;
pub(super) mod svg;
