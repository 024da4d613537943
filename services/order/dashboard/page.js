// The page's elements. What comes from the shop is text, never markup.

export function find(id) {
  return document.getElementById(id);
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Only what differs: a reader of a live region hears of every change.
export function set(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export function badge(target, text, tone) {
  set(target, text);
  target.dataset.tone = tone;
}
