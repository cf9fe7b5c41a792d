// Revert an alias of a center, and undo changes of centers.
import { html } from "../html.js";
import { post } from "../api.js";
import { count, t } from "../texts.js";
import { Submit, orToast, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { CenterSelect } from "./choice.js";

/**
 * Undo a change of centers, and say for how many leads.
 * @param {number} id
 * @param {() => void} onDone
 */
export const undoChange = (id, onDone) =>
  orToast(async () => {
    const { restored, kept } = await post(`/centers/changes/${id}/undo`);
    const numbers = { count: restored, kept: count(kept.length) };
    toast(t(kept.length ? "bulk.partly_undone" : "bulk.undone", numbers));
    onDone();
  });

/**
 * Says what reverting an alias would move, and does it.
 * @param {{ path: string, text: string, centers: Center[], onDone: () => void }} props
 */
export function Revert({ path, text, centers, onDone }) {
  const use = useLoad(/** @type {`/centers/${string}/aliases/use`} */ (`${path}/use`), { text });
  const form = useForm({ center_id: "" }, async ({ center_id }) => {
    const wanted = { text, center_id: center_id ? Number(center_id) : null };
    const { id, moved, kept } = await post(
      /** @type {`/centers/${string}/aliases/revert`} */ (`${path}/revert`),
      wanted,
    );
    const numbers = { count: moved, kept: count(kept.length) };
    toast(t(kept.length ? "aliases.partly_reverted" : "aliases.reverted", numbers), {
      undo: () => undoChange(id, onDone),
    });
    onDone();
  });
  return html`<form class="revert" onSubmit=${form.submit}>
    ${loaded(
      use,
      ({ leads, worked_on: kept }) =>
        html`<p>${t("aliases.use", { count: leads })}
        ${kept.length > 0 && t("aliases.use.kept", { count: kept.length })}</p>`,
    )}
    <label class="inline">${t("aliases.right_center")}
      <${CenterSelect} centers=${centers} value=${form.values.center_id}
        empty=${t("aliases.wait")}
        onChange=${(/** @type {string} */ id) => form.set("center_id", id)} /></label>
    <${Submit} form=${form} text=${t("aliases.revert")} /></form>`;
}
