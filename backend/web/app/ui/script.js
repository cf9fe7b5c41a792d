// Scripts and style sheets that are loaded when a page needs them, once.

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/**
 * Load a library that isn't a module, and return the global that it defines.
 * @template {"uPlot" | "Sortable"} Name
 * @param {string} src
 * @param {Name} name
 * @returns {Promise<NonNullable<Window[Name]>>}
 */
export const script = (src, name) =>
  once(src, Object.assign(document.createElement("script"), { src })).then(
    () => /** @type {NonNullable<Window[Name]>} */ (window[name]),
  );

/** @param {string} href */
export const styleSheet = (href) =>
  once(href, Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

/**
 * @param {string} address
 * @param {HTMLElement} element
 */
function once(address, element) {
  const before = loaded.get(address);
  if (before) return before;
  /** @type {Promise<void>} */
  const loading = new Promise((done, failed) => {
    element.onload = () => done();
    element.onerror = () => {
      loaded.delete(address);
      element.remove();
      failed(new Error(`Can't load ${address}`));
    };
  });
  loaded.set(address, loading);
  document.head.append(element);
  return loading;
}
