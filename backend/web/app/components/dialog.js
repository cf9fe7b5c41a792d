// A window over the page: the browser's own, which keeps the focus inside and Escape to itself.
import { html, useEffect, useRef } from "/web/html.js";
import { t } from "/web/words.js";

/** @param {{ title: string, onClose?: () => void, children: unknown, wide?: boolean }} props */
export function Dialog({ title, onClose, children, wide }) {
  const own = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    own.current.showModal();
    return () => before?.focus?.();
  }, []);
  // Without a way out it stays: Escape must not close what has to be answered.
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${own} class=${wide ? "wide" : ""} aria-label=${title} onCancel=${cancel}>
    <header>
      <h2>${title}</h2>
      ${onClose && html`<button type="button" class="plain" aria-label=${t("close")}
        onClick=${onClose}>×</button>`}
    </header>
    ${children}
  </dialog>`;
}
