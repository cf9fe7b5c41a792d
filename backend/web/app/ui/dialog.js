// A dialog, which is the browser's: it keeps the focus inside and closes on Escape.
import { html, useLayoutEffect, useRef } from "../html.js";
import { Icon } from "./icon.js";
import { t } from "../texts.js";

/**
 * It is open as long as it is drawn.
 * @param {{ title: string, onClose?: () => void, children: Child, wide?: boolean }} props Without
 *   `onClose` it can't be closed.
 */
export function Dialog({ title, onClose, wide, children }) {
  const own = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const content = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const dialog = own.current;
    dialog?.showModal();
    // Without a field to start with, what is said has the focus, rather than the close button.
    if (!dialog?.querySelector("[autofocus]")) content.current?.focus();
    // Closing it gives the focus back.
    return () => dialog?.close();
  }, []);
  /** @param {Event} event A file field in it sends events of the same name. */
  const cancel = (event) => {
    if (event.target === own.current && !onClose) event.preventDefault();
  };
  const closed = () => {
    if (!own.current) return; // it isn't drawn any more
    if (onClose) onClose();
    else own.current.showModal(); // browsers don't let a page prevent a second Escape
  };
  /** @param {PageEvent} event In Safari a search field keeps it, and elsewhere one with a text. */
  const pressed = (event) => {
    if (event.key !== "Escape" || event.isComposing || event.target.type !== "search") return;
    event.preventDefault();
    onClose?.();
  };
  return html`<dialog ref=${own} aria-label=${title} class=${wide ? "wide" : ""}
    onCancel=${cancel} onClose=${closed} onKeyDown=${pressed}>
    <header><h2>${title}</h2>
      ${
        onClose &&
        html`<button type="button" class="plain" aria-label=${t("action.close")}
        onClick=${onClose}><${Icon} name="x" /></button>`
      }</header>
    <div class="content" tabindex="-1" ref=${content}>${children}</div>
  </dialog>`;
}
