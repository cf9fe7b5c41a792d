// All leads: filtered, searched, selected, changed together, and exported.
import { openOnes } from "../centers/choice.js";
import { html, useEffect, useState } from "../html.js";
import { download } from "../api.js";
import { AddLead } from "../leads/add-lead.js";
import { BulkEdit } from "../leads/bulk-edit.js";
import { FILTERS, Filters } from "../leads/filters.js";
import { leadPages } from "../leads/lists.js";
import { Header, Row } from "../leads/table.js";
import { address, currentPlace, go, replace } from "../router.js";
import { useAlert } from "../ui/arrivals.js";
import { t } from "../texts.js";
import { errorText, orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { useKeys } from "../ui/keys.js";
import { Empty, useLoad } from "../ui/load.js";
import { Menu } from "../ui/menu.js";
import { usePages } from "../ui/paged-list.js";
import { VirtualRows } from "../ui/virtual-rows.js";

/** @typedef {Record<string, string>} Filter */

const ROW_HEIGHT = 52;
/** On a phone a row has a third line. */
const TALL_ROW_HEIGHT = 68;
const PHONE = matchMedia("(max-width: 820px)");
const rowHeight = () => (PHONE.matches ? TALL_ROW_HEIGHT : ROW_HEIGHT);
const LEADS = leadPages(100);

/** @param {PageProps} props */
export default function LeadsPage({ query, session }) {
  /** @type {Filter} */
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query[name] ?? ""]));
  const list = usePages(LEADS, filter);
  const leads = list.items;
  const options = useLoad("/leads/filter-options");
  const owners = useLoad("/leads/owners");
  const [selected, setSelected] = useState(/** @type {Set<number>} */ (new Set()));
  const [at, setAt] = useState(0);
  const [isAdding, setAdding] = useState(false);
  useEffect(() => {
    if (!query.add) return;
    setAdding(true);
    replace("leads", filter);
  }, [query.add]);
  const mayEdit = session.me.role !== "observer";
  const clear = () => setSelected(new Set());
  /** @param {Filter} changes */
  const set = (changes) => {
    setAt(0);
    clear();
    // The address, not what was drawn last: a search that was just typed is set a moment later.
    replace("leads", { ...currentPlace().query, ...changes });
  };
  // Rows are not drawn again when the selection changes, so this starts from the current one.
  /** @param {number} id */
  const select = (id) =>
    setSelected((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const all = leads.length > 0 && selected.size === leads.length;
  const selectAll = () => setSelected(new Set(all ? [] : leads.map((one) => one.id)));
  const lead = leads[at];
  useAlert(() => {
    // What is read further down, or was selected, must not move.
    if (scrollY < ROW_HEIGHT && at === 0 && selected.size === 0) list.again();
  });
  useKeys({
    j: () => setAt(Math.min(at + 1, leads.length - 1)),
    k: () => setAt(Math.max(at - 1, 0)),
    Enter: () => lead && go(`lead/${lead.id}`),
    x: () => mayEdit && lead && select(lead.id),
    Escape: clear,
    n: () => mayEdit && setAdding(true),
  });
  const centers = new Map(session.centers.map((one) => [one.id, one.display_name]));
  /** @type {(one: LeadRow, index: number) => Child} */
  const row = (one, index) => html`<${Row} key=${one.id} lead=${one}
    center=${centers.get(one.center_id ?? 0)} isCurrent=${index === at}
    isSelected=${selected.has(one.id)} onSelect=${mayEdit ? select : null} />`;
  const table = () => html`<div class=${list.isFresh ? "table" : "table waiting"} role="table"
      aria-label=${t("nav.leads")} aria-busy=${!list.isFresh && !list.problem}>
    <${Header} sort=${filter.sort} all=${all}
      onSort=${(/** @type {string} */ sort) => set({ sort })}
      onAll=${mayEdit ? selectAll : null} />
    <${VirtualRows} items=${leads} height=${rowHeight()} at=${at} row=${row}
      hasMore=${list.hasMore || !list.isFresh}
      onEnd=${() => !list.problem && list.more()} /></div>`;
  const isEmpty = list.isFresh && leads.length === 0 && !list.problem;
  return html`
    <div class="head"><h1>${t("nav.leads")}</h1>
      <span class="tools">
        ${
          session.me.may_export &&
          html`<${Menu} trigger=${html`<${Icon} name="download" />${t("leads.export")}`}
          items=${["csv", "xlsx"].map((kind) => ({
            text: t(`leads.export.${kind}`),
            icon: "file-spreadsheet",
            onSelect: () => save(kind, filter),
          }))} />`
        }
        ${
          mayEdit &&
          html`<a class="button" href=${address("duplicates")}>
          <${Icon} name="users" />${t("leads.duplicates")}</a>`
        }
        ${
          mayEdit &&
          html`<button class="primary" onClick=${() => setAdding(true)}>
          <${Icon} name="plus" />${t("leads.add")}<kbd aria-hidden="true">n</kbd></button>`
        }
      </span></div>
    <${Filters} filter=${filter} set=${set} centers=${session.ownCenters}
      options=${options.data} owners=${owners.data} focus=${query.focus} />
    ${
      list.problem &&
      html`<p class="wrong" role="alert">${errorText(list.problem)}
      <button onClick=${list.isFresh && list.hasMore ? list.more : list.again}>
        ${t("action.retry")}</button></p>`
    }
    ${
      isEmpty
        ? html`<${None} filter=${filter} mayEdit=${mayEdit} onAdd=${() => setAdding(true)} />`
        : table()
    }
    ${
      selected.size > 0 &&
      html`<${BulkEdit} ids=${[...selected]} owners=${owners.data} onClear=${clear}
      onDone=${() => {
        clear();
        list.again();
      }} />`
    }
    ${
      isAdding &&
      html`<${AddLead} centers=${openOnes(session.ownCenters)}
      onClose=${() => setAdding(false)} />`
    }`;
}

/**
 * Nothing matches the filters, or there are no leads yet.
 * @param {{ filter: Filter, mayEdit: boolean, onAdd: () => void }} props
 */
function None({ filter, mayEdit, onAdd }) {
  const isFiltered = FILTERS.some((name) => filter[name] && name !== "sort");
  if (isFiltered) {
    return html`<${Empty} icon="users" title=${t("leads.no_match")}>
      <button onClick=${() => replace("leads")}>${t("leads.clear_filters")}</button><//>`;
  }
  return html`<${Empty} icon="users" title=${t("leads.empty")}><p>${t("leads.empty.hint")}</p>
    ${mayEdit && html`<button class="primary" onClick=${onAdd}>${t("leads.add")}</button>`}<//>`;
}

/**
 * @param {string} kind
 * @param {Filter} filter
 */
function save(kind, filter) {
  const { sort, ...rest } = filter;
  return orToast(() => download(`/leads/export.${kind}`, rest));
}
