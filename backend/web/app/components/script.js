// Libraries that are no modules: loaded once, when a page needs them.
const loaded = new Map();

/** @param {string} src @param {string} name  the name by which the library is known */
export function script(src, name) {
  if (!loaded.has(src)) {
    loaded.set(src, new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = src;
      element.onload = () => done(window[name]);
      element.onerror = () => { loaded.delete(src); failed(new Error(src)); };
      document.head.append(element);
    }));
  }
  return loaded.get(src);
}
