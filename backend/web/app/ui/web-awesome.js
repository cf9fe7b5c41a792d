// Web Awesome's dialog and menu: loaded after the first paint, or earlier if one is opened.
import { file, useCallback, useEffect, useState } from "../html.js";

/** @typedef {"dialog" | "menu"} Part */

const FOLDER = file("vendor/webawesome/components");
/** @type {Record<Part, string[]>} */
const FILES = {
  dialog: ["dialog/dialog"],
  menu: ["dropdown/dropdown", "dropdown-item/dropdown-item"],
};
/** @type {Record<string, string>} The icons that its components draw, as files of Lucide's. */
const ICONS = { "xmark": "x", "check": "check", "chevron-right": "chevron-right" };
/** @type {Map<Part, Promise<unknown>>} */
const loading = new Map();
/** @type {Set<Part>} */
const ready = new Set();

/** Replace its icons, which are `data:` or remote addresses: the page's policy allows neither. */
async function registerIcons() {
  const { registerIconLibrary } = await import(`${FOLDER}/icon/library.js`);
  /** @param {string} name */
  const resolver = (name) => (ICONS[name] ? file(`vendor/lucide/${ICONS[name]}.svg`) : "");
  for (const library of ["system", "default"]) registerIconLibrary(library, { resolver });
}

/**
 * Load a part. It fails without a connection, and can be tried again.
 * @param {Part} name
 */
export function load(name) {
  const before = loading.get(name);
  if (before) return before;
  const all = registerIcons()
    .then(() => Promise.all(FILES[name].map((one) => import(`${FOLDER}/${one}.js`))))
    .then(
      () => ready.add(name),
      (problem) => {
        loading.delete(name);
        throw problem;
      },
    );
  loading.set(name, all);
  return all;
}

/**
 * Return whether a part is loaded, and a function that loads it and says whether that worked.
 * @param {Part} name
 * @returns {[boolean, () => Promise<boolean>]}
 */
export function useWebAwesome(name) {
  const [isReady, setReady] = useState(ready.has(name));
  const want = useCallback(
    () =>
      load(name).then(
        () => {
          setReady(true);
          return true;
        },
        () => false,
      ),
    [name],
  );
  useEffect(() => {
    if (isReady) return undefined;
    want();
    addEventListener("online", want);
    return () => removeEventListener("online", want);
  }, [isReady]);
  return [isReady, want];
}

/** Load every part once something is painted and the browser is idle. */
export function preload() {
  const idle = window.requestIdleCallback ?? setTimeout;
  // A part that fails to load is loaded again when it is needed.
  const all = () => {
    for (const name of /** @type {Part[]} */ (["dialog", "menu"])) load(name).catch(() => {});
  };
  new PerformanceObserver((list, observer) => {
    if (list.getEntriesByName("first-contentful-paint").length === 0) return;
    observer.disconnect();
    idle(all);
  }).observe({ type: "paint", buffered: true });
}
