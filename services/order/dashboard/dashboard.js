// The dashboard: what a person does, what the events tell, and when what is shown is read again.
import { Api, AUDIT_TIME, Refused } from "./api.js";
import { follow, Refresher } from "./events.js";
import { Rows } from "./orders.js";
import { element, find, set } from "./page.js";
import { Saga } from "./saga.js";
import { AMOUNT, freshId, SCENARIOS } from "./scenarios.js";
import { languageOf, textOf } from "./texts.js";
import * as view from "./view.js";

const PAGE_SIZE = 20;
const MOST_REMEMBERED = 1000; // orders that events have told of
const LIST_EVERY = 1000; // ms, at least between two readings
const ORDER_EVERY = 250;
const LIST_LATENESS = 3; // s after which a new order is listed
const ORDER_AGAIN = 2; // s, while it is under way: attempts are no events
const LIST_AGAIN = 10; // s, while one is under way: being stuck is no event

const KEY = "jumun-api-key"; // in sessionStorage
const LANGUAGE = "jumun-language"; // in localStorage

let language = languageOf([localStorage.getItem(LANGUAGE) ?? "", ...navigator.languages]);
let chosen = view.idIn(location.hash);
let order = null;
let items = [];
let pages = view.FIRST_PAGE;
let nextCursor = "";
let lastAudit = null;
let ticks = 0;
let live = "connecting";
let following = new AbortController();
let resolving = null; // what the dialogue is about
const told = new Map();

const text = (key, values) => textOf(language, key, values);
const shared = { text, language: () => language };
const api = new Api({
  key: () => sessionStorage.getItem(KEY) ?? "",
  language: () => language,
  keyNeeded: askForKey,
});
const rows = new Rows(shared);
const saga = new Saga(shared);
const list = new Refresher(readList, LIST_EVERY);
const detail = new Refresher(readOrder, ORDER_EVERY);

// --- what is shown ---

function draw() {
  rows.draw(view.withEvents(items, told), chosen);
  saga.draw(order, chosen, Date.now());
  set(find("page-number"), text("page", { number: view.pageNumber(pages) }));
  find("newest").disabled = find("newer").disabled = view.pageNumber(pages) === 1;
  find("older").disabled = !nextCursor;
  set(find("live"), text(`live_${live}`));
  find("live").dataset.state = live;
}

function drawTexts() {
  document.documentElement.lang = language;
  document.title = text("title");
  for (const each of document.querySelectorAll("[data-text]")) set(each, text(each.dataset.text));
  find("language").lang = language === "en" ? "ko" : "en";
  drawAudit();
  draw();
}

function drawScenarios() {
  for (const scenario of SCENARIOS) {
    const name = element("span");
    const hint = element("small");
    name.dataset.text = scenario.name;
    hint.dataset.text = `${scenario.name}Hint`;
    const button = element("button", { type: "button" }, name, " ", hint);
    button.addEventListener("click", () => doing(button, () => play(scenario)));
    find("scenarios").append(element("li", {}, button));
  }
}

function drawAudit() {
  if (!lastAudit) return;
  const { ok, at, checks, broken, resolved } = lastAudit;
  const time = view.dateText(at, language);
  const sentence = text(ok ? "auditGood" : "auditBad", { count: checks, bad: broken.length, time });
  const lines = broken.map(({ id, count, subjects }) => text("auditCheck", { id, count, subjects: subjects.join(", ") }));
  if (resolved.length) lines.push(text("auditResolved", { orders: resolved.join(", ") }));
  const result = element("p", { textContent: sentence });
  result.dataset.tone = ok ? "good" : "bad";
  find("audit").replaceChildren(result, element("ul", {}, ...lines.map((line) => element("li", { textContent: line }))));
}

function notice(sentence, tone = "good") {
  find("notice").dataset.tone = tone;
  set(find("notice"), sentence);
}

// --- reading ---

async function readList() {
  const asked = pages;
  const status = find("filter").value;
  try {
    const path = view.listPath({ status, limit: PAGE_SIZE, cursor: view.cursorOf(asked) });
    const page = await api.get(path);
    if (asked !== pages || status !== find("filter").value) return; // another one is wanted by now
    items = page.items;
    nextCursor = page.nextCursor ?? "";
    draw();
  } catch (error) {
    explain(error);
  }
}

async function readOrder() {
  const asked = chosen;
  if (!asked) return;
  try {
    const answer = await api.get(view.orderPath(asked));
    if (asked === chosen) order = answer;
  } catch (error) {
    if (asked !== chosen) return;
    explain(error);
    if (error.status === 404) order = null;
  }
  draw();
}

function heard(event) {
  view.remember(told, event, MOST_REMEMBERED);
  if (event.orderId === chosen) detail.ask();
  list.ask();
  listLater();
  draw();
}

// Once more after the last event, since the list is late.
let later = 0;
function listLater() {
  clearTimeout(later);
  later = setTimeout(() => list.ask(), LIST_LATENESS * 1000);
}

function tick() {
  if (document.hidden) return;
  ++ticks;
  const underWay = order && !view.hasEnded(order);
  if (underWay && ticks % ORDER_AGAIN === 0) detail.ask();
  if (ticks % LIST_AGAIN === 0 && view.withEvents(items, told).some((item) => !view.hasEnded(item))) list.ask();
  if (underWay) saga.draw(order, chosen, Date.now());
}

