// Short messages at the edge of the page, read out to those who can't see them.
import { html, useEffect, useState } from "/web/html.js";
import { t } from "/web/words.js";

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
  const [toasts, set] = useState([]);
  const drop = (id) => set((now) => now.filter((one) => one.id !== id));
  useEffect(() => {
    show = (one) => {
      set((now) => [...now.slice(-2), one]);
      setTimeout(() => drop(one.id), one.undo ? 12000 : 6000);
    };
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.map((one) => html`<div class=${one.wrong ? "toast wrong" : "toast"} key=${one.id}>
      <span>${one.text}</span>
      ${one.undo && html`<button onClick=${() => { drop(one.id); one.undo(); }}>
        ${t("undo")}</button>`}
      <button class="plain" aria-label=${t("close")} onClick=${() => drop(one.id)}>×</button>
    </div>`)}
  </div>`;
}
