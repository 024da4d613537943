import assert from "node:assert/strict";
import { test } from "node:test";

import * as view from "./view.js";

const step = (name, state, more = {}) => ({ name, state, attempts: 1, ...more });
const order = (more = {}) => ({
  status: "PROCESSING",
  stage: "COMPENSATING",
  stuck: false,
  steps: [
    step("chargePayment", "COMPLETED"),
    step("reserveInventory", "FAILED", { code: "I003" }),
    step("startDelivery", "SKIPPED", { attempts: 0 }),
  ],
  compensations: [
    step("restockInventory", "COMPLETED", { result: "NOTHING" }),
    step("refundPayment", "RUNNING", { attempts: 6 }),
  ],
  ...more,
});

test("each step stands with its compensation, in whatever order they ran", () => {
  const [charge, reserve, deliver] = view.sagaOf(order());
  assert.deepEqual([charge.step.tone, charge.undo.place, charge.undo.tone], ["good", 2, "busy"]);
  assert.deepEqual([reserve.step.code, reserve.undo.place, reserve.undo.result], ["I003", 1, "NOTHING"]);
  assert.deepEqual([deliver.step.tone, deliver.undo, deliver.undoName], ["idle", null, "cancelDelivery"]);
});

test("without an order there is a saga all the same", () => {
  const saga = view.sagaOf(null);
  assert.deepEqual(saga.map(({ step }) => step.name), view.STEPS);
  assert.ok(saga.every(({ step, undo }) => step.state === "PENDING" && undo === null));
});

test("what a person may do", () => {
  assert.equal(view.mayCancel(null), false);
  assert.equal(view.mayCancel(order()), false);
  assert.equal(view.mayCancel(order({ stage: "DELIVERY" })), true);
  assert.equal(view.mayCancel(order({ stage: "DONE", status: "COMPLETED" })), false);
  assert.equal(view.helpable(null), "");
  assert.equal(view.helpable(order()), "");
  assert.equal(view.helpable(order({ stuck: true })), "refundPayment");
  const departed = [step("cancelDelivery", "COMPLETED", { result: "REFUSED" })];
  assert.equal(view.helpable(order({ stuck: true, compensations: departed })), "");
});

test("events run ahead of the list, and never take an end back", () => {
  const told = new Map();
  view.remember(told, { orderId: "a", status: "FAILED", code: "I003" }, 10);
  view.remember(told, { orderId: "a", status: "PROCESSING", code: "I003" }, 10);
  view.remember(told, { orderId: "b", status: "PROCESSING", code: "P001" }, 10);
  const items = ["a", "b", "c"].map((orderId) => ({ orderId, status: "PROCESSING", stuck: true }));
  assert.deepEqual(view.withEvents(items, told), [
    { orderId: "a", status: "FAILED", code: "I003", stuck: false },
    { orderId: "b", status: "PROCESSING", stuck: true },
    { orderId: "c", status: "PROCESSING", stuck: true },
  ]);
  const ended = [{ orderId: "b", status: "COMPLETED", stuck: false }];
  assert.deepEqual(view.withEvents(ended, told), ended);
  for (let i = 0; i < 20; ++i) view.remember(told, { orderId: `more-${i}`, status: "PROCESSING" }, 10);
  assert.equal(told.size, 10);
  assert.ok(told.has("more-19") && !told.has("a"));
});

test("pages go forth and back by cursor", () => {
  const second = view.nextPage(view.FIRST_PAGE, "abc");
  assert.deepEqual([view.pageNumber(second), view.cursorOf(second)], [2, "abc"]);
  assert.equal(view.cursorOf(view.previousPage(second)), "");
  assert.equal(view.previousPage(view.FIRST_PAGE), view.FIRST_PAGE);
  assert.equal(view.listPath({ status: "", limit: 20, cursor: "" }), "/orders?limit=20");
  assert.equal(
    view.listPath({ status: "FAILED", limit: 20, cursor: "a&b" }),
    "/orders?limit=20&status=FAILED&cursor=a%26b",
  );
});

test("ids in addresses", () => {
  assert.equal(view.orderPath("주문:1", "cancel"), "/orders/%EC%A3%BC%EB%AC%B8%3A1/cancel");
  assert.equal(view.idIn(view.hashOf("주문:1")), "주문:1");
  assert.equal(view.idIn("#%"), "");
  assert.equal(view.idIn(""), "");
});

test("a link leads to a page, and to nothing that would run", () => {
  assert.equal(view.linkTo("https://ui.example/x"), "https://ui.example/x");
  for (const address of ["javascript:alert(1)", "data:text/html,x", "", "/relative"])
    assert.equal(view.linkTo(address), null, address);
});

test("how long it took", () => {
  const startedAt = "2026-11-25T09:30:00.000Z";
  const now = Date.parse("2026-11-25T09:33:05.400Z");
  const after = (end) => view.lasted({ startedAt, endedAt: `2026-11-25T09:30:${end}Z` }, now);
  assert.deepEqual([after("00.024"), after("01.460"), after("59.900")], ["24 ms", "1.5 s", "59 s"]);
  assert.equal(view.lasted({ startedAt }, now), "3:05");
  assert.equal(view.lasted({ startedAt }, Date.parse(startedAt) - 500), "0 ms"); // another clock
  assert.equal(view.lasted({}, now), "");
});

test("amounts keep their decimals", () => {
  assert.equal(view.amountText(1000000.01, "en"), "₩1,000,000.01");
  assert.equal(view.amountText(100, "ko"), "₩100");
});

test("an audit in short", () => {
  const good = { id: "M1", ok: true, violations: [], count: 0 };
  const bad = { id: "S1", ok: false, violations: [{ subject: "ITEM_1", detail: "-1" }], count: 3 };
  const result = { ok: false, at: "2026-11-25T09:30:00Z", checks: [good, bad], sums: {}, resolved: ["order-1"] };
  assert.deepEqual(view.auditOf(result), {
    ok: false,
    at: "2026-11-25T09:30:00Z",
    checks: 2,
    broken: [{ id: "S1", count: 3, subjects: ["ITEM_1"] }],
    resolved: ["order-1"],
  });
});
