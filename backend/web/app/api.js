// Every request to the API. When a session expires it asks for the password over the page, then
// carries on. This module imports no other, so that it can ask for the first page's data at once.

/** Return a key by which the server knows a request that is sent again. */
export const newKey = () => crypto.randomUUID?.() ?? `${Math.random()}-${Date.now()}`;

/** Where the web app is served: the site's root, or the path prefix that a proxy or mount adds. */
const HOME = new URL(".", document.baseURI);
/** Installations that share a host keep their tokens apart. */
const KEY = HOME.pathname === "/" ? "tofa.token" : `tofa.token ${HOME.pathname}`;
/** What the server knows this browser by when it counts failed sign-ins; it names no person. */
const DEVICE_KEY = "tofa.device";
/** How often a large job is tried when the server is busy, and the longest wait in between. */
const TRIES = 5;
const LONGEST_WAIT = 30_000;
/** By how many milliseconds a clock is wrong, rather than an answer late. */
const CLOCK = 30_000;
/** The first wait before a server that gave no answer is tried again, and the longest one. */
const FIRST_PROBE = 1_000;
const LONGEST_PROBE = 30_000;
/** What isn't done twice if its answer is lost and someone presses the button again. */
const ONCE = new Set(["/leads/", "/leads/bulk", "/list-changes/"]);
/** For how long that is so, in milliseconds: the same can be meant again later. */
const AGAIN = 600_000;
/** For how many milliseconds after a touch someone is taken to be there. */
const QUIET = 30_000;
/** What a proxy answers while the server behind it is gone. */
const GONE = new Set([502, 503, 504]);

/**
 * @typedef {{ data: unknown, headers: Headers }} Received
 * @typedef {{ type: string, loc: (string | number)[], msg: string }} Fault
 * @typedef {Record<string, string | number | string[] | null | undefined>} Query
 * @typedef {"in" | "out" | "expired" | "offline" | "online" | "busy" | "factor"} Change
 *
 * `blob`: the answer is a file; `patient`: try again when the server is busy with large jobs;
 * `keepalive`: send it even if the page is closed meanwhile; `timeout`: how long an answer may
 * take, in milliseconds, without the time that signing in again takes.
 * @typedef {{ query?: Query, json?: unknown, form?: FormData, headers?: Record<string, string>,
 *   blob?: boolean, patient?: boolean, keepalive?: boolean, timeout?: number }} Request
 */

/** @typedef {{ address: string, answer: Promise<Received> }} Early */

/** @type {Map<string, Early>} By path: what was requested before a page needed it. */
const early = new Map();
/** @type {Set<(change: Change) => void>} */
const watchers = new Set();
/** @type {Map<string, { key: string, at: number }>} What was sent and not answered yet. */
const unanswered = new Map();
let token = localStorage.getItem(KEY);
/** Who is signed in here, or was last. */
let person = personOf(token);
/** Someone else has signed in: nothing of this page may be shown or sent any more. */
let isLeaving = false;
/** @type {Promise<void> | null} */
let signingIn = null;
let signedIn = () => {};
/** Whether the last request got an answer. Browsers know only whether they have a network. */
let reachable = true;
/** How far the server's clock is ahead, in milliseconds. */
let clock = 0;
let nextProbe = FIRST_PROBE;
let probing = 0;
/** When someone last touched the page, by the device's clock. */
let touched = Date.now();

for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
  addEventListener(kind, () => (touched = Date.now()), { passive: true });
}

/** For how many milliseconds nobody has touched the page. */
export const untouchedFor = () => Date.now() - touched;

/** What is answered if a lead isn't what someone saw when they changed it: a person decides. */
export const CONFLICTS = new Set([409, 412]);

