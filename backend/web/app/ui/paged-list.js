// Lists that are read page by page: leads, imports and their rows, deliveries, events, …
import { html, useCallback, useLayoutEffect, useRef, useState } from "../html.js";
import { ask } from "../api.js";
import { errorText } from "./form.js";
import { failed, useNewest, useOnline, waiting } from "./load.js";
import { t } from "../texts.js";

/**
 * Describe a list whose pages are plain arrays. It has another page if this one is full.
 * @template Item
 * @param {string} path
 * @param {number} limit
 * @param {(last: Item) => Record<string, string | number>} cursor The query for what comes after.
 * @returns {PageSource<Item, Item[]>}
 */
export function arrays(path, limit, cursor) {
  return {
    path,
    limit,
    items: (page) => page,
    next: (page) => {
      const last = page.at(-1);
      return last !== undefined && page.length === limit ? cursor(last) : null;
    },
  };
}

/**
 * Read a list page by page. When the query changes, the old items stay until the new ones arrive;
 * an answer that is no longer wanted is dropped. A list that was `left` begins as it was, and is
 * read as far as that again.
 * @template Item, Page
 * @param {PageSource<Item, Page>} source
 * @param {import("../api.js").Query} [query]
 * @param {{ items: Item[], next: Record<string, string | number> | null } | null} [left]
 * @returns {PagedList<Item, Page>}
 */
export function usePages(source, query = {}, left = null) {
  const address = JSON.stringify([source.path, query]);
  const [state, set] = useState({
    address: left ? address : "",
    items: left?.items ?? /** @type {Item[]} */ ([]),
    page: /** @type {Page | null} */ (null),
    next: left?.next ?? null,
    problem: /** @type {Error | null} */ (null),
    reads: 0,
  });
  /** How many items to read at first. */
  const least = useRef(left?.items.length ?? 0);
  const [isBusy, setBusy] = useState(true);
  const begin = useNewest();
  // What was changed here since the newest request: its answer may be of before.
  const changes = useRef(/** @type {((items: Item[]) => Item[])[]} */ ([]));
  const read = useCallback(
    async (/** @type {Record<string, string | number> | null} */ cursor) => {
      const isLate = begin();
      changes.current = [];
      setBusy(true);
      /** @param {(now: typeof state) => typeof state} change */
      const finish = (change) => {
        if (isLate()) return;
        set(change);
        setBusy(false);
      };
      try {
        /** @type {Item[]} */
        const items = [];
        let next = cursor;
        for (;;) {
          const all = { ...query, limit: source.limit, ...next };
          const { data, headers } = await ask("GET", source.path, { query: all });
          const page = /** @type {Page} */ (data);
          items.push(...source.items(page));
          next = source.next(page, headers);
          if (next && items.length < least.current) continue;
          least.current = 0;
          finish((now) => ({
            address,
            items: changes.current.reduce(
              (changed, change) => change(changed),
              [...(cursor ? now.items : []), ...items],
            ),
            page,
            next,
            problem: null,
            reads: now.reads + (cursor ? 0 : 1),
          }));
          return;
        }
      } catch (found) {
        const problem = found instanceof Error ? found : new Error(String(found));
        finish((now) => ({ ...now, problem }));
      }
    },
    [address],
  );
  const again = useCallback(() => read(null), [read]);
  // An answer that is there already is drawn at once, without a frame that says it is loading.
  useLayoutEffect(() => {
    again();
    // Ignore responses that are still on their way.
    return () => void begin();
  }, [address]);
  useOnline(state.problem, again);
  const isFresh = state.address === address;
  const more = () => {
    if (isFresh && state.next && !isBusy) read(state.next);
  };
  /** @param {(items: Item[]) => Item[]} next It may be done twice. */
  const change = (next) => {
    changes.current.push(next);
    set((now) => ({ ...now, items: next(now.items) }));
  };
  const { items, page, next, problem, reads } = state;
  return {
    items,
    page,
    next,
    problem,
    reads,
    isFresh,
    isBusy,
    hasMore: next !== null,
    more,
    again,
    change,
  };
}

/**
 * Draw the items of a list and a button for more, or say that it is loading or what went wrong.
 * @template Item, Page
 * @param {PagedList<Item, Page>} list
 * @param {(items: Item[]) => Child} draw
 */
export function pages(list, draw) {
  if (list.page === null) return list.problem ? failed(list.problem, list.again) : waiting();
  return html`${draw(list.items)}<${More} list=${list} />`;
}

/**
 * The button that reads another page, and what went wrong with the last one.
 * @param {{ list: PagedList<unknown, unknown> }} props
 */
export function More({ list }) {
  const { problem, hasMore, isBusy, isFresh } = list;
  const retry = hasMore && isFresh ? list.more : list.again;
  return html`${
    problem &&
    html`<p class="wrong" role="alert">${errorText(problem)}
      <button onClick=${retry}>${t("action.retry")}</button></p>`
  }
    ${
      hasMore &&
      !problem &&
      html`<button disabled=${isBusy} onClick=${list.more}>
      ${t("action.show_more")}</button>`
    }`;
}
