// Who works on a lead: the people to choose from, and the choice on the lead's page.
import { html } from "../html.js";
import { patch } from "../api.js";
import { t } from "../texts.js";
import { orToast, useId } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { undoOf } from "./undo.js";

/** The choice of nobody: the lead is in the queue of its center. */
export const QUEUE = "none";

/**
 * Return the options of a select of people.
 * @param {Owner[] | null} owners
 * @returns {[string, string][]}
 */
export const people = (owners) => (owners ?? []).map((one) => [String(one.id), one.full_name]);

/**
 * @param {{ lead: LeadDetail, onChange: OnSave }} props
 */
export function OwnerChoice({ lead, onChange }) {
  const id = useId("owner");
  const owners = useLoad("/leads/owners");
  const able = (owners.data ?? []).filter(
    ({ center_ids: centers }) => !centers || centers.includes(lead.center_id ?? 0),
  );
  const options = people(able);
  const now = String(lead.owner_id ?? "");
  if (now && !options.some(([one]) => one === now)) options.push([now, lead.owner ?? now]);
  /** @param {PageEvent} event */
  const assign = (event) => {
    const owner_id = Number(event.target.value) || null;
    return orToast(async () => {
      const { data } = await patch(`/leads/${lead.id}`, { owner_id });
      const saved = /** @type {EditedLead} */ (data);
      onChange(saved, undoOf(saved));
    });
  };
  return html`<div class="field"><label for=${id}>${t("owner.assign")}</label>
    <select id=${id} value=${now} onChange=${assign}>
      <option value="">${t("owner.none")}</option>
      ${options.map(([one, name]) => html`<option value=${one} key=${one}>${name}</option>`)}
    </select></div>`;
}