/** What went wrong, as a sentence from the server. `status` is 0 if there was no answer. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {Fault[]} [faults]
   * @param {string | null} [retryAfter]
   * @param {string | null} [needs]
   */
  constructor(status, detail, faults = [], retryAfter = null, needs = null) {
    super(detail);
    this.status = status;
    /** Which part of a second factor is missing: a `code`, a `passkey`, or the `setup`. */
    this.needs = needs;
    /** How many milliseconds the server asks to wait, if it says so. */
    this.retryAfter = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : null;
    /** @type {Record<string, string>} How to fix each field; "" has what belongs to no field. */
    this.fields = Object.fromEntries(
      faults.map(({ loc, msg }) => [String(loc[1] ?? ""), msg]).reverse(),
    );
  }
}

/** @param {string} path A path of the API, such as `/leads/`. */
export const url = (path) => new URL(path.slice(1), HOME).href;

export const isSignedIn = () => token !== null;

/** The email of the person who is signed in here, or was last; empty if nobody was. */
export const lastPerson = () => person ?? "";

/**
 * Call `watcher` at every change; returns a function that stops it.
 * @param {(change: Change) => void} watcher
 */
export function watch(watcher) {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** @param {Change} change */
const tell = (change) => watchers.forEach((watcher) => watcher(change));

export const isReachable = () => reachable;

/** Return the time by the server's clock: the device's may be wrong. */
export const serverTime = () => new Date(Date.now() + clock).toISOString();

/** Note that there was no answer, and ask for a small one, less and less often, until it comes. */
export function noAnswer() {
  reachable = false;
  tell("offline");
  if (probing) return;
  probing = setTimeout(probe, nextProbe);
  nextProbe = Math.min(2 * nextProbe, LONGEST_PROBE);
}

async function probe() {
  clearTimeout(probing);
  probing = 0;
  try {
    const { status } = await fetch(url("/healthz"), { cache: "no-store" });
    if (GONE.has(status)) return noAnswer();
  } catch {
    return noAnswer();
  }
  answered();
}

function answered() {
  if (reachable) return;
  reachable = true;
  tell("online");
}

/** Sign out, on the server as well if it can be reached. */
export function signOut() {
  // What a session that has ended already, or a server that can't be reached, says doesn't matter.
  if (token) send("POST", "/users/me/sign-out", { keepalive: true }).catch(() => {});
  localStorage.removeItem(KEY);
  out();
}

function out() {
  token = null;
  early.clear();
  // What waits for a new sign-in isn't sent any more: what was typed is offered again instead.
  signingIn = null;
  signedIn = () => {};
  tell("out");
}

/**
 * Return who a token is for, or null if it isn't one.
 * @param {string | null} of
 */
function personOf(of) {
  try {
    const claims = (of ?? "").split(".")[1] ?? "";
    return JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub;
  } catch {
    return null;
  }
}

/**
 * Use another token. If it is another person's, nothing of what the page shows may stay.
 * @param {string} next
 */
function use(next) {
  const now = personOf(next);
  token = next;
  early.clear();
  if (person && now && person !== now) {
    isLeaving = true;
    tell("out");
    // A link that is followed at this moment would cancel it.
    addEventListener("hashchange", () => location.reload());
    location.reload();
    return;
  }
  person = now ?? person;
  signingIn = null;
  signedIn();
  tell("in");
}

/** Find out whether another tab has signed in or out: a page that was asleep isn't told. */
function look() {
  const stored = localStorage.getItem(KEY);
  if (stored === token || isLeaving) return;
  if (stored) use(stored);
  else out();
}

addEventListener("storage", look);
addEventListener("pageshow", look);
addEventListener("offline", noAnswer);
addEventListener("online", () => {
  nextProbe = FIRST_PROBE;
  probe();
});

/** @param {SignedIn} answer */
export function keepToken(answer) {
  localStorage.setItem(KEY, answer.access_token);
  use(answer.access_token);
}

function deviceId() {
  let id = localStorage.getItem(DEVICE_KEY);
  if (!id) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    id = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    localStorage.setItem(DEVICE_KEY, id);
  }
  return id;
}

/**
 * @param {string} username
 * @param {string} password
 * @param {string} [otp] The code of a second factor.
 */
