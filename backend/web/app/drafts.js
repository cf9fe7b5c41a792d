// What someone has typed and not saved yet, kept in this browser for them alone: nobody else who
// signs in here gets to see it. A draft is removed when it is saved, or after some days.

/** Installations that share a host keep their drafts apart. */
const START = `tofa.draft ${new URL(".", document.baseURI).pathname} `;
const DAY = 86_400_000;
/** How long a draft is kept, in milliseconds. */
const KEEP = 7 * DAY;
/** What the names of copies start with: what the call queue shows without a network, for a day. */
const COPY = "copy/";
/** What the names of changes start with that wait to be sent, and how long they may. */
export const SEND = "send/";
const KEEP_WAITING = 30 * DAY;
/** The event of a draft that has begun or is gone. */
export const CHANGED = "tofa-draft";
/** The event of a change that waited and was sent; `detail` is the id of its lead. */
export const SENT = "tofa-sent";

/**
 * `title` says what the draft is about, `more` is what a form needs to go on.
 * @typedef {{ values: Record<string, unknown>, title?: string, more?: unknown }} Content
 * @typedef {Content & { name: string, at: number }} Draft
 * @typedef {{ name: string, title?: string, more?: () => unknown }} DraftOf
 */

/**
 * A change of a lead that waits to be sent. `version` is the lead's that was shown. `state` says
 * that a person must decide: the lead has changed, or the server has refused it for good, which
 * `told` says. `draft` is the form that it came from.
 * @typedef {{ lead: number, key: string, at: string, method: string, path: string,
 *   json: Record<string, unknown>, version: number, draft: Content & { name: string },
 *   state?: "changed" | "refused", told?: string }} Change
 * @typedef {Draft & { values: Change }} Waiting
 */

/** The keys of this person start so; nobody has drafts until it is known who is signed in. */
let own = "";

/** @param {string} key */
const nameOf = (key) => key.slice(key.indexOf(" ", START.length) + 1);

/**
 * Use the drafts of one person from now on, or nobody's. Old ones of everyone are removed, and the
 * copies of everyone else.
 * @param {number | null} id
 */
export function openDrafts(id) {
  own = id === null ? "" : `${START}${id} `;
  for (const key of Object.keys(localStorage).filter((one) => one.startsWith(START))) {
    const isOthers = nameOf(key).startsWith(COPY) && !(own && key.startsWith(own));
    if (isOthers || !parse(key)) localStorage.removeItem(key);
  }
}

/**
 * Return the session that was copied here for the person with an email, to open without a network.
 * @param {string} email
 * @returns {{ me: Me, centers: Center[], choices: ChoiceLists } | undefined}
 */
export const keptSession = (email) =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith(START) && nameOf(key) === "copy/session")
    .map((key) => /** @type {any} */ (parse(key)?.values))
    .find((values) => values?.me.email === email);

/**
 * @param {string} key
 * @returns {Draft | null}
 */
function parse(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "");
    const name = nameOf(key);
    const keep = name.startsWith(SEND) ? KEEP_WAITING : name.startsWith(COPY) ? DAY : KEEP;
    return Date.now() - found.at < keep && found.values ? { ...found, name } : null;
  } catch {
    return null;
  }
}

/** @param {string | undefined} name */
export const readDraft = (name) => (own && name ? parse(own + name) : null);

/**
 * Keep a draft; null removes it.
 * @param {string} name
 * @param {Content | null} content
 */
export function writeDraft(name, content) {
  if (!own) return;
  const key = own + name;
  const isNew = localStorage.getItem(key) === null;
  try {
    if (content) localStorage.setItem(key, JSON.stringify({ ...content, at: Date.now() }));
    else localStorage.removeItem(key);
    if (isNew === (content !== null)) dispatchEvent(new Event(CHANGED));
  } catch {
    // The browser's storage is full: what was typed is still on the page.
  }
}

const ownKeys = () => Object.keys(own ? localStorage : {}).filter((key) => key.startsWith(own));

/** Return this person's drafts that have a title, the newest first. */
export const listDrafts = () =>
  ownKeys()
    .flatMap((key) => parse(key) ?? [])
    .filter((one) => one.title)
    .sort((one, other) => other.at - one.at);

/** Return this person's changes that wait to be sent, in order. */
export const listWaiting = () =>
  ownKeys()
    .filter((key) => key.startsWith(own + SEND))
    .sort()
    .flatMap((key) => /** @type {Waiting} */ (parse(key)) ?? []);

export function forgetDrafts() {
  for (const key of ownKeys()) localStorage.removeItem(key);
}
