// A long list of which only what is in sight is in the page, and which is read as one comes to it.
import { html, useCallback, useEffect, useRef, useState } from "../html.js";
import { get } from "../api.js";

/** Rows that are drawn above and below what is in sight. */
const AROUND = 12;

/**
 * The pages of a list, one after the other: `leads`, `more()`, `problem`, `ended`, `again()`.
 * @param {object} query
 */
export function usePages(query) {
  const address = JSON.stringify(query);
  const [state, set] = useState({ address: "", leads: [], next: undefined, problem: null });
  const busy = useRef("");
  const read = useCallback(async (after, before) => {
    const mark = `${address}|${after}`;
    if (busy.current === mark) return;
    busy.current = mark;
    try {
      const page = await get("/leads/", { ...query, limit: 100, after });
      if (busy.current !== mark) return;
      set({ address, leads: [...before, ...page.leads], next: page.next, problem: null });
    } catch (problem) {
      if (busy.current === mark) set({ address, leads: before, next: after, problem });
    }
    if (busy.current === mark) busy.current = "";
  }, [address]);
  const again = useCallback(() => read(undefined, []), [read]);
  useEffect(() => { again(); }, [address]);
  const more = () => {
    if (state.address === address && state.next && !state.problem) read(state.next, state.leads);
  };
  return { ...state, fresh: state.address === address, ended: state.next === null, more, again };
}

/**
 * @param {{ items: object[], height: number, at: number, onEnd: () => void, row: Function,
 *   ended: boolean }} props  `at` stays in sight; `onEnd`: more is wanted, unless it has ended
 */
export function Rows({ items, height, at, onEnd, row, ended }) {
  const own = useRef(null);
  const [first, setFirst] = useState(0);
  const [many, setMany] = useState(30);
  const look = () => {
    const { scrollTop, clientHeight } = own.current;
    setFirst(Math.max(0, Math.floor(scrollTop / height) - AROUND));
    setMany(Math.ceil(clientHeight / height) + 2 * AROUND);
    if (scrollTop + clientHeight * 3 > items.length * height) onEnd();
  };
  useEffect(look, [items.length]);
  useEffect(() => {
    const top = at * height;
    const box = own.current;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + height > box.scrollTop + box.clientHeight) {
      box.scrollTop = top + height - box.clientHeight;
    }
  }, [at]);
  const shown = items.slice(first, first + many);
  return html`<div class="rows" ref=${own} onScroll=${look} role="rowgroup" tabindex="0"
      aria-busy=${items.length === 0}>
    <div style=${{ height: `${items.length * height}px` }}>
      <div style=${{ transform: `translateY(${first * height}px)` }}>
        ${shown.map((item, index) => row(item, first + index))}
      </div>
    </div>
    ${!ended && html`<div class="quiet pad">…</div>`}
  </div>`;
}
