// Names that match no center: a team lead matches each one to a center, once. The centers that
// resemble it are offered first, and none is chosen.
import { html } from "../html.js";
import { post } from "../api.js";
import { CenterSelect } from "../centers/choice.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";

/**
 * @typedef {(told: { reopened: number }, undo?: () => void) => void} OnRetried
 * @typedef {{ centers: Center[], onDone: OnRetried, onChange: () => void }} Shared
 */

/** @param {Shared & { unknown: UnknownCenter[] }} props */
export function UnknownCenters({ unknown, ...shared }) {
  if (unknown.length === 0) return null;
  return html`<section class="panel attention">
    <h2><${Icon} name="map-pin" /> ${t("unknown_centers")}</h2>
    <p class="quiet">${t("unknown_centers.hint")}</p>
    ${unknown.map(
      (one) => html`<${Unknown} key=${one.text} one=${one} ...${shared} />`,
    )}</section>`;
}

/** @param {Shared & { one: UnknownCenter }} props */
function Unknown({ one, centers, onDone, onChange }) {
  const form = useForm({ center_id: "" }, async (values) => {
    const center_id = Number(values.center_id);
    const told = await post("/deliveries/unknown-centers/", { text: one.text, center_id });
    onDone(told, () => revert(center_id));
  });
  /** @param {number} center_id */
  const revert = (center_id) =>
    orToast(async () => {
      const path = /** @type {`/centers/${string}/aliases/revert`} */ (
        `/centers/${center_id}/aliases/revert`
      );
      const { moved } = await post(path, { text: one.text, center_id: null });
      toast(t("aliases.reverted", { count: moved }));
      onChange();
    });
  const restore = () =>
    orToast(async () => {
      const name = centers.find((each) => each.id === one.archived_center_id)?.display_name ?? "";
      await post(`/centers/${one.archived_center_id}/restore`);
      toast(t("centers.restore_done", { name }));
      onChange();
    });
  const waiting = t("unknown_centers.waiting", { count: one.count, since: since(one.oldest) });
  return html`<form class="line" onSubmit=${form.submit}><b>${one.text}</b>
    <span class="quiet">${waiting}</span>
    ${
      one.archived_center_id !== null &&
      html`<span class="badge">${t("centers.archived")}</span>
      <button type="button" onClick=${restore}>${t("centers.restore")}</button>`
    }
    <label class="inline">${t("unknown_centers.center")}
      <${CenterSelect} centers=${centers} value=${form.values.center_id}
        first=${one.similar.map((each) => each.center_id)}
        onChange=${(/** @type {string} */ id) => form.set("center_id", id)} /></label>
    <button class="primary" disabled=${form.isBusy || !form.values.center_id}>
      ${t("unknown_centers.match")}</button>
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}</form>`;
}
