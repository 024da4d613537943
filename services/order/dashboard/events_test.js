import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { EventParser, follow, Refresher } from "./events.js";

const EVENT = 'id: 0-5\nevent: step\ndata: {"orderId":"order-1"}\n\n';

test("events come whole, however they are cut", () => {
  for (let cut = 0; cut <= EVENT.length; ++cut) {
    const parser = new EventParser();
    const events = [...parser.push(EVENT.slice(0, cut)), ...parser.push(EVENT.slice(cut) + ":\n\n")];
    assert.deepEqual(events, [{ id: "0-5", event: "step", data: '{"orderId":"order-1"}' }]);
  }
});

test("an event without an end is not kept", () => {
  assert.throws(() => new EventParser().push("data: ".padEnd(70000, "x")));
});

// A service that gives the answers one after the other; `asked` has each request's Last-Event-ID.
async function serve(t, ...answers) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.headers["last-event-id"]);
    (answers.shift() ?? (() => {}))(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const open = (last, signal) =>
    fetch(`http://127.0.0.1:${server.address().port}/`, { headers: last ? { "Last-Event-ID": last } : {}, signal });
  return { asked, open };
}

function followed({ open, until, longestSilence = 10000 }) {
  const stop = new AbortController();
  const states = [];
  const heard = [];
  const pauses = [];
  const check = () => until({ states, heard }) && stop.abort();
  const ended = follow({
    open,
    heard: (data) => { heard.push(data); check(); },
    became: (state) => { states.push(state); check(); },
    signal: stop.signal,
    pause: async (milliseconds) => { pauses.push(milliseconds); },
    longestSilence,
  });
  return ended.then(() => ({ states, heard, pauses }));
}

test("a stream goes on where it broke", async (t) => {
  const { asked, open } = await serve(
    t,
    (response) => response.write(EVENT, () => response.destroy()),
    (response) => response.writeHead(503).end(),
    (response) => response.writeHead(400).end(), // it does not know the id
    (response) => response.write(EVENT.replace("order-1", "order-2")),
  );
  const { states, heard, pauses } = await followed({ open, until: ({ heard }) => heard.length === 2 });
  assert.deepEqual(heard, [{ orderId: "order-1" }, { orderId: "order-2" }]);
  assert.deepEqual(asked, [undefined, "0-5", "0-5", undefined]);
  assert.deepEqual(states, [
    "connecting", "live", "lost", "connecting", "lost", "connecting", "lost", "connecting", "live",
  ]);
  assert.deepEqual(pauses, [1000, 2000, 4000]);
});

test("a refused key ends it", async (t) => {
  const { asked, open } = await serve(t, (response) => response.writeHead(401).end());
  const { states } = await followed({ open, until: () => false });
  assert.deepEqual(states, ["connecting", "refused"]);
  assert.equal(asked.length, 1);
});

test("a connection that says nothing is given up", async (t) => {
  const { asked, open } = await serve(t, (response) => response.write(":\n\n"));
  const lost = ({ states }) => states.at(-1) === "lost";
  await followed({ open, until: lost, longestSilence: 100 });
  assert.equal(asked.length, 1);
});

test("what is asked for many times is done once more, and one at a time", async () => {
  let done = 0;
  let atOnce = 0;
  const refresher = new Refresher(async () => {
    assert.equal(++atOnce, 1);
    await new Promise((resolve) => setImmediate(resolve));
    --atOnce;
    ++done;
  }, 1);
  const first = refresher.ask();
  for (let i = 0; i < 10; ++i) refresher.ask();
  await first;
  assert.equal(done, 2);
});
