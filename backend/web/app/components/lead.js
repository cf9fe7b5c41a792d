// What the pages have in common about a lead: its name, its status, and how it is called.
import { html } from "../html.js";
import { Icon } from "./icon.js";
import { Field } from "./form.js";
import { local, named, t, tel, whatsapp } from "../words.js";

export const STATUSES = ["New", "Called", "Trial Scheduled", "Joined", "Dead/Not Interested"];
export const TRIAL = "Trial Scheduled";
export const DEAD = "Dead/Not Interested";
/** Nobody calls these any more. */
export const isClosed = (lead) => lead.status === "Joined" || lead.status === DEAD;
export const REASONS = [
  "Expensive fee", "Timing mismatch", "Days mismatch", "Duration too long", "Location/distance",
  "Transportation problem", "Coaching quality", "Age not suitable", "Kid lost interest", "Other",
];

export const statusOptions = (first) => [
  ...(first ? [["", first]] : []), ...STATUSES.map((status) => [status, named("status", status)]),
];

/** The class that gives a status its colour; one that an installation has itself is grey. */
export const tone = (status) => `s${STATUSES.includes(status) ? STATUSES.indexOf(status) : 4}`;

export function Status({ value }) {
  return html`<span class=${`status ${tone(value)}`}>${named("status", value)}</span>`;
}

export const title = (lead) => lead.player_name || lead.phone || lead.email || `#${lead.id}`;

/** The first letters of a name, on a colour that goes with it. */
export function Avatar({ name, large }) {
  const letters = name.split(/\s+/).map((part) => [...part][0] ?? "").slice(0, 2).join("");
  const tint = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 5;
  return html`<span class=${`avatar s${tint}${large ? " large" : ""}`} aria-hidden="true">
    ${letters.toUpperCase()}</span>`;
}

/** Calls, or opens WhatsApp; nothing where there is no phone. */
export function CallLinks({ lead, big }) {
  if (!lead.phone) return null;
  return html`<span class=${big ? "calls big" : "calls"}>
    <a class=${big ? "button primary" : "button"} href=${tel(lead.phone)}
      aria-label=${t("call.of", { name: title(lead) })}>
      <${Icon} name="phone" />${t("call")}</a>
    <a class="button" href=${whatsapp(lead)} target="_blank" rel="noopener noreferrer"
      aria-label=${t("whatsapp.of", { name: title(lead) })}>
      <${Icon} name="message-circle" />${t("whatsapp")}</a>
  </span>`;
}

/** The next dates that one key stands for: the text, and the moment.
 * @type {[string, () => string][]} */
export const NEXT = [
  ["next.hour", () => hours(1)],
  ["next.tomorrow", () => morning(1)],
  ["next.three", () => morning(3)],
  ["next.week", () => morning(7)],
];

function hours(many) {
  return new Date(Date.now() + many * 3600000).toISOString();
}

function morning(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(10, 0, 0, 0);
  return at.toISOString();
}

/** The fields that a status asks for besides: the trial's date, or why the lead is lost. */
export function StatusMore({ form }) {
  if (form.values.status === TRIAL) {
    return html`<${Field} form=${form} name="trial_at" type="datetime-local" required
      label=${t("lead.trial_at")} />`;
  }
  if (form.values.status === DEAD) {
    return html`<${Field} form=${form} name="lost_reason" label=${t("lead.lost_reason")} required
      options=${[["", t("choose")], ...REASONS.map((one) => [one, named("reason", one)])]} />`;
  }
  return null;
}

/** What to send for a status with what it asks for. */
export function statusChange(values) {
  const change = { status: values.status };
  if (values.status === TRIAL && values.trial_at) {
    change.trial_at = new Date(values.trial_at).toISOString();
  }
  if (values.status === DEAD) change.lost_reason = values.lost_reason;
  return change;
}

export const firstTrial = () => local(morning(1));
