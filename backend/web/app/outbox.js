// Changes of leads that are recorded without a network. They wait in this browser, in order, and
// are sent once there is an answer again: each with a key of its own, so that it is carried out
// once, however often it is sent.
import { CONFLICTS, Problem, ask, isReachable, newKey, serverTime, watch } from "./api.js";
import { CHANGED, SEND, SENT, listWaiting, readDraft, writeDraft } from "./drafts.js";
import { t } from "./texts.js";

/** Only one tab sends at a time. */
const LOCK = `tofa.outbox ${new URL(".", document.baseURI).pathname}`;
/** How long a change may take before it is kept, in milliseconds. */
const PATIENCE = 15_000;
/** After these the server is asked later; the change may be as good as any. */
const LATER = new Set([0, 408, 429, 502, 503, 504]);

/** @typedef {import("./drafts.js").Change} Change */
/** @typedef {import("./drafts.js").Waiting} Waiting */
/** @typedef {Omit<Change, "key" | "at" | "state" | "told">} Wanted */

/** @type {Promise<void> | null} */
let sending = null;
/** @type {string | undefined} The name of the change that is on its way. */
let onItsWay;
/** @type {Map<string, unknown>} What the changes that were sent from here were answered. */
const answers = new Map();

/**
 * Send a change, or keep it if the server can't be reached. Returns the answer, or the name of what
 * is kept. Raises a `Problem` if the server refuses it.
 * @param {Wanted & { at?: string }} wanted
 * @returns {Promise<{ data?: unknown, kept?: string }>}
 */
export async function save(wanted) {
  const at = wanted.at || serverTime();
  // A call keeps its time, however late it is sent.
  const json = wanted.method === "POST" ? { ...wanted.json, at } : wanted.json;
  const change = { ...wanted, json, at, key: newKey() };
  if (isReachable() && !listWaiting().some(({ values }) => values.lead === wanted.lead)) {
    try {
      return { data: await request(change) };
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 0) throw problem;
    }
  }
  return { kept: keep(change) };
}

/** @param {Change} change */
function keep(change) {
  const last = listWaiting()
    .at(-1)
    ?.name.slice(SEND.length, SEND.length + 9);
  const name = `${SEND}${String(Number(last ?? 0) + 1).padStart(9, "0")}-${change.key}`;
  writeDraft(name, { values: change, title: change.draft.title });
  // The storage is full: the form still has what was typed.
  if (!readDraft(name)) throw new Problem(0, "");
  navigator.storage?.persist?.();
  flush();
  return name;
}

/** @param {Change} change */
async function request({ method, path, json, key, version }) {
  const headers = { "idempotency-key": key, "if-match": `"${version}"` };
  return (await ask(method, path, { json, headers, timeout: PATIENCE })).data;
}

/** Send what waits, in order, unless that is being done. */
export function flush() {
  if (!listWaiting().some(({ values }) => !values.state)) return;
  sending ??= alone(sendAll).finally(() => {
    sending = null;
    onItsWay = undefined;
  });
}

/**
 * Run a job in one tab at a time. Browsers have locks only for pages that came by TLS, and for this
 * machine. Without them several tabs send, and the keys see to it that each change is made once.
 * @param {() => Promise<void>} job
 * @returns {Promise<void>}
 */
const alone = (job) => navigator.locks?.request(LOCK, job) ?? job();

async function sendAll() {
  /** @type {Set<number>} Leads whose turn is later. */
  const later = new Set();
  let stop = () => {};
  // The lock must not outlast the person: someone else may sign in on another tab.
  /** @type {Promise<null>} */
  const out = new Promise((done) => {
    stop = watch((change) => change === "out" && done(null));
  });
  for (let next = first(later); next; next = first(later)) {
    const is = await Promise.race([sendOne(next), out]);
    if (is === null) break;
    if (is === "later") later.add(next.values.lead);
  }
  stop();
}

/**
 * Return the first change that can be sent: those of one lead follow each other.
 * @param {Set<number>} later
 */
function first(later) {
  const closed = new Set(later);
  for (const one of listWaiting()) {
    if (!one.values.state && !closed.has(one.values.lead)) return one;
    closed.add(one.values.lead);
  }
  return null;
}

/**
 * @param {Waiting} waiting
 * @returns {Promise<"sent" | "later" | "asks" | null>} null: nothing can be sent now.
 */
async function sendOne({ name, values }) {
  onItsWay = name;
  try {
    const data = await request(values);
    sent(name, values, data);
    return "sent";
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const { status, message } = problem;
    if (LATER.has(status)) return null;
    if (status >= 500) return "later";
    mark(name, { ...values, state: CONFLICTS.has(status) ? "changed" : "refused", told: message });
    // Without room for the mark it would be sent again at once.
    return readDraft(name)?.values.state ? "asks" : null;
  }
}

/**
 * @param {string} name
 * @param {Change} values
 * @param {any} data
 */
function sent(name, values, data) {
  if (!readDraft(name)) return;
  const { version } = data.lead ?? data;
  answers.set(name, data);
  // The next one of the lead was recorded with the version before this one.
  for (const next of listWaiting()) {
    const isNext = next.values.lead === values.lead && next.values.version === values.version;
    if (isNext && next.name !== name) mark(next.name, { ...next.values, version });
  }
  writeDraft(name, null);
  dispatchEvent(new CustomEvent(SENT, { detail: values.lead }));
}

/**
 * @param {string} name
 * @param {Change} values
 */
function mark(name, values) {
  writeDraft(name, { values, title: values.draft.title });
  dispatchEvent(new Event(CHANGED));
}

/**
 * Take back a change that waits. Returns what it was answered if it was sent already. Raises a
 * `Problem` if another tab has sent it.
 * @param {string} name
 */
export async function takeBack(name) {
  if (onItsWay === name) await sending;
  if (answers.has(name)) return answers.get(name);
  if (!readDraft(name)) throw new Problem(409, t("outbox.sent"));
  writeDraft(name, null);
  return undefined;
}

/**
 * Make a change a draft again, so that the form of its lead shows it.
 * @param {Waiting} waiting
 */
export function review({ name, values }) {
  const { name: form, values: typed, title, more } = values.draft;
  const there = readDraft(form)?.values;
  const comment = [typed.comment, there?.comment].filter(Boolean).join("\n");
  const at = values.state === "changed" ? { at: values.at } : {};
  const both = { ...typed, ...at, ...there, ...(comment && { comment }) };
  writeDraft(form, { values: both, title, more });
  writeDraft(name, null);
}

watch((change) => change === "online" && flush());
