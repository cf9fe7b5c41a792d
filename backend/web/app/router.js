// The address after the `#`: `#/leads?status=New`. It holds what a page shows, so that it can be shared.
import { useEffect, useState } from "./html.js";

/** @typedef {{ path: string[], query: Record<string, string> }} Place */

/** @returns {Place} */
export function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The address of a page; what is empty is left out. */
export function address(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const text = new URLSearchParams(kept).toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

export function go(path, query) {
  location.hash = address(path, query);
}

/** Says it another way, without a step back in the browser's history. */
export function replace(path, query) {
  history.replaceState(null, "", address(path, query));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function usePlace() {
  const [now, set] = useState(place);
  useEffect(() => {
    const changed = () => set(place());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return now;
}
