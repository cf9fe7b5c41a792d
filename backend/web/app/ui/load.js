// What a page reads from the API, and what it shows while that loads or if it fails.
import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { Problem, get, isReachable, noAnswer, watch } from "../api.js";
import { errorText } from "./form.js";
import { Icon } from "./icon.js";
import { awaitDialog } from "./keys.js";
import { toast } from "./toast.js";
import { t } from "../texts.js";

const RELOADED_KEY = "tofa.reloaded";
/** Milliseconds. */
const RELOAD_EVERY = 60_000;

/**
 * Return what begins a request and returns whether a newer one, which makes it late, has begun.
 * @returns {() => () => boolean}
 */
export function useNewest() {
  const newest = useRef(0);
  return useCallback(() => {
    const own = (newest.current += 1);
    return () => newest.current !== own;
  }, []);
}

/**
 * Read the answer to a GET, again when its address changes. Until then the old answer stays.
 * @template {string} Path
 * @param {Path | null} path null: there is nothing to read.
 * @param {import("../api.js").Query} [query]
 * @returns {Loading<Answer<Path>>}
 */
export function useLoad(path, query) {
  const [state, set] = useState(
    /** @type {{ data: Answer<Path> | null, problem: Error | null }} */ ({
      data: null,
      problem: null,
    }),
  );
  const address = JSON.stringify([path, query]);
  const begin = useNewest();
  const again = useCallback(async () => {
    if (path === null) return;
    const isLate = begin();
    try {
      const data = await get(path, query);
      if (!isLate()) set({ data, problem: null });
    } catch (found) {
      const problem = found instanceof Error ? found : new Error(String(found));
      if (!isLate()) set((now) => ({ data: now.data, problem }));
    }
  }, [address]);
  // An answer that is there already is drawn at once, without a frame that says it is loading.
  useLayoutEffect(() => void again(), [address]);
  useOnline(state.problem, again);
  /** @param {Answer<Path>} data */
  const change = (data) => {
    // What is still on its way is of before.
    begin();
    set({ data, problem: null });
  };
  return { ...state, again, change };
}

/**
 * Try again once the server can be reached, if it couldn't be.
 * @param {unknown} problem
 * @param {() => unknown} again
 */
export function useOnline(problem, again) {
  const isOffline = problem instanceof Problem && problem.status === 0;
  useEffect(() => {
    if (!isOffline) return undefined;
    // An effect comes late: the server may have answered since.
    if (isReachable()) again();
    return watch((change) => change === "online" && again());
  }, [isOffline, again]);
}

/**
 * Do something once the server can be reached, after a file couldn't be loaded from it.
 * @param {() => unknown} action
 */
export function onceOnline(action) {
  noAnswer();
  const stop = watch((change) => {
    if (change !== "online") return;
    stop();
    action();
  });
}

/**
 * Reload the page once the server can be reached: a browser remembers that a module failed to load.
 * Drafts survive it. A module that fails again right away is left to the person.
 */
export function reloadOnline() {
  const last = Number(sessionStorage.getItem(RELOADED_KEY));
  if (Date.now() - last < RELOAD_EVERY) return;
  onceOnline(() => {
    sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
    location.reload();
  });
}

/**
 * Return the answer to a request that is sent once, such as a POST that only reads.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {string} key It is sent again when this changes.
 * @returns {{ data: T | null, problem: Error | null }}
 */
export function useAnswer(ask, key) {
  const [state, set] = useState(
    /** @type {{ data: T | null, problem: Error | null }} */ ({ data: null, problem: null }),
  );
  useEffect(() => {
    ask().then(
      (data) => set({ data, problem: null }),
      (problem) => set({ data: null, problem }),
    );
  }, [key]);
  return state;
}

/** @param {{ data: unknown, problem: Error | null }} from */
export const isSettled = (from) => from.data !== null || from.problem !== null;

/**
 * Return a dialog whose module loads when it is first opened. Until then no shortcut is taken.
 * @param {() => Promise<object>} load
 * @param {string} name What the module calls it.
 */
export const lazyDialog = (load, name) => lazy(load, name, true);

/**
 * Return a component whose module loads when it is first drawn. Until then its `link` is shown.
 * @param {() => Promise<object>} load
 * @param {string} name What the module calls it.
 * @param {boolean} isDialog
 */
export function lazy(load, name, isDialog = false) {
  /** @param {{ link?: Child }} props */
  return function Lazy(props) {
    const [component, set] = useState(/** @type {object | null} */ (null));
    const [isLost, setLost] = useState(false);
    // Until the dialog is drawn, and no longer than there is hope for it.
    const isAwaited = isDialog && !component && !isLost;
    useLayoutEffect(() => (isAwaited ? awaitDialog() : undefined), [isAwaited]);
    useEffect(() => {
      load().then(
        (module) => set(() => /** @type {Record<string, object>} */ (module)[name] ?? null),
        () => {
          setLost(true);
          toast(t("error.offline"), { wrong: true });
          reloadOnline();
        },
      );
    }, []);
    return component ? html`<${component} ...${props} />` : props.link;
  };
}

/**
 * Draw what is loaded, or say that it is loading or what went wrong.
 * @template T
 * @param {Loading<T>} from
 * @param {(data: T) => Child} draw
 * @param {Child} [back] The way out, if what is wanted doesn't exist.
 */
export function loaded(from, draw, back) {
  if (from.data !== null) return draw(from.data);
  return from.problem ? failed(from.problem, from.again, back) : waiting();
}

export const waiting = () => html`<div class="empty quiet" aria-busy="true">${t("loading")}</div>`;

/**
 * @param {Error} problem
 * @param {() => void} again
 * @param {Child} [back]
 */
export function failed(problem, again, back) {
  // What no id can be is that of nothing, too.
  const isMissing =
    problem instanceof Problem && (problem.status === 404 || "id" in problem.fields);
  return html`<div class="empty" role="alert">
    <p>${isMissing ? t("error.not_found") : errorText(problem)}</p>
    <button onClick=${again}>${t("action.retry")}</button>${isMissing && back}
  </div>`;
}

/** @param {{ title: string, icon?: string, children?: Child }} props */
export function Empty({ title, icon, children }) {
  return html`<div class="empty">${icon && html`<${Icon} name=${icon} size=${26} />`}
    <h2>${title}</h2>${children}</div>`;
}
