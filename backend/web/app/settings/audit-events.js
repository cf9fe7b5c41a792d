// Events of the audit trail, newest first: codes and ids become words here.
import { html } from "../html.js";
import { dayOf, moment, since } from "../format.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";

export const EVENTS = [
  "signed_in",
  "sign_in_failed",
  "signed_out",
  "sessions_ended",
  "password_changed",
  "password_link_made",
  "second_factor_added",
  "second_factor_removed",
  "recovery_codes_renewed",
  "passkey_added",
  "passkey_removed",
  "user_created",
  "user_changed",
  "user_unlocked",
  "lead_opened",
  "leads_exported",
  "leads_changed",
  "leads_change_undone",
  "leads_deleted",
  "list_changed",
  "list_change_undone",
  "leads_merged",
  "leads_merge_undone",
  "import_committed",
  "import_undone",
  "center_created",
  "center_changed",
  "center_archived",
  "center_restored",
  "center_merged",
  "center_change_undone",
  "alias_added",
  "alias_removed",
  "alias_reverted",
  "message_text_added",
  "message_text_changed",
  "message_text_archived",
  "message_text_restored",
  "calling_rules_changed",
  "holiday_added",
  "holiday_removed",
  "working_hours_changed",
  "leave_added",
  "leave_removed",
  "assignment_rule_added",
  "assignment_rule_changed",
  "assignment_rule_removed",
  "assignment_rules_ordered",
  "choice_added",
  "choice_changed",
  "choice_removed",
  "choices_ordered",
  "choice_list_changed",
  "view_shared",
  "view_unshared",
  "shared_view_changed",
  "shared_view_removed",
  "message_retried",
  "message_dismissed",
  "form_changed",
  "page_changed",
  "person_exported",
  "lead_erased",
  "erasure_hastened",
  "erasure_completed",
  "contact_changed",
  "consent_recorded",
  "consent_withdrawn",
  "trail_shortened",
];

/** @type {Record<string, string>} The icon of each kind of event, by how its code begins. */
const ICONS = {
  sign: "key-round",
  signed: "key-round",
  sessions: "log-out",
  password: "key-round",
  second: "key-round",
  message: "message-circle",
  user: "user",
  lead: "users",
  leads: "users",
  import: "upload",
  center: "map-pin",
  alias: "map-pin",
};

/** @param {{ events: AuditEvent[], users: User[], centers: Center[] }} props */
export function AuditEvents({ events, users, centers }) {
  return html`<ol class="history">${events.map(
    (one) => html`<li key=${one.id}>
    <span class="mark"><${Icon} name=${ICONS[one.event.split("_")[0] ?? ""] ?? "history"}
      size=${14} /></span>
    <div><b>${label("audit_event", one.event)}</b>
      <span class="quiet">${who(one)}</span>
      <time class="quiet" dateTime=${one.at} title=${moment(one.at)}>${since(one.at)}</time>
      ${what(one, users, centers)}</div></li>`,
  )}</ol>`;
}

/**
 * @param {AuditEvent} event
 * @param {User[]} users
 * @param {Center[]} centers
 */
function what(event, users, centers) {
  const about = subject(event, users, centers);
  const more = details(event, centers).join(" · ");
  return html`<span class="change">${about}${about && more && " · "}${more}</span>`;
}

/** @param {AuditEvent} event */
function who({ user_id: id, user_name: name, event }) {
  if (name) return name;
  if (id !== null) return `#${id}`;
  return t(event === "sign_in_failed" ? "audit.stranger" : "audit.system");
}

/**
 * What the event was done to, if that isn't the person who did it.
 * @param {AuditEvent} event
 * @param {User[]} users
 * @param {Center[]} centers
 */
function subject({ subject: kind, subject_id: id, user_id: by }, users, centers) {
  if (kind === null || (kind === "user" && id === by)) return null;
  if (kind === "lead")
    return html`<a href=${`#/lead/${id}`}>${t("audit.lead", { id: `${id}` })}</a>`;
  if (kind === "user") return users.find((one) => one.id === id)?.full_name ?? `#${id}`;
  if (kind === "center") return centerName(id, centers);
  return `${label("audit_subject", kind)} #${id}`;
}

/**
 * @param {unknown} id
 * @param {Center[]} centers
 */
const centerName = (id, centers) =>
  centers.find((one) => one.id === id)?.display_name ?? `#${String(id)}`;

/**
 * @param {AuditEvent} event
 * @param {Center[]} centers
 * @returns {string[]}
 */
function details({ address, data }, centers) {
  /** @type {Record<string, (value: any) => string | null>} */
  const texts = {
    role: (value) =>
      [value]
        .flat()
        .map((one) => label("role", one))
        .join(" → "),
    second: (value) => label("audit_second", value),
    disabled: ([, now]) => t(now ? "audit.disabled" : "audit.enabled"),
    center_ids: (ids) => ids.map((/** @type {number} */ id) => centerName(id, centers)).join(", "),
    fields: (names) => fields(names.filter((/** @type {string} */ one) => !(one in data))),
    into_id: (id) => (id === null ? null : `→ ${centerName(id, centers)}`),
    kind: (name) => t(`lists.${name}`),
    center_id: (id) => (id === null ? null : centerName(id, centers)),
    was: (name) => name,
    text: (name) => (data.was === undefined ? name : `→ ${name}`),
    label: (name) => name,
    first_day: dayOf,
    lead_id: (id) => `#${id}`,
    other_id: (id) => `#${id}`,
    leads: (many) => t("audit.leads", { count: many }),
    leads_removed: (many) => t("audit.leads", { count: many }),
    rows: (many) => t("audit.rows", { count: many }),
    filter: (parts) => {
      const names = Object.keys(parts);
      if (names.length === 0) return t("audit.unfiltered");
      return t("audit.filter", { names: fields(names) });
    },
  };
  const shown = Object.entries(texts).map(([name, text]) =>
    data[name] === undefined ? null : text(data[name]),
  );
  return [address, ...shown].flatMap((one) => (one ? [one] : []));
}

/** @param {string[]} names */
const fields = (names) => names.map((one) => label("audit_field", one)).join(", ");
