// The list of orders on the page: a row for each, which stays the same element while it is shown.
import { amountText, dateText, hashOf, toneOf } from "./view.js";
import { badge, element, find, set } from "./page.js";

export class Rows {
  #rows = new Map();

  constructor({ text, language }) {
    this.text = text;
    this.language = language;
  }

  draw(items, chosen) {
    const shown = new Map(items.map((item) => [item.orderId, this.#rows.get(item.orderId) ?? row(item)]));
    this.#rows = shown;
    place(find("rows"), [...shown.values()].map((each) => each.whole));
    for (const item of items) this.#drawRow(shown.get(item.orderId), item, item.orderId === chosen);
    find("no-rows").hidden = items.length > 0;
  }

  #drawRow(row, item, isChosen) {
    set(row.amount, amountText(item.amount, this.language()));
    const code = item.code ? ` ${item.code}` : "";
    badge(row.status, this.text(item.status) + code, toneOf(item.status));
    set(row.stuck, this.text("stuck"));
    row.stuck.hidden = !item.stuck;
    set(row.created, dateText(item.createdAt, this.language()));
    if (isChosen) row.link.setAttribute("aria-current", "true");
    else row.link.removeAttribute("aria-current");
  }
}

function row(item) {
  const made = {
    link: element("a", { href: hashOf(item.orderId), textContent: item.orderId }),
    amount: element("td", { className: "number" }),
    status: element("span", { className: "badge" }),
    stuck: element("span", { className: "badge bad", hidden: true }),
    created: element("time", { dateTime: item.createdAt }),
  };
  made.whole = element(
    "tr", {},
    element("th", { scope: "row" }, made.link),
    made.amount,
    element("td", {}, made.status, " ", made.stuck),
    element("td", { className: "wide" }, made.created),
  );
  return made;
}

// In this order, moving no more than must be: an element that is moved loses the focus.
function place(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}
