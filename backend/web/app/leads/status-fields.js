// The fields that a status needs, and the follow-up dates that take one click.
import { html } from "../html.js";
import { toLocal, toUtc } from "../format.js";
import { label, t } from "../texts.js";
import { Field } from "../ui/form.js";
import { optionsOf } from "./choices.js";
import { LOST, OTHER, STATUSES, TRIAL } from "./lead.js";
import { inDays, inHours } from "./opening-hours.js";

/**
 * @typedef {{ status: string, trial_at: string, lost_reason: string, lost_reason_text: string }}
 *   StatusValues
 */

/** @typedef {import("./opening-hours.js").CenterId} CenterId */

/** @type {[string, (center: CenterId) => string][]} The key of the text, and the time. */
export const FOLLOW_UPS = [
  ["follow_up.hour", (center) => inHours(center, 1)],
  ["follow_up.tomorrow", (center) => inDays(center, 1)],
  ["follow_up.three_days", (center) => inDays(center, 3)],
  ["follow_up.week", (center) => inDays(center, 7)],
];

/**
 * Return the time of the choice that was made; empty if none was.
 * @param {string} choice
 * @param {CenterId} center
 */
export const followUpAt = (choice, center) =>
  FOLLOW_UPS.find(([name]) => name === choice)?.[1](center) ?? "";

/**
 * Return the trial's date that a form suggests.
 * @param {CenterId} center
 */
export const suggestedTrial = (center) => toLocal(inDays(center, 1));

/**
 * Return the statuses as the options of a select.
 * @param {string} first What the empty option says.
 * @returns {[string, string][]}
 */
export const statusOptions = (first) => [
  ["", first],
  .../** @type {[string, string][]} */ (STATUSES.map((one) => [one, label("status", one)])),
];

/**
 * The date of a trial, or the reason why the lead is lost.
 * @param {{ form: import("../ui/form.js").Form<Record<string, unknown>>, center: CenterId }} props
 *   `center` is the one whose reasons are offered, or null.
 */
export function StatusFields({ form, center }) {
  if (form.values.status === TRIAL) {
    return html`<${Field} form=${form} name="trial_at" type="datetime-local" required
      label=${t("lead.trial_at")} />`;
  }
  if (form.values.status === LOST) {
    return html`<${Field} form=${form} name="lost_reason" label=${t("lead.lost_reason")} required
      options=${optionsOf("lost_reason", center, ["", t("choose")]) ?? [["", t("choose")]]} />
      ${
        form.values.lost_reason === OTHER &&
        html`<${Field} form=${form} name="lost_reason_text" required maxlength="200"
        label=${t("lead.lost_reason_text")} />`
      }`;
  }
  return null;
}

/**
 * Return the change of a lead that sets a status together with what it needs.
 * @param {StatusValues} values
 */
export function statusChange({ status, trial_at, lost_reason, lost_reason_text }) {
  /** @type {Record<string, string | null>} */
  const change = { status };
  if (status === TRIAL && trial_at) change.trial_at = toUtc(trial_at);
  if (status === LOST) change.lost_reason = lost_reason;
  if (status === LOST && lost_reason === OTHER) change.lost_reason_text = lost_reason_text;
  return change;
}
