// Short messages at the edge of the page, read out to those who can't see them.
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";
import { t } from "../words.js";

/** @type {(one: { id: number, text: string, undo?: () => void, wrong?: boolean }) => void} */
let show = () => {};
let last = 0;

/**
 * @param {string} text
 * @param {{ undo?: () => void, wrong?: boolean }} [more]
 */
export function toast(text, more = {}) {
  show({ id: (last += 1), text, ...more });
}

export function Toasts() {
  const own = useRef(null);
  const [toasts, set] = useState([]);
  const drop = (id) => set((now) => now.filter((one) => one.id !== id));
  useEffect(() => {
    show = (one) => {
      set((now) => [...now.slice(-2), one]);
      setTimeout(() => drop(one.id), one.undo ? 12000 : 6000);
    };
  }, []);
  useEffect(() => {
    // Anew each time, so that they are over whatever dialog was opened meanwhile.
    own.current.hidePopover();
    if (toasts.length > 0) own.current.showPopover();
  }, [toasts]);
  return html`<div class="toasts" ref=${own} popover="manual" role="status" aria-live="polite">
    ${toasts.map((one) => html`<div class=${one.wrong ? "toast wrong" : "toast"} key=${one.id}>
      <span>${one.text}</span>
      ${one.undo && html`<button onClick=${() => { drop(one.id); one.undo(); }}>
        ${t("undo")}</button>`}
      <button class="plain" aria-label=${t("close")} onClick=${() => drop(one.id)}><${Icon} name="x" size=${15} /></button>
    </div>`)}
  </div>`;
}
