// Merge two leads that are one child: choose the other one, then field by field what is kept.
import { html, useEffect, useState } from "../html.js";
import { Problem, get, post } from "../api.js";
import { moment } from "../format.js";
import { label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { errorText } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { Avatar, Status, phoneText, title } from "./lead.js";
import { undoMerge } from "./undo.js";
import { useLeadSearch } from "./lead-search.js";

/** @typedef {(survivor: LeadDetail, mergeId: number) => void} OnMerge */

const TIMES = ["created_time", "next_followup_date", "trial_at"];

/**
 * @param {{ lead: PossibleDuplicate & { household?: LeadRow[] }, other?: PossibleDuplicate,
 *   centers: Center[], onMerge: OnMerge, onUndo: () => void, onClose: () => void }} props Without
 *   `other` it is chosen first.
 */
export function MergeDialog({ lead, other, centers, onMerge, onUndo, onClose }) {
  const [chosen, setChosen] = useState(other ?? null);
  return html`<${Dialog} title=${t("merge.title")} onClose=${onClose} wide>
    ${
      chosen
        ? html`<${Preview} one=${lead} other=${chosen} centers=${centers}
          onBack=${other ? null : () => setChosen(null)}
          onMerge=${(/** @type {LeadDetail} */ survivor, /** @type {number} */ id) => {
            onClose();
            toast(t("merge.done"), { undo: () => undoMerge(id, onUndo) });
            onMerge(survivor, id);
          }} />`
        : html`<${Search} lead=${lead} onChoose=${setChosen} />`
    }
  <//>`;
}

/**
 * Choose the other lead: of the household, or by a search.
 * @param {{ lead: PossibleDuplicate & { household?: LeadRow[] },
 *   onChoose: (one: LeadRow) => void }} props
 */
function Search({ lead, onChoose }) {
  const [text, setText] = useState("");
  const { leads, error } = useLeadSearch(text.trim());
  const found = (text.trim() ? leads : (lead.household ?? [])).filter((one) => one.id !== lead.id);
  return html`<p>${t("merge.search.hint", { name: title(lead) })}</p>
    <input type="search" autofocus value=${text} placeholder=${t("palette.hint")}
      aria-label=${t("merge.search")}
      onInput=${(/** @type {PageEvent} */ event) => setText(event.target.value)} />
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <ul class="list found" aria-label=${t("merge.search")}>${found.map(
      (one) => html`<li key=${one.id}><button class="plain" onClick=${() => onChoose(one)}>
        <${Avatar} name=${title(one)} /><b>${title(one)}</b>
        <span class="quiet">${phoneText(one)}</span>
        <${Status} value=${one.status} /></button></li>`,
    )}</ul>`;
}

/**
 * Both leads, side by side or one below the other.
 * @param {{ one: PossibleDuplicate, other: PossibleDuplicate, centers: Center[],
 *   onMerge: OnMerge, onBack: (() => void) | null }} props
 */
function Preview({ one, other, centers, onMerge, onBack }) {
  // The older lead is kept, unless someone chooses the other one.
  const [keptId, setKeptId] = useState(Math.min(one.id, other.id));
  const otherId = keptId === one.id ? other.id : one.id;
  const [preview, setPreview] = useState(/** @type {MergePreview | null} */ (null));
  const [sides, setSides] = useState(/** @type {Record<string, MergeSide>} */ ({}));
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    try {
      setPreview(await get(`/leads/${keptId}/merge?other_id=${otherId}`));
      setSides({});
    } catch (problem) {
      setError(errorText(problem));
    }
    setBusy(false);
  };
  useEffect(() => {
    load();
  }, [keptId]);
  const merge = async () => {
    if (!preview) return;
    setBusy(true);
    setError("");
    try {
      const { id, lead } = await post(`/leads/${preview.this.id}/merge`, {
        other_id: preview.other.id,
        version: preview.this.version,
        other_version: preview.other.version,
        fields: sides,
      });
      onMerge(lead, id);
    } catch (problem) {
      setError(errorText(problem));
      // One of them has changed: show what they are now.
      if (problem instanceof Problem && problem.status === 412) await load();
      setBusy(false);
    }
  };
  if (!preview) {
    return error
      ? html`<p class="wrong" role="alert">${error}</p>`
      : html`<p class="quiet" aria-busy="true">${t("loading")}</p>`;
  }
  const disputed = preview.fields.filter((field) => field.choices.length > 1);
  // In the order of the leads above, whichever of them is kept.
  const leads = [preview.this, preview.other].sort(byAge);
  /** @type {MergeSide[]} */
  const order = leads.map((lead) => (lead === preview.this ? "this" : "other"));
  /** @type {(name: string, side: MergeSide) => Child} */
  const text = (name, side) =>
    name === "phone" && preview[side].phone
      ? phoneText(preview[side])
      : shown(
          name,
          preview.fields.find((one) => one.name === name)?.[side] ?? null,
          centers,
          preview,
        );
  /** @type {(field: MergeField) => Child} */
  const choice = (field) => html`<fieldset class="sides" key=${field.name}>
    <legend>${label("lead", field.name)}</legend>
    ${order.map(
      (side) => html`<label class="pick" key=${side}>
      <input type="radio" name=${`merge-${field.name}`}
        checked=${(sides[field.name] ?? field.proposed) === side}
        onChange=${() => setSides({ ...sides, [field.name]: side })} />
      <span>${text(field.name, side)}</span></label>`,
    )}</fieldset>`;
  return html`
    ${preview.marked_not_duplicates && html`<p class="wrong">${t("merge.marked")}</p>`}
    <fieldset class="sides"><legend>${t("merge.keep")}</legend>
      ${leads.map(
        (lead) => html`<label class="pick" key=${lead.id}>
        <input type="radio" name="merge-keep" checked=${lead.id === keptId} disabled=${isBusy}
          onChange=${() => setKeptId(lead.id)} />
        <span><b>${title(lead)}</b> <${Status} value=${lead.status} />
          <small class="quiet">${about(lead)}</small></span></label>`,
      )}
    </fieldset>
    <h3>${t(disputed.length ? "merge.choose" : "merge.alike")}</h3>
    ${disputed.map(choice)}
    <p class="quiet">${t("merge.moves")}</p>
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <div class="buttons">
      ${onBack && html`<button type="button" onClick=${onBack}>${t("merge.back")}</button>`}
      <button type="button" class="primary" disabled=${isBusy} onClick=${merge}>
        ${t("merge.confirm")}</button></div>`;
}

/**
 * @param {{ id: number }} one
 * @param {{ id: number }} other
 */
const byAge = (one, other) => one.id - other.id;

/** @param {LeadDetail} lead */
const about = (lead) =>
  [
    `#${lead.id}`,
    phoneText(lead) ?? lead.email,
    t("lead.received", { at: moment(lead.created_time) }),
  ]
    .filter(Boolean)
    .join(" · ");

/**
 * @param {string} name
 * @param {string | number | null} value
 * @param {Center[]} centers
 * @param {MergePreview} preview
 */
function shown(name, value, centers, { owners }) {
  if (value === null || value === "") return t("merge.blank");
  if (TIMES.includes(name)) return moment(String(value));
  if (name === "center_id") {
    return centers.find((one) => one.id === value)?.display_name ?? value;
  }
  if (name === "owner_id") return owners[value] ?? value;
  return name === "status" ? label("status", value) : value;
}
