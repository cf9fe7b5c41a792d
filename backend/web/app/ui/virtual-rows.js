// A long list that draws only the rows in sight, and asks for more as the end comes near.
import { html, useEffect, useRef, useState } from "../html.js";

/** How many rows are drawn above and below those in sight. */
const AROUND = 12;

/**
 * @param {{ items: LeadRow[], height: number, at: number, onEnd: () => void, hasMore: boolean,
 *   row: (item: LeadRow, index: number) => Child, top?: number }} props `height` of a row in
 *   pixels;
 *   the row `at` stays in sight; `top` is how far it's scrolled at first, in pixels.
 */
export function VirtualRows({ items, height, at, onEnd, hasMore, row, top: firstTop = 0 }) {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const [first, setFirst] = useState(Math.max(0, at - AROUND));
  const [many, setMany] = useState(30);
  const look = () => {
    if (!own.current) return;
    const { scrollTop, clientHeight } = own.current;
    setFirst(Math.max(0, Math.floor(scrollTop / height) - AROUND));
    setMany(Math.ceil(clientHeight / height) + 2 * AROUND);
    if (scrollTop + clientHeight * 3 > items.length * height) onEnd();
  };
  useEffect(() => {
    if (firstTop && own.current) own.current.scrollTop = firstTop;
  }, []);
  useEffect(look, [items.length]);
  useEffect(() => {
    const box = own.current;
    if (!box) return;
    const top = at * height;
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
    ${hasMore && html`<div class="quiet pad">…</div>`}
  </div>`;
}