function followEvents() {
  following.abort();
  following = new AbortController();
  const { signal } = following;
  follow({
    open: (last, stop) => api.openEvents(last, stop),
    heard,
    became: (state) => {
      if (signal.aborted) return;
      live = state;
      if (state === "live") {
        notice("");
        readAll(); // what happened while nobody listened
      }
      if (state === "refused") askForKey();
      draw();
    },
    signal,
  });
}

function readAll() {
  list.ask();
  detail.ask();
}

// --- doing ---

// Disables the button meanwhile, and gives back the focus that it loses by that.
async function doing(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    explain(error);
  } finally {
    button.disabled = false;
    draw(); // which may know better
    if (document.activeElement === document.body) button.focus({ preventScroll: true });
  }
}

function explain(error) {
  if (!(error instanceof Refused)) console.error(error);
  notice(error.message || text("noAnswer"), "bad");
}

async function play({ ending, amount = AMOUNT, declined = false, cancel = false }) {
  const id = await freshId(ending, declined);
  await place(id, amount);
  if (cancel) await cancelOrder(id);
}

async function place(orderId, amount) {
  const { body, replayed } = await api.call("POST", "/orders", { orderId, amount });
  notice(text(replayed ? "replayed" : "placed", { orderId: body.orderId }));
  choose(body.orderId);
  if (pages !== view.FIRST_PAGE) turnTo(view.FIRST_PAGE);
  list.ask();
  listLater();
}

async function cancelOrder(orderId) {
  await api.call("POST", view.orderPath(orderId, "cancel"));
  notice(text("cancelDone", { orderId }));
  detail.ask();
}

async function help({ orderId, name }, what, body) {
  await api.call("POST", view.orderPath(orderId, "compensations", name, what), body);
  notice(text(`${what}Done`, { name: text(name) }));
  detail.ask();
}

function stuckOne() {
  return { orderId: chosen, name: view.helpable(order) };
}

function askWhoAndWhy() {
  resolving = stuckOne();
  set(find("resolve-title"), text("resolveTitle", { name: text(resolving.name) }));
  find("resolve").showModal();
}

async function runAudit() {
  find("audit").replaceChildren(element("p", { textContent: text("auditRunning") }));
  try {
    lastAudit = view.auditOf(await api.get("/audit", AUDIT_TIME));
  } catch (error) {
    find("audit").replaceChildren(element("p", { textContent: error.message || text("noAnswer") }));
    return;
  }
  drawAudit();
}

function choose(id) {
  if (view.idIn(location.hash) !== id) location.hash = view.hashOf(id); // and hashchange follows
  else detail.ask();
}

function turnTo(wanted) {
  pages = wanted;
  list.ask();
  draw();
}

async function prefill() {
  find("order-id").value = await freshId("4");
}

function askForKey() {
  find("key").open = true;
  if (document.activeElement === document.body) find("key-value").focus();
  notice(text("keyNeeded"), "bad");
}

// --- wiring ---

// `work` is given the form's button, whatever it was sent by.
function onSubmit(id, work) {
  find(id).addEventListener("submit", (event) => {
    event.preventDefault();
    work(find(id).querySelector("button"));
  });
}

function wire() {
  find("amount").value = AMOUNT;
  onSubmit("place", (button) =>
    doing(button, async () => {
      await place(find("order-id").value, Number(find("amount").value));
      await prefill();
    }));
  onSubmit("key-form", () => {
    sessionStorage.setItem(KEY, find("key-value").value.trim());
    find("key-value").value = "";
    find("key").open = false;
    notice("");
    followEvents();
  });
  onSubmit("resolve-form", (button) => {
    const body = { by: find("by").value, reason: find("reason").value };
    find("resolve").close();
    return doing(button, () => help(resolving, "resolve", body));
  });
  const clicks = {
    language: () => {
      language = language === "en" ? "ko" : "en";
      localStorage.setItem(LANGUAGE, language);
      drawTexts();
      detail.ask(); // the failure's sentence is the service's
    },
    skip: (event) => {
      event.preventDefault();
      find("order").focus();
    },
    cancel: ({ target }) => doing(target, () => cancelOrder(chosen)),
    retry: ({ target }) => doing(target, () => help(stuckOne(), "retry")),
    "resolve-ask": askWhoAndWhy,
    "audit-run": ({ target }) => doing(target, runAudit),
    "resolve-back": () => find("resolve").close(),
    newest: () => turnTo(view.FIRST_PAGE),
    newer: () => turnTo(view.previousPage(pages)),
    older: () => turnTo(view.nextPage(pages, nextCursor)),
  };
  for (const [id, work] of Object.entries(clicks)) find(id).addEventListener("click", work);
  find("filter").addEventListener("change", () => turnTo({ ...view.FIRST_PAGE }));
  window.addEventListener("hashchange", () => {
    chosen = view.idIn(location.hash);
    order = null;
    detail.ask();
    draw();
    find("order").scrollIntoView({ block: "nearest" }); // on a narrow screen it is below
  });
  document.addEventListener("visibilitychange", () => document.hidden || readAll());
  setInterval(tick, 1000);
}

drawScenarios();
wire();
drawTexts();
find("page").hidden = false;
prefill();
followEvents();
