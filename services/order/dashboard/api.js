// The order service's API, with the key that the person gave, if any.

const CALL_TIME = 15000; // ms; the service decides on a cancel within 10 s
export const AUDIT_TIME = 120000;

// What the service refused, or that it did not answer (status 0, no message).
export class Refused extends Error {
  constructor(status, message = "") {
    super(message);
    this.status = status;
  }
}

export class Api {
  constructor({ key, language, keyNeeded }) {
    this.key = key; // () => string, "" for none
    this.language = language; // () => "en" or "ko"
    this.keyNeeded = keyNeeded; // called when the service asks for one, or takes not this one
  }

  // {body, replayed}; throws Refused.
  async call(method, path, body, time = CALL_TIME) {
    let answer;
    let answered;
    try {
      answer = await fetch(path, {
        method,
        headers: this.#headers({ Accept: "application/json", ...(body && { "Content-Type": "application/json" }) }),
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(time),
      });
      answered = await answer.json();
    } catch (error) {
      console.debug(error);
      throw new Refused(answer?.status ?? 0);
    }
    if (answer.ok) return { body: answered, replayed: answer.headers.has("Idempotency-Replayed") };
    if (isOfKey(answer.status)) this.keyNeeded();
    throw new Refused(answer.status, answered.message);
  }

  async get(path, time) {
    return (await this.call("GET", path, undefined, time)).body;
  }

  // For follow() of events.js.
  openEvents(last, signal) {
    const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
    return fetch("/events", { headers: this.#headers(headers), cache: "no-store", signal });
  }

  #headers(headers) {
    const key = this.key();
    return { ...headers, "Accept-Language": this.language(), ...(key && { "X-API-Key": key }) };
  }
}

function isOfKey(status) {
  return status === 401 || status === 403;
}
