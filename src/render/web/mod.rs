//! What browsers show: SVG pictures and HTML pages, both made of the shapes in `drawing`.

mod drawing;
pub(super) mod html;
pub(super) mod svg;
