// A text with a button that copies it.
import { html, useRef } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";
import { toast } from "./toast.js";

/** @param {{ label: string, text: string }} props */
export function Copy({ label, text }) {
  const own = useRef(/** @type {HTMLElement | null} */ (null));
  const copy = async () => {
    // Without HTTPS browsers have no clipboard: then the text is at least selected.
    if (own.current) getSelection()?.selectAllChildren(own.current);
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  };
  return html`<div class="copy"><span>${label}</span><code ref=${own}>${text}</code>
    <button type="button" onClick=${copy}><${Icon} name="copy" size=${15} />
      ${t("action.copy")}</button></div>`;
}
