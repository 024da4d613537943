// From what the API answers to what is shown: pure functions.

const UNDOES = {
  chargePayment: "refundPayment",
  reserveInventory: "restockInventory",
  startDelivery: "cancelDelivery",
};
export const STEPS = Object.keys(UNDOES);

const TONES = {
  PENDING: "idle", SKIPPED: "idle",
  SCHEDULED: "busy", RUNNING: "busy", PROCESSING: "busy",
  COMPLETED: "good",
  FAILED: "bad",
  CANCELLED: "off",
};

export function toneOf(state) {
  return TONES[state] ?? "idle";
}

// The three steps, each with its compensation if that was scheduled; without an order an empty saga.
export function sagaOf(order) {
  return STEPS.map((name) => {
    const step = order?.steps.find((each) => each.name === name);
    const index = order?.compensations.findIndex((each) => each.name === UNDOES[name]) ?? -1;
    const undo = index < 0 ? null : order.compensations[index];
    return {
      step: part(step ?? { name, state: "PENDING", attempts: 0 }),
      undo: undo && { ...part(undo), place: index + 1, result: undo.result },
      undoName: UNDOES[name],
    };
  });
}

function part({ name, state, attempts, startedAt, endedAt, code }) {
  return { name, state, attempts, startedAt, endedAt, code, tone: toneOf(state) };
}

// A cancel may still be refused: the courier decides.
export function mayCancel(order) {
  return order?.status === "PROCESSING" && order.stage !== "COMPENSATING";
}

// The compensation that a person may help, or "": they run one after the other. None is stuck where
// it is the delivery that does not go on.
export function helpable(order) {
  const stuck = order?.stuck && order.compensations.find((each) => each.state !== "COMPLETED");
  return stuck ? stuck.name : "";
}

export function hasEnded(order) {
  return order.status !== "PROCESSING";
}

// A page of orders with what the events have told since: the list comes some seconds late, and an
// ended status never changes. `told` is a Map from orderId to {status, code?}.
export function withEvents(items, told) {
  return items.map((item) => {
    const news = told.get(item.orderId);
    return news && !hasEnded(item) ? { ...item, ...news, stuck: item.stuck && !hasEnded(news) } : item;
  });
}

// Remembers an event; the oldest are forgotten beyond `most`.
export function remember(told, { orderId, status, code }, most) {
  const known = told.get(orderId);
  told.delete(orderId);
  const news = status === "PROCESSING" ? { status } : { status, ...(code && { code }) };
  told.set(orderId, known && hasEnded(known) ? known : news);
  while (told.size > most) told.delete(told.keys().next().value);
}

// Pages by cursor: the way back is the cursors that were gone through.
export const FIRST_PAGE = Object.freeze({ cursors: Object.freeze([""]) });

export function cursorOf(pages) {
  return pages.cursors.at(-1);
}

export function pageNumber(pages) {
  return pages.cursors.length;
}

export function nextPage(pages, cursor) {
  return { cursors: [...pages.cursors, cursor] };
}

export function previousPage(pages) {
  return pages.cursors.length > 1 ? { cursors: pages.cursors.slice(0, -1) } : pages;
}

export function listPath({ status, limit, cursor }) {
  const query = new URLSearchParams({ limit });
  if (status) query.set("status", status);
  if (cursor) query.set("cursor", cursor);
  return `/orders?${query}`;
}

export function orderPath(orderId, ...rest) {
  return ["/orders", orderId, ...rest].map((part, index) => (index ? encodeURIComponent(part) : part)).join("/");
}

export function hashOf(orderId) {
  return `#${encodeURIComponent(orderId)}`;
}

// The chosen order in the page's address, or "".
export function idIn(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return ""; // somebody typed it
  }
}

// What may stand in a link: nothing that would run.
export function linkTo(address) {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol) ? address : null;
}

export function amountText(amount, language) {
  const form = { style: "currency", currency: "KRW", minimumFractionDigits: 0, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(language, form).format(amount);
}

export function timeText(time, language) {
  return new Date(time).toLocaleTimeString(language, {
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
}

export function dateText(time, language) {
  const date = new Date(time).toLocaleDateString(language, { month: "numeric", day: "numeric" });
  return `${date} ${timeText(time, language)}`;
}

// "40 ms", "1.4 s", "12 s", "3:05": to its end or, while it runs, to `now`; "" where it has not begun.
export function lasted({ startedAt, endedAt }, now) {
  if (!startedAt) return "";
  const milliseconds = Math.max(0, (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt));
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

// An audit in short: what is violated, each with its first examples.
export function auditOf(result) {
  const broken = result.checks.filter((check) => !check.ok);
  return {
    ok: result.ok,
    at: result.at,
    checks: result.checks.length,
    broken: broken.map(({ id, count, violations }) => ({ id, count, subjects: violations.map((each) => each.subject) })),
    resolved: result.resolved,
  };
}
