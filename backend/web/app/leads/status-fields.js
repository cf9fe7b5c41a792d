// The fields that a status needs, and the follow-up dates that take one click.
import { html } from "../html.js";
import { dayFromToday, toLocal, toUtc } from "../format.js";
import { label, t } from "../texts.js";
import { Field } from "../ui/form.js";
import { LOST, LOST_REASONS, OTHER, STATUSES, TRIAL } from "./lead.js";

/**
 * @typedef {{ status: string, trial_at: string, lost_reason: string, lost_reason_text: string }}
 *   StatusValues
 */

/** @type {[string, () => string][]} The key of the text, and the time. */
export const FOLLOW_UPS = [
  ["follow_up.hour", () => inHours(1)],
  ["follow_up.tomorrow", () => atTen(1)],
  ["follow_up.three_days", () => atTen(3)],
  ["follow_up.week", () => atTen(7)],
];

/** @param {number} hours */
const inHours = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** @param {number} days */
const atTen = (days) => toUtc(`${dayFromToday(days)}T10:00`) ?? "";

/** Return the trial's date that a form suggests. */
export const suggestedTrial = () => toLocal(atTen(1));

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
 * @param {{ form: import("../ui/form.js").Form<Record<string, unknown>> }} props
 */
export function StatusFields({ form }) {
  if (form.values.status === TRIAL) {
    return html`<${Field} form=${form} name="trial_at" type="datetime-local" required
      label=${t("lead.trial_at")} />`;
  }
  if (form.values.status === LOST) {
    return html`<${Field} form=${form} name="lost_reason" label=${t("lead.lost_reason")} required
      options=${[["", t("choose")], ...LOST_REASONS.map((one) => [one, label("reason", one)])]} />
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
