// Server-sent events by fetch, since EventSource cannot send a key.

const MOST_CHARACTERS = 65536; // of one event
const LONGEST_SILENCE = 40000; // ms; the service says something every 15 s
const FIRST_PAUSE = 1000; // ms, doubled for each failure in a row
const LONGEST_PAUSE = 30000;

// Pieces of text in, events out: [{id, event, data}]. Lines end in \n, as the service writes them.
export class EventParser {
  #rest = "";

  push(text) {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop();
    if (this.#rest.length > MOST_CHARACTERS) throw new Error("an event without an end");
    return blocks.map(parsed).filter((event) => event.data);
  }
}

function parsed(block) {
  const event = { id: "", event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (name in event) event[name] = value;
  }
  return event;
}

// Follows the stream, and goes on where it broke, until `signal` is aborted or a key is refused.
// `open(lastId, signal)` is a fetch; `heard(data)` is given each event's data, `became(state)` one of
// "connecting", "live", "lost", "refused".
export async function follow({ open, heard, became, signal, pause = wait, longestSilence = LONGEST_SILENCE }) {
  let last = "";
  for (let failures = 0; !signal.aborted; ++failures) {
    became("connecting");
    try {
      const answer = await read({
        open: (stop) => open(last, stop),
        opened: () => {
          failures = 0;
          became("live");
        },
        each: (event) => {
          last = event.id || last;
          heard(JSON.parse(event.data));
        },
        signal,
        longestSilence,
      });
      if (answer.status === 401 || answer.status === 403) return became("refused");
      if (answer.status === 400) last = ""; // an id that this service does not know
    } catch (error) {
      if (signal.aborted) return;
      console.debug(error);
    }
    if (signal.aborted) return;
    became("lost");
    await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 10)), signal);
  }
}

// One connection, to its end; what it was opened with is closed in any case.
async function read({ open, opened, each, signal, longestSilence }) {
  const connection = new AbortController();
  const close = () => connection.abort();
  signal.addEventListener("abort", close);
  let silence = setTimeout(close, longestSilence);
  try {
    const answer = await open(connection.signal);
    if (!answer.ok) return answer;
    opened();
    const parser = new EventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece; !(piece = await reader.read()).done;) {
      clearTimeout(silence);
      silence = setTimeout(close, longestSilence);
      parser.push(piece.value).forEach(each);
    }
    return answer;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", close);
    close();
  }
}

function wait(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// Does `work` soon after it was asked for: one at a time, not more often than every `every` ms, and
// once more where it was asked for in between.
export class Refresher {
  #work;
  #every;
  #asked = false;
  #busy = false;

  constructor(work, every) {
    this.#work = work;
    this.#every = every;
  }

  async ask() {
    this.#asked = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#asked) {
        this.#asked = false;
        await this.#work();
        await new Promise((resolve) => setTimeout(resolve, this.#every));
      }
    } finally {
      this.#busy = false;
    }
  }
}
