// Scripts and style sheets that are loaded when a page needs them, once; without a connection, as
// soon as there is one.
import { onceOnline } from "./load.js";

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Load a library that isn't a module, and return the global that it defines.
 * @param {string} src
 * @param {"uPlot"} name
 */
export const script = (src, name) =>
  once(src, () => Object.assign(document.createElement("script"), { src })).then(
    () => /** @type {NonNullable<Window["uPlot"]>} */ (window[name]),
  );

/** @param {string} href */
export const styleSheet = (href) =>
  once(href, () => Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

/**
 * @param {string} address
 * @param {() => HTMLElement} make
 */
function once(address, make) {
  const before = loaded.get(address);
  if (before) return before;
  /** @type {Promise<void>} */
  const loading = new Promise((done) => {
    const begin = () => {
      const element = make();
      element.onload = () => done();
      element.onerror = () => {
        element.remove();
        onceOnline(begin);
      };
      document.head.append(element);
    };
    begin();
  });
  loaded.set(address, loading);
  return loading;
}
