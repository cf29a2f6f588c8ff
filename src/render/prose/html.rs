//! A lesson's prose as HTML.
//!
//! The HTML holds no links, pictures or tags of the prose's own, so that a browser loads nothing and runs nothing.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{introduction_of, section_of};

/// Renders what stands between the title and the first section, like [`super::introduction`], as HTML.
pub(in crate::render) fn introduction_html(markdown: &str) -> String {
    let events: Vec<Event> = Parser::new(markdown).collect();
    html(introduction_of(&events))
}

/// Renders what stands below the heading `## title`, like [`super::section`], as HTML.
///
/// Returns none if there is no such heading.
pub(in crate::render) fn section_html(markdown: &str, title: &str) -> Option<String> {
    let events: Vec<Event> = Parser::new(markdown).collect();
    Some(html(section_of(&events, title)?))
}

fn html(events: &[Event]) -> String {
    let events = events.iter().filter_map(|event| match event {
        // As in the terminal, what Markdown takes for HTML is shown as the words it is.
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text.clone())),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        // Links and pictures are reduced to their text: the page is handed out without the files they lead to.
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::End(TagEnd::Link | TagEnd::Image) => None,
        other => Some(other.clone()),
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_loads_nothing_and_takes_no_tags_from_the_prose() {
        let readme = "# a\n\nA Vec<u8>, `a<b>`, <img src=x>, [here](javascript:alert(1)), ![seen](http://x/y.png)\n\n\
                      <script>\nlet it = be;\n</script>\n\n## Try\n\n- *one*\n";
        let expected = "<p>A Vec&lt;u8&gt;, <code>a&lt;b&gt;</code>, &lt;img src=x&gt;, here, seen</p>\n\
                        <p>&lt;script&gt;\nlet it = be;\n&lt;/script&gt;\n</p>\n";
        assert_eq!(introduction_html(readme), expected);
        let list = "<ul>\n<li><em>one</em></li>\n</ul>\n";
        assert_eq!(section_html(readme, "Try").as_deref(), Some(list));
    }
}
