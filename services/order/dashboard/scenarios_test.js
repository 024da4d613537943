import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";

globalThis.crypto ??= webcrypto; // not there before Node 19
const { freshId, isDeclined, SCENARIOS } = await import("./scenarios.js");

// docs/orders.md, section 4.
test("payment's share of failures is the contract's", async () => {
  const declined = [];
  for (let number = 1; number <= 1000; ++number)
    if (await isDeclined(`order-${number}`)) declined.push(number);
  assert.equal(declined.length, 200);
  assert.equal(declined[0], 16);
  assert.equal(await isDeclined("order-12345"), false);
});

test("ids are fresh, end as asked, and payment does with them as asked", async () => {
  const ids = new Set();
  for (const { ending, declined = false } of SCENARIOS) {
    const id = await freshId(ending, declined);
    assert.match(id, /^order-[0-9a-z]{8}-\d+-\d+$/);
    assert.ok(id.endsWith(`-${ending}`), id);
    assert.equal(await isDeclined(id), declined, id);
    ids.add(id);
  }
  assert.equal(ids.size, 9);
});
