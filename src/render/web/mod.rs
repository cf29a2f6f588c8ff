//! Formats for browsers: SVG pictures and HTML pages, both made of the shapes in `drawing`, and the first page of a site.

mod digest;
mod drawing;
pub(super) mod html;
mod motion;
pub(crate) mod site;
mod steps;
pub(super) mod svg;
