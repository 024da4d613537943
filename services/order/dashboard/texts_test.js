import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { SCENARIOS } from "./scenarios.js";
import { languageOf, textOf, TEXTS } from "./texts.js";

test("both languages have the same texts, with the same gaps", () => {
  assert.deepEqual(Object.keys(TEXTS.ko), Object.keys(TEXTS.en));
  const gaps = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(TEXTS.en)) assert.deepEqual(gaps(TEXTS.ko[key]), gaps(text), key);
});

test("every text that the page names is there", () => {
  const page = readFileSync(new URL("dashboard.html", import.meta.url), "utf8");
  const named = [...page.matchAll(/data-text="(\w+)"/g)].map(([, key]) => key);
  assert.ok(named.length > 30);
  for (const { name } of SCENARIOS) named.push(name, `${name}Hint`);
  for (const key of named) assert.ok(Object.hasOwn(TEXTS.en, key), key);
});

test("the first preferred language that there is, else English", () => {
  assert.equal(languageOf(["fr-FR", "ko-KR", "en"]), "ko");
  assert.equal(languageOf(["", "en-US", "ko"]), "en");
  assert.equal(languageOf(["fr", "constructor"]), "en");
  assert.equal(languageOf([]), "en");
});

test("gaps are filled with what is given, and that is taken as it is", () => {
  assert.equal(textOf("en", "placed", { orderId: "{orderId}$&" }), "{orderId}$& is placed.");
  assert.equal(textOf("ko", "X999"), "X999");
});
