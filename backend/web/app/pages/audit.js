// The audit trail: who did what, and when. For team leads.
import { html } from "../html.js";
import { Choice } from "../leads/filters.js";
import { replace } from "../router.js";
import { AuditEvents, EVENTS } from "../settings/audit-events.js";
import { t } from "../texts.js";
import { Empty, useLoad } from "../ui/load.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";

const EVENTS_OF_PAGE = arrays("/audit/", 50, (/** @type {AuditEvent} */ last) => ({
  before: last.id,
}));

/** @param {PageProps} props */
export default function AuditPage({ query, session }) {
  const { event = "", user_id = "", since = "", until = "", subject = "", subject_id = "" } = query;
  const filter = { event, user_id, since, until, subject, subject_id };
  const list = usePages(EVENTS_OF_PAGE, filter);
  const users = useLoad("/users/");
  /** @param {Record<string, string>} changes */
  const set = (changes) => replace("audit", { ...filter, ...changes });
  /** @type {(name: "since" | "until") => Child} */
  const day = (name) => html`<label class="inline">${t(`audit.${name}`)}<input type="date"
    class=${filter[name] ? "on" : undefined} value=${filter[name]}
    onChange=${(/** @type {PageEvent} */ { target }) => set({ [name]: target.value })} /></label>`;
  const isFiltered = Object.values(filter).some(Boolean);
  return html`<div class="head"><h1>${t("nav.audit")}</h1></div>
    <p class="quiet">${t("audit.hint")}</p>
    <div class="filters" role="search">
      <${Choice} label=${t("audit.any_event")} value=${event}
        options=${EVENTS.map((one) => [one, t(`audit_event.${one}`)])}
        onChange=${(/** @type {string} */ value) => set({ event: value })} />
      <${Choice} label=${t("audit.any_person")} value=${user_id}
        options=${(users.data ?? []).map((one) => [one.id, one.full_name])}
        onChange=${(/** @type {string} */ value) => set({ user_id: value })} />
      ${day("since")}${day("until")}
      ${
        isFiltered && html`<button onClick=${() => replace("audit")}>${t("filter.clear")}</button>`
      }</div>
    ${pages(list, (events) =>
      events.length === 0
        ? html`<${Empty} icon="history" title=${t("audit.empty")} />`
        : html`<section class="panel"><${AuditEvents} events=${events} users=${users.data ?? []}
            centers=${session.centers} /></section>`,
    )}`;
}
