
// Scenes have code in several languages. One of them shows at a time, the same in all scenes. Without this, all show.

const blocks = Array.from(document.querySelectorAll(".languages"));
function choose(language) {
  for (const block of blocks) {
    for (const tab of block.querySelectorAll("[role=tab]")) {
      const chosen = tab.textContent === language;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    for (const panel of block.querySelectorAll(".language")) {
      panel.hidden = panel.dataset.language !== language;
    }
  }
}
// Chooses the language of `tab`, and keeps it where it is on the screen: the blocks above it change their height.
function press(tab) {
  const before = tab.getBoundingClientRect().top;
  choose(tab.textContent);
  tab.focus({ preventScroll: true });
  window.scrollBy(0, tab.getBoundingClientRect().top - before);
}
// Returns the tab that a key leads to from `tab`; undefined if the key is not for tabs.
function neighbour(tab, key) {
  const tabs = Array.from(tab.parentElement.children);
  const at = tabs.indexOf(tab);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[key];
  return to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
}
function makeTab(panel) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.id = "tab-" + panel.id;
  tab.textContent = panel.dataset.language;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", panel.id);
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  tab.addEventListener("click", () => press(tab));
  tab.addEventListener("keydown", (event) => {
    const next = neighbour(tab, event.key);
    if (next) {
      event.preventDefault();
      press(next);
    }
  });
  return tab;
}
for (const block of blocks) {
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Language");
  list.append(...Array.from(block.querySelectorAll(".language"), makeTab));
  block.prepend(list);
  block.classList.add("tabbed");
}
choose("Rust");
