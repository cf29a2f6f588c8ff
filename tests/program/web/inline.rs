//! Pictures within a page of somebody else's: they change neither the page nor each other.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::browsed::{LIGHT, url};
use super::browser::{Browser, Page};
use crate::program::{ag, check};

/// Elements of a page that a style sheet without scope would change.
const OWN: &str = "<h1 id=\"title\">Slides</h1>\n<p class=\"dim\">Text of the page</p>\n\
                   <svg id=\"waiting\" width=\"100\" height=\"50\"><g class=\"lane\"><rect class=\"running\" width=\"9\" height=\"9\"/>\
                   <text class=\"name\" y=\"20\">Text of another picture</text></g></svg>\n";

/// Returns the styles that matter of all elements below each root: the page's own, and one per picture.
const STYLES: &str = "\
(() => {
  const properties = ['fill', 'stroke', 'strokeWidth', 'fontSize', 'fontWeight', 'fontFamily', 'textAnchor', 'color',
    'backgroundColor', 'display', 'animationName', 'clipPath'];
  const style = (element) => { const all = getComputedStyle(element); return properties.map((name) => all[name]); };
  const own = Array.from(document.querySelectorAll('.own, .own *, :root, body'), style);
  const pictures = Array.from(document.querySelectorAll('.picture'),
    (picture) => [picture.id, Array.from(picture.querySelectorAll('*'), style)]);
  return Object.fromEntries([['own', own]].concat(pictures));
})()";

/// Returns the references of all elements that do not lead to an element of the same picture, and how many do.
const REFERENCES: &str = "\
(() => {
  const astray = [];
  let right = 0;
  for (const picture of document.querySelectorAll('.picture')) {
    for (const element of picture.querySelectorAll('*')) {
      const style = getComputedStyle(element);
      const values = [style.fill, style.stroke, style.clipPath, style.mask, style.filter];
      const urls = values.flatMap((value) => Array.from(value.matchAll(/url\\(\"?[^\")]*#([^\")]+)/g), (found) => found[1]));
      const labels = (element.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
      for (const id of urls.concat(labels)) {
        const found = document.getElementById(id);
        if (found && picture.contains(found)) { right += 1; } else { astray.push(id); }
      }
    }
  }
  return [astray, right];
})()";

/// Opens a page with `pictures`, each by its name, and returns its styles, and where its references lead.
async fn styles(browser: &Browser, pictures: &[(&str, &str)]) -> (BTreeMap<String, Value>, Value) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("slides.html");
    let inline: String =
        pictures.iter().map(|(name, svg)| format!("<div class=\"picture\" id=\"{name}\">{svg}</div>\n")).collect();
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Slides</title></head>\n\
         <body><main class=\"own\">\n{OWN}</main>\n{inline}</body></html>\n"
    );
    fs::write(&file, page).expect("it can be written");
    let mut page = Page::open(browser, &url(&file), LIGHT).await;
    let styles = page.evaluate(STYLES).await;
    let styles = styles.as_object().expect("it is an object").clone().into_iter().collect();
    (styles, page.evaluate(REFERENCES).await)
}

/// Draws the lesson `gather` on the virtual clock.
fn svg(format: &str, arguments: &[&str]) -> String {
    ag(&[&["lesson", "gather", "--clock", "virtual", "--format", format], arguments].concat()).out
}

#[tokio::test]
async fn h1_pictures_in_a_page_change_neither_that_page_nor_each_other() {
    let Some(browser) = Browser::start() else { return };
    let (still, moving) = (svg("svg", &[]), svg("animated-svg", &["--tasks", "3"]));
    let (first, second) = (("first", still.as_str()), ("second", moving.as_str()));
    let (own, _) = styles(&browser, &[]).await;
    let mut alone = own.clone();
    for picture in [first, second] {
        let (styles, _) = styles(&browser, &[picture]).await;
        assert_eq!(styles["own"], own["own"], "{} leaves the page alone", picture.0);
        alone.extend(styles);
    }
    let (together, references) = styles(&browser, &[first, second]).await;
    for (name, styles) in &alone {
        assert_eq!(&together[name], styles, "{name}");
    }
    assert_eq!(references[0], serde_json::json!([]));
    check(&references, references[1].as_u64().is_some_and(|right| right > 20), "there are references");
}

#[test]
fn h1_a_picture_has_names_of_its_own_and_the_same_ones_each_time() {
    let (gather, again) = (svg("svg", &[]), svg("svg", &[]));
    assert_eq!(gather, again);
    let class = |svg: &str| svg.split("class=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    assert_ne!(class(&gather), class(&svg("svg", &["--by", "thread"])));
}