export async function signIn(username, password, otp) {
  const json = { username, password, device: deviceId(), ...(otp ? { otp } : {}) };
  const { data } = await send("POST", "/token", { json });
  keepToken(/** @type {SignedIn} */ (data));
}

/**
 * @param {(options: unknown) => Promise<unknown>} sign Returns what a passkey has signed, or null.
 */
export async function signInWithPasskey(sign) {
  const { data: options } = await send("POST", "/token/passkey/options", {});
  const credential = await sign(options);
  if (!credential) return;
  const json = { credential, device: deviceId() };
  const { data } = await send("POST", "/token/passkey", { json });
  keepToken(/** @type {SignedIn} */ (data));
}

/**
 * Send a request; wait for a new sign-in if the session has expired.
 * @param {string} method
 * @param {string} path
 * @param {Request} [request]
 */
export async function ask(method, path, request = {}) {
  for (;;) {
    look();
    if (isLeaving) return new Promise(() => {});
    const used = token;
    try {
      const asked = method === "GET" ? takeEarly(path, request.query) : undefined;
      return await (asked ?? sendPatiently(method, path, request));
    } catch (problem) {
      // Not when the answer came: that may have been before anyone could be told.
      if (problem instanceof Problem && problem.needs === "setup") tell("factor");
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
      // Another request may have signed in again already.
      if (used !== token && token) continue;
      signingIn ??= new Promise((done) => {
        signedIn = done;
        tell("expired");
      });
      await signingIn;
    }
  }
}

/**
 * Return the answer that was requested early, if it is to the same query. The first request for the
 * path uses or drops it: for a later one it would be old.
 * @param {string} path
 * @param {Query} [query]
 */
function takeEarly(path, query) {
  const found = early.get(path);
  early.delete(path);
  return found?.address === withQuery(path, query) ? found.answer : undefined;
}

/**
 * @template {string} Path
 * @param {Path} path
 * @param {Query} [query]
 * @returns {Promise<Answer<Path>>}
 */
export async function get(path, query) {
  return /** @type {Answer<Path>} */ ((await ask("GET", path, { query })).data);
}

/**
 * @template {string} Path
 * @param {Path} path
 * @param {unknown} [json]
 * @param {Request} [more]
 * @returns {Promise<PostAnswer<Path>>}
 */
export async function post(path, json, more) {
  const asked = { json, ...more };
  const answer = await (ONCE.has(path) ? once(path, asked) : ask("POST", path, asked));
  return /** @type {PostAnswer<Path>} */ (answer.data);
}

/**
 * Send a change with a key, which is the same one if there was no answer to it before.
 * @param {string} path
 * @param {Request} request
 */
async function once(path, request) {
  const what = path + JSON.stringify(request.json);
  const before = unanswered.get(what);
  const isAgain = before && Date.now() - before.at < AGAIN;
  const key = isAgain ? before.key : newKey();
  unanswered.set(what, { key, at: Date.now() });
  try {
    const answer = await ask("POST", path, { ...request, headers: { "idempotency-key": key } });
    unanswered.delete(what);
    return answer;
  } catch (problem) {
    if (problem instanceof Problem && problem.status !== 0) unanswered.delete(what);
    throw problem;
  }
}

/**
 * @param {string} path
 * @param {unknown} json
 * @param {Record<string, string>} [headers]
 */
export const patch = (path, json, headers) => ask("PATCH", path, { json, headers });

/**
 * @param {string} path
 * @param {unknown} json
 */
export const put = (path, json) => ask("PUT", path, { json });

/**
 * Save an answer as a file.
 * @param {string} path
 * @param {Query} [query]
 * @param {unknown} [json] What is too long for an address, which is posted instead.
 */
export async function download(path, query, json) {
  const method = json === undefined ? "GET" : "POST";
  const { data, headers } = await ask(method, path, { query, json, blob: true, patient: true });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(/** @type {Blob} */ (data));
  const disposition = headers.get("content-disposition") ?? "";
  link.download = /filename="([^"]+)"/.exec(disposition)?.[1] ?? "file";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {string} path
 * @param {Query} [query]
 */
