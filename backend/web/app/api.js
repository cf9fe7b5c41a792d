// The one way to the API. A session that ends asks for the password over the page, and goes on.

const KEY = "tofa.token";
/** @type {Map<string, Promise<{ data: any, headers: Headers }>>}  answers that were asked for early */
const early = new Map();
const watchers = new Set();
let token = localStorage.getItem(KEY);
/** @type {Promise<void> | null} */
let signing = null;
let signed = () => {};

/**
 * What the server says no with: a sentence. `status` is 0 where there was no answer at all.
 * @typedef {{ type: string, loc: (string | number)[], msg: string }} Fault
 */
export class Problem extends Error {
  /** @param {number} status @param {string} detail @param {Fault[]} faults */
  constructor(status, detail, faults = []) {
    super(detail);
    this.status = status;
    /** The name of each field that is wrong, and how to fix it; "" for what is wrong beside them. */
    this.fields = Object.fromEntries(
      faults.map(({ loc, msg }) => [String(loc[1] ?? ""), msg]).reverse(),
    );
  }
}

export const isSignedIn = () => token !== null;
/** Tells of every change: `in`, `out`, `expired`, `offline`, `online`. */
export function watch(told) {
  watchers.add(told);
  return () => watchers.delete(told);
}
const tell = (what) => watchers.forEach((told) => told(what));

export function signOut() {
  token = null;
  early.clear();
  localStorage.removeItem(KEY);
  tell("out");
}

/** Another tab has signed in or out. */
addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  token = event.newValue;
  early.clear();
  if (token) finish();
  else tell("out");
});
addEventListener("offline", () => tell("offline"));
addEventListener("online", () => tell("online"));

function finish() {
  signing = null;
  signed();
  tell("in");
}

export function keep(answer) {
  token = answer.access_token;
  early.clear();
  localStorage.setItem(KEY, token);
  finish();
}

export async function signIn(username, password) {
  keep((await send("POST", "/token", { json: { username, password } })).data);
}

/**
 * @typedef {{ query?: object, json?: unknown, form?: FormData, headers?: Record<string, string>,
 *   blob?: boolean }} Request  `blob`: the answer is a file
 *
 * @param {string} method
 * @param {string} path
 * @param {Request} [more]
 */
export async function ask(method, path, more = {}) {
  for (;;) {
    const used = token;
    try {
      const address = method === "GET" ? withQuery(path, more.query) : "";
      const asked = early.get(address);
      early.delete(address);
      return await (asked ?? send(method, path, more));
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      // Another request may have signed in anew meanwhile.
      if (used !== token && token) continue;
      signing ??= new Promise((done) => {
        signed = done;
        tell("expired");
      });
      await signing;
    }
  }
}

export const get = async (path, query) => (await ask("GET", path, { query })).data;
export const post = async (path, json) => (await ask("POST", path, { json })).data;
export const patch = async (path, json) => (await ask("PATCH", path, { json })).data;

/** Saves an answer as a file. */
export async function download(path, query) {
  const { data, headers } = await ask("GET", path, { query, blob: true });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = /filename="([^"]+)"/.exec(headers.get("content-disposition"))?.[1] ?? "file";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function withQuery(path, query) {
  const kept = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value != null);
  return kept.length ? `${path}?${new URLSearchParams(kept)}` : path;
}

/** @param {string} method @param {string} path @param {Request} more */
async function send(method, path, { query, json, form, headers = {}, blob = false }) {
  let answer;
  try {
    answer = await fetch(withQuery(path, query), {
      method,
      headers: {
        ...(token && path !== "/token" ? { authorization: `Bearer ${token}` } : {}),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
    });
  } catch {
    tell("offline");
    throw new Problem(0, "");
  }
  tell("online");
  if (!answer.ok) {
    // Something else may have answered, such as a proxy, and in a form of its own.
    const told = await answer.json().catch(() => null);
    const detail = typeof told?.detail === "string" ? told.detail : "";
    throw new Problem(answer.status, detail, told?.errors ?? []);
  }
  const data = blob ? await answer.blob() : await answer.json();
  return { data, headers: answer.headers };
}

// What the first page asks for in any case is under way while the rest of the page still comes: this
// module needs no other, and so runs before them.
const isNext = /^#?\/?(next\b.*)?$/.test(location.hash);
const first = ["/users/me", "/centers/", ...(isNext ? ["/leads/next?limit=30"] : [])];
for (const path of token === null ? [] : first) {
  const asked = send("GET", path, {});
  // Whoever takes it sees what went wrong.
  asked.catch(() => {});
  early.set(path, asked);
}
