// What a page reads from the API, and what it shows until then, and where that fails.
import { html, useCallback, useEffect, useRef, useState } from "../html.js";
import { get } from "../api.js";
import { said } from "./form.js";
import { Icon } from "./icon.js";
import { toast } from "./toast.js";
import { t } from "../words.js";

/**
 * The answer to a GET, read anew when the address changes and by `again()`; until then the one before.
 * @param {string} path
 * @param {object} [query]
 */
export function useLoad(path, query) {
  const [state, set] = useState({ data: null, problem: null });
  const address = JSON.stringify([path, query]);
  const wanted = useRef(address);
  wanted.current = address;
  const again = useCallback(async () => {
    // An answer may come late, when something else is wanted by now.
    const late = () => wanted.current !== address;
    try {
      const data = await get(path, query);
      if (!late()) set({ data, problem: null });
    } catch (problem) {
      if (!late()) set((now) => ({ data: now.data, problem }));
    }
  }, [address]);
  useEffect(() => {
    again();
  }, [address]);
  const change = (data) => set({ data, problem: null });
  return { ...state, again, change };
}

/**
 * A component whose module is loaded when it is drawn first.
 * @param {() => Promise<Record<string, any>>} load @param {string} name
 */
export function lazy(load, name) {
  return function Lazy(props) {
    const [component, set] = useState(null);
    useEffect(() => {
      load().then((module) => set(() => module[name]), () => toast(t("offline.failed"), { wrong: true }));
    }, []);
    return component ? html`<${component} ...${props} />` : null;
  };
}

/** Waits for what is loaded, or says what went wrong. */
export function Loaded({ from, children }) {
  if (from.data !== null) return children(from.data);
  if (from.problem) {
    return html`<div class="empty" role="alert">
      <p>${from.problem.status === 404 ? t("gone") : said(from.problem)}</p>
      <button onClick=${from.again}>${t("again")}</button>
    </div>`;
  }
  return html`<div class="empty quiet" aria-busy="true">${t("loading")}</div>`;
}

export function Empty({ title, icon, children }) {
  return html`<div class="empty">${icon && html`<${Icon} name=${icon} size=${26} />`}
    <h2>${title}</h2>${children}</div>`;
}
