// Libraries that are no modules, and their styles: loaded once, when a page needs them.
const loaded = new Map();

/** @param {string} src @param {string} name  the name by which the library is known */
export const script = (src, name) => once(src, "script", { src }).then(() => window[name]);

/** @param {string} href */
export const stylesheet = (href) => once(href, "link", { rel: "stylesheet", href });

function once(address, kind, given) {
  if (!loaded.has(address)) {
    loaded.set(address, /** @type {Promise<void>} */ (new Promise((done, failed) => {
      const element = Object.assign(document.createElement(kind), given);
      element.onload = () => done();
      element.onerror = () => {
        loaded.delete(address);
        element.remove();
        failed(new Error(address));
      };
      document.head.append(element);
    })));
  }
  return loaded.get(address);
}
