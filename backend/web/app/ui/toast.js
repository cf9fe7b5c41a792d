// Short messages at the edge of the page; screen readers announce them.
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";
import { t } from "../texts.js";

/**
 * @typedef {{ undo?: () => void, wrong?: boolean }} Options
 * @typedef {Options & { id: number, text: string }} Toast
 */

/** How long a message stays, in milliseconds; longer if it can be undone. */
const STAY = 6000;
const STAY_TO_UNDO = 12_000;
/** More at a time would hide the page. */
const MOST = 3;

/** @type {(one: Toast) => void} */
let show = () => {};
let lastId = 0;

/**
 * Show a message. One that is shown already starts over.
 * @param {string} text
 * @param {Options} [options]
 */
export function toast(text, options = {}) {
  show({ id: (lastId += 1), text, ...options });
}

export function Toasts() {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const [toasts, set] = useState(/** @type {Toast[]} */ ([]));
  /** @param {number} id */
  const drop = (id) => set((now) => now.filter((one) => one.id !== id));
  useEffect(() => {
    show = (one) => {
      set((now) => [...now.filter((old) => old.text !== one.text).slice(1 - MOST), one]);
      setTimeout(() => drop(one.id), one.undo ? STAY_TO_UNDO : STAY);
    };
  }, []);
  useEffect(() => {
    // Shown again each time, so that it's above any dialog that opened in between.
    own.current?.hidePopover();
    if (toasts.length > 0) own.current?.showPopover();
  }, [toasts]);
  /** @param {Toast} one */
  const undo = (one) => {
    drop(one.id);
    one.undo?.();
  };
  return html`<div class="toasts" ref=${own} popover="manual" role="status" aria-live="polite">
    ${toasts.map(
      (one) => html`<div class=${one.wrong ? "toast wrong" : "toast"} key=${one.id}>
      <span>${one.text}</span>
      ${one.undo && html`<button onClick=${() => undo(one)}>${t("action.undo")}</button>`}
      <button class="plain" aria-label=${t("action.close")} onClick=${() => drop(one.id)}>
        <${Icon} name="x" size=${15} /></button>
    </div>`,
    )}
  </div>`;
}
