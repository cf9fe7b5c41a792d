// Archive or merge a center, and undo merges and aliases that were reverted.
import { html } from "../html.js";
import { CenterSelect } from "../centers/choice.js";
import { undoChange } from "../centers/revert.js";
import { post } from "../api.js";
import { since } from "../format.js";
import { count, t } from "../texts.js";
import { orToast, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

const USES = ["leads", "people", "aliases", "forms", "pages", "waiting"];

/**
 * @param {{ center: Center, centers: Center[], onDone: () => void }} props `onDone` also closes.
 */
export function CenterChanges({ center, centers, onDone }) {
  const use = useLoad(/** @type {`/centers/${string}/use`} */ (`/centers/${center.id}/use`));
  const name = center.display_name;
  const restore = () =>
    orToast(async () => {
      await post(`/centers/${center.id}/restore`);
      toast(t("centers.restore_done", { name }));
      onDone();
    });
  const archive = () =>
    orToast(async () => {
      await post(`/centers/${center.id}/archive`);
      toast(t("centers.archive_done", { name }), { undo: restore });
      onDone();
    });
  const merge = useForm({ into_id: "" }, async (values) => {
    const into_id = Number(values.into_id);
    const { id, moved } = await post(`/centers/${center.id}/merge`, { into_id });
    const into = centers.find((one) => one.id === into_id)?.display_name ?? "";
    toast(t("centers.merged", { name, into, count: moved }), {
      undo: () => undoChange(id, onDone),
    });
    onDone();
  });
  const others = centers.filter((one) => one.id !== center.id);
  return html`<details class="more"><summary>${t("centers.more")}</summary>
    ${loaded(
      use,
      (data) =>
        html`<dl class="pairs">${USES.map(
          (one) => html`<div key=${one}><dt>${t(`centers.use.${one}`)}</dt>
        <dd>${count(data[one] ?? 0)}</dd></div>`,
        )}</dl>`,
    )}
    <div class="line"><span>${t(center.archived ? "centers.restore.hint" : "centers.archive.hint")}
      </span><button onClick=${center.archived ? restore : archive}>
        ${t(center.archived ? "centers.restore" : "centers.archive")}</button></div>
    ${
      others.length > 0 &&
      html`<form class="line" onSubmit=${merge.submit}>
        <label class="inline">${t("centers.merge_into")}
          <${CenterSelect} centers=${others} value=${merge.values.into_id}
            onChange=${(/** @type {string} */ id) => merge.set("into_id", id)} /></label>
        <button disabled=${merge.isBusy || !merge.values.into_id}>${t("centers.merge")}</button>
        <p class="quiet">${t("centers.merge.hint", { name })}</p>
        ${merge.error && html`<p class="wrong" role="alert">${merge.error}</p>`}</form>`
    }</details>`;
}

/**
 * The newest merges and reverted aliases.
 * @param {{ changes: CenterChange[], centers: Center[], onDone: () => void }} props
 */
export function ChangeList({ changes, centers, onDone }) {
  if (changes.length === 0) return null;
  /** @param {number | null} id */
  const name = (id) => centers.find((one) => one.id === id)?.display_name ?? t("centers.waiting");
  return html`<details class="panel"><summary>${t("center_changes")} <span class="quiet">${
    changes.length
  }</span></summary>
    <ul class="list">${changes.map(
      (one) => html`<li class="line" key=${one.id}>
      <span>${t(`center_changes.${one.kind}`, {
        from: name(one.center_id),
        into: name(one.into_id),
        text: one.text ?? "",
      })} <span class="quiet">${one.who} · ${since(one.at)}</span></span>
      ${
        one.undone
          ? html`<span class="badge">${t("center_changes.undone")}</span>`
          : html`<button onClick=${() => undoChange(one.id, onDone)}>
            ${t("action.undo")}</button>`
      }</li>`,
    )}</ul></details>`;
}
