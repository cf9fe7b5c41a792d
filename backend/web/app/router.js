// The address after the `#`, such as `#/leads?status=New`. It says what a page shows, so that the
// page can be bookmarked and shared.
import { useLayoutEffect, useState } from "./html.js";

/**
 * @typedef {{ path: string[], query: Record<string, string> }} Place
 * @typedef {Record<string, string | number | null | undefined>} Query
 */

/**
 * Return a part of an address without its escapes; one that was cut off within them as it is.
 * @param {string} part
 */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @returns {Place} */
export function currentPlace() {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/**
 * Return the address of a page, without the empty values of its query.
 * @param {string} path
 * @param {Query} [query]
 */
export function address(path, query = {}) {
  /** @type {[string, string][]} */
  const kept = [];
  for (const [name, value] of Object.entries(query)) {
    if (value !== "" && value !== null && value !== undefined) kept.push([name, String(value)]);
  }
  const text = new URLSearchParams(kept).toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

/**
 * @param {string} path
 * @param {Query} [query]
 */
export function go(path, query) {
  location.hash = address(path, query);
}

/**
 * Change the address without adding a step to the browser's history.
 * @param {string} path
 * @param {Query} [query]
 */
export function replace(path, query) {
  history.replaceState(null, "", address(path, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function usePlace() {
  const [now, set] = useState(currentPlace);
  // Before anything else can change it, such as an answer that is there already.
  useLayoutEffect(() => {
    const changed = () => set(currentPlace());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return now;
}
