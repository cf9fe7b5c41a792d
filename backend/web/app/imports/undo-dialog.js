// Asks before an import is undone, and says what the undo removes.
import { html } from "../html.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { loaded, useLoad } from "../ui/load.js";

/**
 * @param {{ path: `/imports/${string}`, name: string, onClose: () => void,
 *   onUndo: () => void }} props
 */
export function UndoDialog({ path, name, onClose, onUndo }) {
  const found = useLoad(`${path}/undo`);
  return html`<${Dialog} title=${t("undo.title", { name })} onClose=${onClose}>
    ${loaded(
      found,
      (told) => html`<p>${removed(told)}</p>
      <footer class="buttons"><button onClick=${onClose}>${t("undo.keep")}</button>
      <button class="primary" onClick=${onUndo}>${t("import.undo")}</button></footer>`,
    )}<//>`;
}

/** @param {UndoPreview} told */
function removed(told) {
  const said = [
    /** @type {const} */ (["undo.removes", told.leads_to_remove]),
    /** @type {const} */ (["undo.restores", told.leads_to_restore]),
    /** @type {const} */ (["undo.keeps", told.leads_to_keep]),
  ];
  return said
    .filter(([name, leads]) => leads > 0 || name === "undo.removes")
    .map(([name, leads]) => t(name, { count: leads }))
    .join(" ");
}