function withQuery(path, query = {}) {
  const text = queryText(query);
  return text ? `${path}?${text}` : path;
}

/**
 * Return a query as a text, without its empty values. Several values of a name are repeated.
 * @param {Query} query
 */
export function queryText(query) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== "" && one !== null && one !== undefined) kept.append(name, String(one));
    }
  }
  return kept.toString();
}

/**
 * Send a request, again after a while if it is a large job and the server has no room for it.
 * @param {string} method
 * @param {string} path
 * @param {Request} request
 */
async function sendPatiently(method, path, request) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(method, path, request);
    } catch (problem) {
      const wait = request.patient && problem instanceof Problem && waitOf(problem);
      if (typeof wait !== "number" || tries === TRIES) throw problem;
      tell("busy");
      await new Promise((done) => setTimeout(done, Math.min(wait, LONGEST_WAIT)));
    }
  }
}

/** @param {Problem} problem */
const waitOf = (problem) => (problem.status === 503 ? problem.retryAfter : null);

/**
 * @param {string} method
 * @param {string} path
 * @param {Request} request
 * @returns {Promise<Received>}
 */
async function send(method, path, request) {
  const { query, json, form, headers = {}, blob = false, keepalive = false, timeout } = request;
  let answer;
  try {
    answer = await fetch(url(withQuery(path, query)), {
      method,
      headers: {
        ...(token && !path.startsWith("/token") ? { authorization: `Bearer ${token}` } : {}),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        // What the page asks by itself isn't a use of the session.
        ...(untouchedFor() > QUIET ? { "x-unattended": "1" } : {}),
        ...headers,
      },
      body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
      keepalive,
      signal: timeout ? AbortSignal.timeout(timeout) : undefined,
    });
  } catch {
    return lost();
  }
  // A proxy may have answered instead of the server, in a format of its own.
  const body = answer.ok ? null : await answer.json().catch(() => null);
  const detail = typeof body?.detail === "string" ? body.detail : "";
  if (GONE.has(answer.status) && !detail) return lost();
  const ahead = Date.parse(answer.headers.get("date") ?? "") - Date.now();
  clock = Math.abs(ahead) > CLOCK ? ahead : 0;
  // A probe alone doesn't do that: it may get through where this request never does.
  nextProbe = FIRST_PROBE;
  answered();
  if (!answer.ok) {
    const { headers: told } = answer;
    const needs = told.get("x-second-factor");
    throw new Problem(answer.status, detail, body?.errors, told.get("retry-after"), needs);
  }
  // A broken answer, or one of a network that wants people to sign in first, is none.
  const data = await (blob ? answer.blob() : answer.json()).catch(lost);
  return { data, headers: answer.headers };
}

/** @returns {never} */
function lost() {
  noAnswer();
  throw new Problem(0, "");
}

// Ask for what the first page needs while the other modules still load.
/** @type {[string, Query?][]} */
const first = [["/users/me"], ["/centers/"], ["/choices/"]];
const [, place] = /^#?\/?(?:next\/?)?(?:\?(.*))?$/.exec(location.hash) ?? [null, null];
const DRAFTS = `tofa.draft ${HOME.pathname} `;
const hasSkipped = Object.keys(localStorage).some(
  (key) => key.startsWith(DRAFTS) && key.endsWith(" skipped"),
);
// Without the leads that someone has skipped, which only the page knows.
if (place !== null && !hasSkipped) {
  const view = new URLSearchParams(place).get("view");
  first.push(["/leads/next", { view, limit: 30 }]);
}
for (const [path, query] of token === null ? [] : first) {
  const answer = send("GET", path, { query });
  // The page that uses the answer reports the error.
  answer.catch(() => {});
  early.set(path, { address: withQuery(path, query), answer });
}
// The first date that a browser formats takes it a while, which it has until the other files come.
if (token !== null) setTimeout(() => new Intl.DateTimeFormat().format());
// Another page is shown instead, and what it doesn't ask for at once would be old.
addEventListener("hashchange", () => early.clear());
