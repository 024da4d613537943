// The chosen order on the page: its steps, their compensations, and what a person may do now.
import { amountText, dateText, helpable, lasted, linkTo, mayCancel, sagaOf, STEPS, timeText, toneOf } from "./view.js";
import { badge, element, find, set } from "./page.js";

export class Saga {
  #cards;

  constructor({ text, language }) {
    this.text = text;
    this.language = language;
    this.#cards = STEPS.map(card);
    find("saga").append(...this.#cards.map((each) => each.whole));
  }

  // `order` as the API answers it, or null where none is chosen; `id` the one that is.
  draw(order, id, now) {
    set(find("order-name"), id);
    set(find("order-amount"), order ? amountText(order.amount, this.language()) : "");
    badge(find("order-status"), order ? this.text(order.status) : "", toneOf(order?.status));
    find("order-stuck").hidden = !order?.stuck;
    find("order-repaired").hidden = !order?.repaired;
    set(find("order-word"), this.#word(order, id));
    find("cancel").disabled = !mayCancel(order);
    find("retry").disabled = find("resolve-ask").disabled = !helpable(order);
    const address = linkTo(order?.links.temporalUi ?? "");
    if (address) find("temporal-ui").href = address;
    else find("temporal-ui").removeAttribute("href");
    sagaOf(order).forEach((each, index) => this.#drawCard(this.#cards[index], each, now));
  }

  #word(order, id) {
    if (!id) return this.text("noOrder");
    if (order?.failure) return `${order.failure.code}: ${order.failure.message}`;
    if (order?.stuck) return this.text(helpable(order) ? "stuckHint" : "stuckDeliveryHint");
    return order ? dateText(order.createdAt, this.language()) : "";
  }

  #drawCard(card, { step, undo, undoName }, now) {
    card.whole.dataset.tone = step.tone;
    set(card.name, this.text(step.name));
    this.#drawPart(card.step, step, step.code ? `${this.text(step.state)} ${step.code}` : this.text(step.state), now);
    card.undo.whole.dataset.on = Boolean(undo);
    set(card.undoName, undo ? `${undo.place}. ${this.text(undoName)}` : this.text(undoName));
    const idle = { state: "PENDING", tone: "idle" };
    const word = undo ? this.text(undo.result ?? undo.state) : this.text("notNeeded");
    this.#drawPart(card.undo, undo ?? idle, word, now);
  }

  #drawPart(part, { tone, attempts, startedAt, endedAt }, word, now) {
    badge(part.badge, word, tone);
    set(part.began, startedAt ? this.text("began", { time: timeText(startedAt, this.language()) }) : "");
    const tries = attempts ? this.text("attempts", { count: attempts }) : "";
    set(part.took, [lasted({ startedAt, endedAt }, now), tries].filter(Boolean).join(", "));
  }
}

function card() {
  const made = { name: element("h3"), undoName: element("h4"), step: part(), undo: part() };
  made.step.whole.prepend(made.name);
  made.undo.whole.prepend(made.undoName);
  made.undo.whole.className = "undo";
  made.whole = element("li", {}, made.step.whole, made.undo.whole);
  return made;
}

function part() {
  const made = {
    badge: element("span", { className: "badge" }),
    began: element("p", { className: "hint" }),
    took: element("p", { className: "hint" }),
  };
  made.whole = element("div", {}, made.badge, made.began, made.took);
  return made;
}
