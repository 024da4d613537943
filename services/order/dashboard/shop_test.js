// The page's modules with a shop that runs: tests/test_dashboard.py names it by ORDER_URL and API_KEY.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";

import { Api, Refused } from "./api.js";
import { follow } from "./events.js";
import { AMOUNT, freshId, SCENARIOS } from "./scenarios.js";
import { hasEnded, orderPath, remember, sagaOf, withEvents } from "./view.js";

globalThis.crypto ??= webcrypto; // not there before Node 19

const { ORDER_URL, API_KEY } = process.env;
const ofBrowser = globalThis.fetch;
globalThis.fetch = (path, options) => ofBrowser(new URL(path, ORDER_URL), options);
const options = { skip: !ORDER_URL && "it needs a shop", timeout: 90000 };

function apiWith(key, language = "en") {
  const asked = [];
  return Object.assign(
    new Api({ key: () => key, language: () => language, keyNeeded: () => asked.push(key) }),
    { asked },
  );
}

test("each scenario goes as its button says, and the events tell so", options, async () => {
  const api = apiWith(API_KEY);
  const told = new Map();
  const wanted = new Map();
  const listening = new AbortController();
  let listens;
  let isTold;
  const live = new Promise((resolve) => { listens = resolve; });
  const allTold = new Promise((resolve) => { isTold = resolve; });
  const check = () => [...wanted.keys()].every((id) => told.has(id) && hasEnded(told.get(id))) && isTold();
  const end = follow({
    open: (last, signal) => api.openEvents(last, signal),
    heard: (event) => {
      remember(told, event, 1000);
      if (wanted.size === SCENARIOS.length) check();
    },
    became: (state) => state === "live" && listens(),
    signal: listening.signal,
  });
  await live;
  for (const scenario of SCENARIOS) {
    const { ending, amount = AMOUNT, declined, cancel } = scenario;
    const orderId = await freshId(ending, declined);
    const { body, replayed } = await api.call("POST", "/orders", { orderId, amount });
    assert.deepEqual([body.orderId, replayed], [orderId, false]);
    if (cancel) await api.call("POST", orderPath(orderId, "cancel"));
    wanted.set(orderId, scenario);
  }
  check();
  await allTold;
  listening.abort();
  await end;

  for (const [orderId, { code, cancel }] of wanted) {
    const status = cancel ? "CANCELLED" : code ? "FAILED" : "COMPLETED";
    const order = await api.get(orderPath(orderId));
    assert.deepEqual([order.status, order.failure?.code], [status, code], orderId);
    const [item] = withEvents([{ orderId, status: "PROCESSING", stuck: false }], told);
    assert.deepEqual([item.status, item.code], [status, code], orderId);
    const saga = sagaOf(order);
    assert.ok(saga.every(({ undo }) => !undo || undo.state === "COMPLETED"), orderId);
    // A cancel may come before the first step, with nothing to undo.
    if (!cancel) assert.equal(saga.some(({ undo }) => undo), Boolean(code), orderId);
  }
  const [known] = wanted.keys();
  assert.equal((await api.call("POST", "/orders", { orderId: known, amount: AMOUNT })).replayed, true);
});

test("a refusal comes as the service says it, in the page's language", options, async () => {
  const english = await apiWith(API_KEY).get("/orders/nobody").catch((error) => error);
  const korean = await apiWith(API_KEY, "ko").get("/orders/nobody").catch((error) => error);
  assert.ok(english instanceof Refused && korean instanceof Refused);
  assert.deepEqual([english.status, korean.status], [404, 404]);
  assert.match(english.message, /[a-z]/);
  assert.match(korean.message, /[가-힣]/);
});

test("the key is asked for", options, async () => {
  const api = apiWith("");
  const refused = await api.get("/orders").catch((error) => error);
  assert.equal(refused.status, 401);
  assert.deepEqual(api.asked, [""]);
  const states = [];
  const became = (state) => states.push(state);
  const signal = new AbortController().signal;
  await follow({ open: (last, stop) => api.openEvents(last, stop), heard: () => {}, became, signal });
  assert.deepEqual(states, ["connecting", "refused"]);
});

test("a service that is not there has said nothing", options, async () => {
  const api = apiWith(API_KEY);
  const refused = await api.get("http://127.0.0.1:1/").catch((error) => error);
  assert.deepEqual([refused.status, refused.message], [0, ""]);
});
