// Change or delete all selected leads at once; one undo takes it back.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { t } from "../texts.js";
import { ExportMenu } from "../ui/export-menu.js";
import { Field, useForm } from "../ui/form.js";
import { DeleteLeads } from "./delete-leads.js";
import { useBeginning } from "./list-change.js";
import { QUEUE, people } from "./owner.js";
import { Icon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";
import { useOpeningHours } from "./opening-hours.js";
import {
  FOLLOW_UPS,
  StatusFields,
  followUpAt,
  statusChange,
  statusOptions,
  suggestedTrial,
} from "./status-fields.js";
import { undoBulk } from "./undo.js";

/** The server changes no more leads at once. */
export const MOST_AT_ONCE = 1000;
/** The choice that removes the follow-up. */
const CLEAR = "clear";

/**
 * @param {{ ids: number[], owners: Owner[] | null, mayDelete: boolean, mayExport: boolean,
 *   onExport: (kind: string) => unknown, onDone: () => void, onClear: () => void,
 *   whole: { filter: string, total: number } | null, onWhole: (() => void) | null,
 *   onBegun: (change: ListChange) => void }} props `whole` is the list whose leads are all
 *   selected; `onWhole` selects them.
 */
export function BulkEdit(props) {
  const { ids, owners, mayDelete, mayExport, onExport, onDone, onClear } = props;
  const { whole, onWhole, onBegun } = props;
  useOpeningHours(null);
  const [isDeleting, setDeleting] = useState(false);
  const begin = useBeginning();
  const first = {
    status: "",
    follow_up: "",
    owner_id: "",
    comment: "",
    lost_reason: "",
    lost_reason_text: "",
    trial_at: suggestedTrial(null),
  };
  const form = useForm(first, async (values) => {
    /** @type {Record<string, string | number | null>} */
    const change = values.status ? statusChange(values) : {};
    const at = followUpAt(values.follow_up, null);
    if (at) change.next_followup_date = at;
    if (values.follow_up === CLEAR) change.next_followup_date = null;
    if (values.owner_id) change.owner_id = Number(values.owner_id) || null;
    if (values.comment.trim()) change.comment = values.comment;
    if (whole) {
      onBegun(await begin({ filter: whole.filter, ...change }));
      return;
    }
    const { id, changed } = await post("/leads/bulk", { ids, ...change });
    const undo = id === null ? undefined : () => undoBulk(id, onDone);
    toast(t("bulk.done", { count: changed }), { undo });
    onDone();
  });
  const { status, follow_up, owner_id, comment } = form.values;
  const isEmpty = !status && !follow_up && !owner_id && !comment.trim();
  const tooMany = !whole && ids.length > MOST_AT_ONCE;
  const options = [
    ["", t("bulk.keep")],
    ...FOLLOW_UPS.map(([name]) => [name, t(name)]),
    [CLEAR, t("follow_up.none")],
  ];
  const bar = html`<form class="bulk" onSubmit=${form.submit}>
    <b>${t(whole ? "bulk.all_selected" : "bulk.selected", { count: whole?.total ?? ids.length })}
      ${onWhole && html`<button type="button" onClick=${onWhole}>${t("bulk.select_all")}</button>`}
    </b>
    <${Field} form=${form} name="status" label=${t("lead.status")}
      options=${statusOptions(t("bulk.keep"))} />
    <${StatusFields} form=${form} center=${null} />
    <${Field} form=${form} name="follow_up" label=${t("lead.next_followup_date")}
      options=${options} />
    <${Field} form=${form} name="owner_id" label=${t("owner.assign")}
      options=${[["", t("bulk.keep")], [QUEUE, t("owner.none")], ...people(owners)]} />
    <${Field} form=${form} name="comment" label=${t("bulk.comment")} />
    ${
      (form.error || tooMany) &&
      html`<p class="wrong" role="alert">
      ${form.error || t("bulk.too_many", { count: MOST_AT_ONCE })}</p>`
    }
    <button class="primary" disabled=${form.isBusy || isEmpty || tooMany}>
      ${t("bulk.apply")}</button>
    ${mayExport && !tooMany && html`<${ExportMenu} save=${onExport} />`}
    ${
      mayDelete &&
      html`<button type="button" disabled=${form.isBusy || tooMany}
        onClick=${() => setDeleting(true)}>${t("delete")}</button>`
    }
    <button type="button" class="plain" aria-label=${t("leads.clear_selection")} onClick=${onClear}>
      <${Icon} name="x" /></button>
  </form>`;
  return html`${bar}${
    isDeleting &&
    html`<${DeleteLeads} ids=${ids} whole=${whole} onBegun=${onBegun} onDone=${onDone}
      onClose=${() => setDeleting(false)} />`
  }`;
}
