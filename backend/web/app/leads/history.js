// The activity of a lead, newest first: who did what, and when.
import { html } from "../html.js";
import { duration, moment, since } from "../format.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";

/** @type {Record<string, string>} The icon of each kind of event. */
export const ICONS = {
  created: "sparkles",
  repeat_enquiry: "refresh-cw",
  status: "circle-check",
  follow_up: "calendar-clock",
  comment: "message-circle",
  edited: "pencil",
  trial: "calendar",
  merged: "users",
  unmerged: "undo-2",
  moved: "map-pin",
  do_not_contact: "x",
  contact_allowed: "phone",
  consent: "circle-check",
  consent_withdrawn: "undo-2",
  call: "phone",
  assigned: "users",
  deleted: "x",
};

/** What a repeat enquiry said of the child and the parent. */
const SAID = ["player_name", "player_age_category", "birth_date", "phone", "email", "address"];

/**
 * @param {{ events: HistoryEvent[], centers: Center[], kind?: string,
 *   onUnmerge?: (id: number) => void }} props
 *   Without `onUnmerge` no merge can be undone here.
 */
export function History({ events, centers, kind = "history", onUnmerge }) {
  const undone = new Set(
    events.filter((one) => one.kind === "unmerged").map((one) => one.data.merge_id),
  );
  /** @param {HistoryEvent} one */
  const canUndo = ({ kind, data }) =>
    kind === "merged" && onUnmerge !== undefined && !undone.has(data.merge_id);
  if (events.length === 0) return html`<p class="quiet">${t("activity.empty")}</p>`;
  return html`<ol class=${kind}>${events.map(
    (one) => html`<li key=${one.id}>
    <span class="mark"><${Icon} name=${ICONS[one.kind] ?? "history"} size=${14} /></span>
    <div><b>${heading(one)}</b>
      ${by(one) && html`<span class="quiet">${by(one)}</span>`}
      <time class="quiet" dateTime=${one.at} title=${moment(one.at)}>${since(one.at)}</time>
      ${what(one, centers)}
      ${
        canUndo(one) &&
        html`<button onClick=${() => onUnmerge?.(Number(one.data.merge_id))}>
        ${t("merge.undo")}</button>`
      }</div></li>`,
  )}</ol>`;
}

/** @param {HistoryEvent} event */
function heading({ kind, data }) {
  if (data.undone) return t("activity.undone");
  return data.missed ? t("target.handed_over") : label("activity", kind);
}

/** @param {HistoryEvent} event */
const by = ({ who, data }) => who ?? (data.rule_id ? t("assigned.by_rule") : null);

/**
 * @param {HistoryEvent} event
 * @param {Center[]} centers
 */
function what({ kind, data }, centers) {
  if (kind === "comment") return html`<p class="comment">${String(data.text ?? "")}</p>`;
  if (kind === "created" || kind === "repeat_enquiry") {
    const said = SAID.map((name) => data[name]).filter(Boolean);
    const parts = [label("source", data.source), ...said];
    return html`<span class="change">${parts.join(" · ")}</span>`;
  }
  if (kind === "consent" || kind === "consent_withdrawn") {
    return html`<span class="change">${String(data.key ?? "").replaceAll("_", " ")}</span>`;
  }
  if (kind === "call") {
    const time = data.seconds ? duration(Number(data.seconds)) : null;
    const outcome = label("outcome_of", data.outcome);
    const sent = data.text_label ? `${outcome}: ${data.text_label}` : outcome;
    const parts = [sent, time].filter(Boolean);
    return html`<span class="change">${parts.join(" · ")}</span>`;
  }
  if (["do_not_contact", "contact_allowed", "deleted"].includes(kind)) return null;
  if (kind === "merged" || kind === "unmerged") {
    const source = data.source ? label("source", data.source) : null;
    const about = [data.player_name, `#${data.lead_id}`, source].filter(Boolean);
    return html`<span class="change">${about.join(" · ")}</span>`;
  }
  const late = data.missed ? ` · ${t("target.missed", { at: moment(String(data.missed)) })}` : "";
  /**
   * @param {string} name
   * @param {EventChange} change
   */
  const change = (name, { from, to }) => {
    const [before, after] = [from, to].map((value) => shown(name, value, centers));
    return html`<span class="change" key=${name}>
      ${kind === "edited" && `${label("lead", name)}: `}<del>${before}</del> → ${after}
      ${late}</span>`;
  };
  if (kind !== "edited") {
    return change(kind, /** @type {EventChange} */ (/** @type {unknown} */ (data)));
  }
  return Object.entries(data)
    .filter(([, one]) => one && typeof one === "object")
    .map(([name, one]) => change(name, /** @type {EventChange} */ (one)));
}

/**
 * @param {string} name
 * @param {string | number | null} value
 * @param {Center[]} centers
 */
export function shown(name, value, centers) {
  if (name === "assigned") return value ?? t("owner.none");
  if (value === null || value === undefined || value === "") return "–";
  if (name === "center_id" || name === "moved") {
    return centers.find((one) => one.id === value)?.display_name ?? value;
  }
  const text = String(value);
  if (name === "trial_outcome") return label(name, text);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? moment(text) : label("status", text);
}
