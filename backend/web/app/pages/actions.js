// What one has done to leads in the last day, each with its undo.
import { html, useState } from "../html.js";
import { writeDraft } from "../drafts.js";
import { dayFromToday, moment, since, toLocal } from "../format.js";
import { shown } from "../leads/history.js";
import {
  listSkipped,
  undoBulk,
  undoCall,
  undoEdit,
  undoList,
  undoMerge,
  unskip,
} from "../leads/undo.js";
import { address, go } from "../router.js";
import { label, t } from "../texts.js";
import { useUndo } from "../ui/arrivals.js";
import { Icon } from "../ui/icon.js";
import { Empty } from "../ui/load.js";
import { pages, usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

const HOUR = 3_600_000;
/** @type {Record<string, string>} */
const ICONS = {
  call: "phone",
  edit: "pencil",
  bulk: "users",
  list: "users",
  merge: "users",
  skip: "history",
};

const LOST_REASON = "lost_reason";

/** Kinds that name no lead. */
const OF_MANY = new Set(["bulk", "list"]);

/** @type {PageSource<Action, ActionPage>} */
const ACTIONS = {
  path: "/actions/",
  limit: 50,
  items: (page) => page.actions,
  next: ({ next }) => (next === null ? null : { after: next }),
};

/** @param {PageProps} props */
export default function ActionsPage({ session }) {
  const list = usePages(ACTIONS);
  useUndo(list.again);
  const [busy, setBusy] = useState("");
  /**
   * @param {Action} action
   * @param {HTMLElement | null} row
   */
  const undo = async (action, row) => {
    setBusy(keyOf(action));
    // Of those that have another one, the undo itself says so.
    if ((await UNDO[action.kind](action)) === true) {
      toast(t("undone", { what: whatOf(action) }));
    }
    setBusy("");
    list.again();
    // Its button is gone with the action; the next one is below.
    row?.focus();
  };
  /** @param {Action} action */
  const whatOf = ({ kind, name, leads }) =>
    [t(`action.${kind}`), name ?? t("leads.count", { count: leads })].join(": ");
  /** @param {Action} action */
  const row = (action) => html`<li key=${keyOf(action)} tabindex="-1">
    <${Icon} name=${ICONS[action.kind] ?? "history"} size=${16} />
    <div><b>${
      action.lead_id
        ? html`<a href=${address(`lead/${action.lead_id}`)}>
            ${action.name ?? `#${action.lead_id}`}</a>`
        : t(OF_MANY.has(action.kind) ? "leads.count" : "actions.hidden", { count: action.leads })
    }</b> <time class="quiet" dateTime=${action.at}
        title=${moment(action.at)}>${since(action.at)}</time>
      <small>${[t(`action.${action.kind}`), ...said(action, session.centers)].join(" · ")}
      </small></div>
    ${
      action.can_undo
        ? html`<button disabled=${busy !== ""}
            onClick=${(/** @type {PageEvent} */ event) =>
              undo(action, event.currentTarget.closest("li"))}
            aria-label=${t("actions.undo", { what: whatOf(action) })}>
            <${Icon} name="undo-2" size=${15} />${t("action.undo")}</button>`
        : html`<span class="quiet">${t(`actions.why.${action.why_not}`)}</span>`
    }</li>`;
  return html`<div class="head"><h1>${t("nav.actions")}</h1>
      <small class="quiet">${t("actions.hint")}</small></div>
    ${pages(list, (items) => {
      // A page that isn't read yet has what is older.
      const last = list.hasMore ? (items.at(-1)?.at ?? "") : "";
      const all = [...items, ...skips().filter((one) => one.at > last)];
      all.sort((one, other) => (one.at < other.at ? 1 : -1));
      if (all.length === 0) {
        return html`<${Empty} icon="history" title=${t("actions.empty")}>
          <a class="button" href="#/next">${t("nav.next")}</a><//>`;
      }
      const groups = [...new Set(all.map(groupOf))];
      return groups.map(
        (group) => html`<section class="panel" key=${group}><h2>${t(`actions.${group}`)}</h2>
        <ul class="list actions">${all.filter((one) => groupOf(one) === group).map(row)}</ul>
      </section>`,
      );
    })}`;
}

/** @param {Action} action */
const keyOf = ({ kind, id }) => `${kind} ${id}`;

/** @type {() => Action[]} What the server doesn't know: who was skipped here. */
const skips = () =>
  listSkipped().map(({ id, name, at }) => ({
    kind: "skip",
    id,
    at,
    lead_id: id,
    name,
    leads: 1,
    outcome: null,
    fields: [],
    to: {},
    can_undo: true,
    why_not: null,
  }));

/** @type {Record<Action["kind"], (action: Action) => Promise<boolean | "told">>} */
const UNDO = {
  call: ({ id, lead_id: lead }) => undoCall(lead ?? 0, id, () => {}),
  edit: ({ id, lead_id: lead }) => undoEdit(lead ?? 0, id, () => {}),
  bulk: ({ id, fields }) => undoBulk(id, () => {}, fields.includes("deleted") ? "delete" : "bulk"),
  list: ({ id }) => undoList(id),
  merge: ({ id }) => undoMerge(id, () => {}),
  skip: async ({ id, name }) => {
    unskip(id);
    writeDraft("hand", { values: { id, name } });
    go("");
    return "told";
  },
};

/** @param {Action} action */
function groupOf({ at }) {
  if (Date.now() - Date.parse(at) < HOUR) return "hour";
  return toLocal(at).slice(0, 10) === dayFromToday(0) ? "today" : "yesterday";
}

/**
 * Return what an action has changed, field by field; only the names of what is personal.
 * @param {Action} action
 * @param {Center[]} centers
 */
function said({ outcome, fields, to }, centers) {
  // What the reason "Other" was is personal, and that it's the other one is said already.
  const named = fields.filter(
    (name) => name !== "lost_reason_text" || !fields.includes(LOST_REASON),
  );
  const changes = named.map((name) => {
    if (!(name in to)) return label("lead", name);
    const value = name === "owner_id" ? (to.owner ?? t("owner.none")) : (to[name] ?? null);
    return `${label("lead", name)}: ${shown(name, value, centers)}`;
  });
  return outcome ? [label("outcome_of", outcome), ...changes] : changes;
}
