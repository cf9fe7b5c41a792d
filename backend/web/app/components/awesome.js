// Web Awesome's components: loaded once the first page is painted, or when one is wanted before that.
import { file, useCallback, useEffect, useState } from "../html.js";

const HOME = file("vendor/webawesome/components");
const FILES = {
  dialog: ["dialog/dialog"],
  menu: ["dropdown/dropdown", "dropdown-item/dropdown-item"],
};
/** The few signs that its components draw themselves, as the files that are here. */
const SIGNS = { xmark: "x", check: "check", "chevron-right": "chevron-right" };
const loading = new Map();
const ready = new Set();

/** Its own icons come as `data:` or from another host, and the page's policy allows neither. */
async function icons() {
  const { registerIconLibrary } = await import(`${HOME}/icon/library.js`);
  const resolver = (name) => (SIGNS[name] ? file(`vendor/lucide/${SIGNS[name]}.svg`) : "");
  for (const library of ["system", "default"]) registerIconLibrary(library, { resolver });
}

/** @param {string} name  `dialog` or `menu`;  fails when there is no connection; may be tried again */
export function load(name) {
  if (!loading.has(name)) {
    const all = icons().then(() => Promise.all(FILES[name].map((one) => import(`${HOME}/${one}.js`))));
    loading.set(name, all.then(() => ready.add(name), (problem) => {
      loading.delete(name);
      throw problem;
    }));
  }
  return loading.get(name);
}

/**
 * Whether a component is there, and what asks for it once more: `[ready, want]`. `want` tells whether
 * it could be had.
 * @returns {[boolean, () => Promise<boolean>]}
 */
export function useAwesome(name) {
  const [is, set] = useState(ready.has(name));
  const want = useCallback(
    () => load(name).then(() => { set(true); return true; }, () => false), [name]);
  useEffect(() => {
    if (is) return undefined;
    want();
    addEventListener("online", want);
    return () => removeEventListener("online", want);
  }, [is]);
  return [is, want];
}

/** Loads them all once something is painted and the browser has nothing better to do. */
export function preload() {
  const idle = window.requestIdleCallback ?? setTimeout;
  // Without a connection each is asked for again when it is wanted.
  const all = () => Object.keys(FILES).forEach((name) => load(name).catch(() => {}));
  new PerformanceObserver((list, observer) => {
    if (list.getEntriesByName("first-contentful-paint").length === 0) return;
    observer.disconnect();
    idle(all);
  }).observe({ type: "paint", buffered: true });
}
