// The nine scenarios, and ids for them that nobody has used before (docs/orders.md, section 4).

export const AMOUNT = 100;

// `ending` is how the id ends, which decides what happens; `code` is how the order fails.
export const SCENARIOS = [
  { name: "completes", ending: "1" },
  { name: "completesToo", ending: "4" },
  { name: "outOfStock", ending: "2", code: "I003" },
  { name: "discontinued", ending: "3", code: "I002" },
  { name: "unknownItem", ending: "10", code: "I001" },
  { name: "noArea", ending: "9", code: "D002" },
  { name: "overLimit", ending: "1", amount: 1000000.01, code: "P001" },
  { name: "declined", ending: "16", declined: true, code: "P002" },
  { name: "cancelled", ending: "5", cancel: true, code: "ORD004" },
];

const RANDOM_CHARACTERS = 8;
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const MOST_TRIES = 200; // at 20 % and at 80 % one of them fits but once in 10^19 times

// Whether payment's share of failures hits the order, where its rate and seed are the defaults.
export async function isDeclined(orderId) {
  const input = new TextEncoder().encode(`payment:v1:8262:${orderId}`);
  const digest = await crypto.subtle.digest("SHA-256", input);
  const first = new DataView(digest).getBigUint64(0);
  return (first * 10000n) >> 64n < 2000n;
}

// "order-k3f9a2x7-1-9". A page that did not come from this machine or over TLS has no SHA-256: then
// it is left to chance, but for the one id that is known to be declined.
export async function freshId(ending, declined = false) {
  if (!globalThis.crypto.subtle) return declined ? "order-16" : `order-${random()}-${ending}`;
  const beginning = `order-${random()}`;
  for (let number = 1; number <= MOST_TRIES; ++number) {
    const id = `${beginning}-${number}-${ending}`;
    if ((await isDeclined(id)) === declined) return id;
  }
  throw new Error("no id fits");
}

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
