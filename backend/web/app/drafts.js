// What someone has typed and not saved yet, kept in this browser for them alone: nobody else who
// signs in here gets to see it. A draft is removed when it is saved, or after some days.

/** Installations that share a host keep their drafts apart. */
const START = `tofa.draft ${new URL(".", document.baseURI).pathname} `;
/** How long a draft is kept, in milliseconds. */
const KEEP = 7 * 86_400_000;
/** The event of a draft that has begun or is gone. */
export const CHANGED = "tofa-draft";

/**
 * `title` says what the draft is about, `more` is what a form needs to go on.
 * @typedef {{ values: Record<string, unknown>, title?: string, more?: unknown }} Content
 * @typedef {Content & { name: string, at: number }} Draft
 * @typedef {{ name: string, title?: string, more?: () => unknown }} DraftOf
 */

/** The keys of this person start so; nobody has drafts until it is known who is signed in. */
let own = "";

/**
 * Use the drafts of one person from now on, or nobody's. Old ones of everyone are removed.
 * @param {number | null} id
 */
export function openDrafts(id) {
  own = id === null ? "" : `${START}${id} `;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(START) && !parse(key)) localStorage.removeItem(key);
  }
}

/**
 * @param {string} key
 * @returns {Draft | null}
 */
function parse(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "");
    const name = key.slice(own.length);
    return Date.now() - found.at < KEEP && found.values ? { ...found, name } : null;
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

/** Return this person's drafts that have a title, the newest first. */
export const listDrafts = () =>
  Object.keys(own ? localStorage : {})
    .filter((key) => key.startsWith(own))
    .flatMap((key) => parse(key) ?? [])
    .filter((one) => one.title)
    .sort((one, other) => other.at - one.at);

export function forgetDrafts() {
  for (const key of Object.keys(own ? localStorage : {})) {
    if (key.startsWith(own)) localStorage.removeItem(key);
  }
}
