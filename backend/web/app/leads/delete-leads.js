// Ask before leads are deleted, and delete them: some, or all of a list.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { errorText } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { useBeginning } from "./list-change.js";
import { undoBulk } from "./undo.js";

/**
 * @param {{ ids: number[], whole?: { filter: string, total: number } | null,
 *   onBegun?: (change: ListChange) => void, onDone: () => void,
 *   onRestored?: (restored: number) => unknown, onClose: () => void }} props
 *   `whole` is the list whose leads are all deleted, which `onBegun` is told of. `onRestored` is
 *   called when the deletion was undone, `onDone` if it isn't given.
 */
export function DeleteLeads({ ids, whole, onBegun, onDone, onRestored = onDone, onClose }) {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const begin = useBeginning();
  const count = whole?.total ?? ids.length;
  const go = async () => {
    setBusy(true);
    try {
      if (whole) {
        onBegun?.(await begin({ filter: whole.filter, delete: true }));
        return;
      }
      const only = ids.length === 1 ? ids[0] : undefined;
      const { id, changed } = await post("/leads/bulk", { ids, delete: true });
      const undo = id === null ? undefined : () => undoBulk(id, onRestored, "delete", only);
      toast(t("delete.done", { count: changed }), { undo });
      onDone();
    } catch (problem) {
      setError(errorText(problem));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("delete.title", { count })} onClose=${onClose}>
    <p>${t("delete.what")}</p><p>${t("delete.undo")}</p>
    <p class="notice">${t("delete.or_erase")}</p>
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <footer class="buttons"><button type="button" onClick=${onClose}>${t("delete.keep")}</button>
      <button type="button" class="primary" disabled=${isBusy} onClick=${go}>
        ${t("delete.go", { count })}</button></footer>
  <//>`;
}
