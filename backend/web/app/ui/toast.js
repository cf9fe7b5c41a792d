// Short messages at the edge of the page; screen readers announce them.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { tellOfUndo } from "./arrivals.js";
import { Icon } from "./icon.js";
import { t } from "../texts.js";

/**
 * @typedef {{ undo?: () => unknown, open?: () => void, wrong?: boolean }} Options  `open` opens the
 *   lead that it's about. An `undo` that returns true, or a
 *   promise of that, hasn't said yet that it is done.
 * @typedef {Options & { id: number, text: string }} Toast
 */

/** How long a message stays, in milliseconds; longer if there is more to do. */
const STAY = 6000;
const STAY_TO_UNDO = 12_000;
/** More at a time would hide the page. */
const MOST = 3;

/** How many actions of this session can be undone one after the other. */
const MOST_UNDONE = 20;

/** @type {(one: Toast) => void} */
let show = () => {};
/** @type {(id: number) => void} */
let drop = () => {};
let lastId = 0;
/** @type {Toast[]} What can be undone, the last at the end. */
let undoable = [];

/**
 * Show a message. One that is shown already starts over.
 * @param {string} text
 * @param {Options} [options]
 */
export function toast(text, options = {}) {
  const one = { id: (lastId += 1), text, ...options };
  if (one.undo) undoable = [...undoable, one].slice(-MOST_UNDONE);
  show(one);
}

/** @param {Toast} one */
async function undo(one) {
  drop(one.id);
  undoable = undoable.filter((other) => other !== one);
  if ((await one.undo?.()) === true) toast(t("undone", { what: one.text }));
  tellOfUndo();
}

/** @param {Toast} one */
function open(one) {
  drop(one.id);
  one.open?.();
}

/** Undo the last action of this session, whatever page it was on. */
export function undoLast() {
  const last = undoable.at(-1);
  if (last) undo(last);
  else toast(t("undo.nothing"));
}

/** Someone else may sign in here. */
export function forgetUndo() {
  undoable = [];
}

export function Toasts() {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const [toasts, set] = useState(/** @type {Toast[]} */ ([]));
  // At once: what waited for a new sign-in may be answered before the page is painted.
  useLayoutEffect(() => {
    drop = (id) => set((now) => now.filter((one) => one.id !== id));
    show = (one) => {
      set((now) => [...now.filter((old) => old.text !== one.text).slice(1 - MOST), one]);
      setTimeout(() => drop(one.id), one.undo || one.open ? STAY_TO_UNDO : STAY);
    };
  }, []);
  useEffect(() => {
    // Shown again each time, so that it's above any dialog that opened in between.
    own.current?.hidePopover();
    if (toasts.length > 0) own.current?.showPopover();
  }, [toasts]);
  return html`<div class="toasts" ref=${own} popover="manual" role="status" aria-live="polite">
    ${toasts.map(
      (one) => html`<div class=${one.wrong ? "toast wrong" : "toast"} key=${one.id}>
      <span>${one.text}</span>
      ${one.undo && html`<button onClick=${() => undo(one)}>${t("action.undo")}</button>`}
      ${one.open && html`<button onClick=${() => open(one)}>${t("action.open_lead")}</button>`}
      <button class="plain" aria-label=${t("action.close")} onClick=${() => drop(one.id)}>
        <${Icon} name="x" size=${15} /></button>
    </div>`,
    )}
  </div>`;
}
