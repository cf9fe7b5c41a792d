// All leads: filtered, searched, selected, changed together, and exported.
import { openOnes } from "../centers/choice.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { download, get, queryText } from "../api.js";
import { queryOf } from "../leads/filter-values.js";
import { FILTERS, Filters, Several } from "../leads/filters.js";
import { ListChangeState, useListChange } from "../leads/list-change.js";
import { keepList, listAgain } from "../leads/list-place.js";
import { leadPages } from "../leads/lists.js";
import { SavedViews } from "../leads/saved-views.js";
import { Header, Row, columnNames, useColumns, widths } from "../leads/table.js";
import { address, currentPlace, go, replace } from "../router.js";
import { useAlert, useUndo } from "../ui/arrivals.js";
import { t } from "../texts.js";
import { ExportMenu } from "../ui/export-menu.js";
import { errorText, orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { useKeys } from "../ui/keys.js";
import { Empty, lazy, lazyDialog, useLoad, useNewest } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { usePages } from "../ui/paged-list.js";
import { VirtualRows } from "../ui/virtual-rows.js";

const AddLead = lazyDialog(() => import("../leads/add-lead.js"), "AddLead");
const BulkEdit = lazy(() => import("../leads/bulk-edit.js"), "BulkEdit");

/** @typedef {Record<string, string>} Filter */

const ROW_HEIGHT = 52;
/** On a phone a row has a third line. */
const TALL_ROW_HEIGHT = 68;
const PHONE = matchMedia("(max-width: 820px)");
const rowHeight = () => (PHONE.matches ? TALL_ROW_HEIGHT : ROW_HEIGHT);
const LEADS = leadPages(100);
/** How far a list is counted: beyond it, nobody needs the exact number. */
const MOST_COUNTED = 10_000;

/**
 * @param {HTMLElement | null} box
 * @param {string} selector
 * @returns {HTMLElement | null | undefined}
 */
const find = (box, selector) => box?.querySelector(selector);

/** @param {PageProps} props */
export default function LeadsPage({ query, session }) {
  /** @type {Filter} */
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query[name] ?? ""]));
  const wanted = queryOf(filter);
  const [left] = useState(() => listAgain(wanted));
  const list = usePages(LEADS, wanted, left);
  const leads = list.items;
  const options = useLoad("/leads/filter-options");
  const owners = useLoad("/leads/owners");
  const [selected, setSelected] = useState(/** @type {Set<number>} */ (new Set()));
  /** The whole list, if all of its leads are selected. */
  const [whole, setWhole] = useState(
    /** @type {{ filter: string, total: number } | null} */ (null),
  );
  const [at, setAt] = useState(left?.at ?? 0);
  const [isAdding, setAdding] = useState(false);
  useEffect(() => {
    if (!query.add) return;
    setAdding(true);
    replace("leads", filter);
  }, [query.add]);
  const [columns, setColumns] = useColumns();
  const [isChoosing, setChoosing] = useState(false);
  const mayEdit = session.me.role !== "observer";
  const change = useListChange(mayEdit, list.again);
  const clear = () => {
    setSelected(new Set());
    setWhole(null);
  };
  // What is selected is of this list, and must not be changed from another one: a view, a link and
  // the browser's Back lead there as well.
  const now = queryText(wanted);
  const of = useRef(now);
  useLayoutEffect(() => {
    if (of.current === now) return;
    of.current = now;
    setAt(0);
    clear();
  }, [now]);
  /** @param {Filter} changes */
  const set = (changes) => {
    // The address, not what was drawn last: a search that was just typed is set a moment later.
    replace("leads", { ...currentPlace().query, ...changes });
  };
  // Rows are not drawn again when the selection changes, so this starts from the current one.
  /** @param {number} id */
  const select = (id) => {
    setWhole(null);
    setSelected((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  const all = leads.length > 0 && selected.size === leads.length;
  const selectAll = () => {
    setWhole(null);
    setSelected(new Set(all ? [] : leads.map((one) => one.id)));
  };
  const selectWhole = () =>
    orToast(async () => {
      const list = unsorted(filter);
      const { total, more } = await get("/leads/total", list);
      if (more) toast(t("bulk.too_many", { count: total }), { wrong: true });
      else setWhole({ filter: queryText(list), total });
    });
  const lead = leads[at];
  const count = useCount(list, filter);
  useAlert(() => {
    // What is read further down, or was selected, must not move.
    if (scrollY < ROW_HEIGHT && at === 0 && selected.size === 0) list.again();
  });
  useUndo(list.again);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // Back on the row that was opened.
    if (left) find(box.current, "[data-at] .who")?.focus({ preventScroll: true });
  }, []);
  /** @param {number} row */
  const leave = (row) => {
    const top = find(box.current, ".rows")?.scrollTop ?? 0;
    keepList({ query: wanted, items: leads, next: list.next, at: row, top });
  };
  /** @param {MouseEvent} event */
  const clicked = ({ target }) => {
    const link = target instanceof Element && target.closest(".who");
    const id = link && link.getAttribute("href")?.split("/").at(-1);
    const row = leads.findIndex((one) => String(one.id) === id);
    if (row >= 0) leave(row);
  };
  useKeys({
    j: () => setAt(Math.min(at + 1, leads.length - 1)),
    k: () => setAt(Math.max(at - 1, 0)),
    Enter: () => {
      if (!lead) return;
      leave(at);
      go(`lead/${lead.id}`);
    },
    x: () => mayEdit && lead && select(lead.id),
    Escape: clear,
    n: () => mayEdit && setAdding(true),
  });
  const centers = new Map(session.centers.map((one) => [one.id, one.display_name]));
  /** @type {(one: LeadRow, index: number) => Child} */
  const row = (one, index) => html`<${Row} key=${one.id} lead=${one} columns=${columns}
    center=${centers.get(one.center_id ?? 0)} isCurrent=${index === at}
    isSelected=${whole !== null || selected.has(one.id)} onSelect=${mayEdit ? select : null} />`;
  const table = () => html`<div ref=${box} onClick=${clicked} role="table" style=${widths(columns)}
      class=${list.isFresh ? "table" : "table waiting"}
      aria-label=${t("nav.leads")} aria-busy=${!list.isFresh && !list.problem}>
    <${Header} columns=${columns} sort=${filter.sort} all=${all}
      onSort=${(/** @type {string} */ sort) => set({ sort })}
      onAll=${mayEdit ? selectAll : null} />
    <${VirtualRows} items=${leads} height=${rowHeight()} at=${at} row=${row} top=${left?.top}
      hasMore=${list.hasMore || !list.isFresh}
      onEnd=${() => !list.problem && list.more()} /></div>`;
  const isEmpty = list.isFresh && leads.length === 0 && !list.problem;
  return html`
    <div class="head"><h1>${t("nav.leads")}</h1>
      <small class="quiet" role="status">${
        list.isFresh &&
        leads.length > 0 &&
        t(count.more ? "leads.at_least" : "leads.count", { count: count.total })
      }</small>
      <span class="tools">
        <${SavedViews} filter=${filter} session=${session} />
        <button class="columns" onClick=${() => setChoosing(true)}>${t("leads.columns")}</button>
        ${
          session.me.may_export &&
          html`<${ExportMenu} save=${(/** @type {string} */ kind) => save(kind, filter)} />`
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
    ${change.now && html`<${ListChangeState} one=${change.now} set=${change.set} />`}
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
      html`<${BulkEdit} ids=${[...selected]} owners=${owners.data} onClear=${clear} whole=${whole}
      mayDelete=${session.me.role === "team_lead"} mayExport=${session.me.may_export}
      onExport=${(/** @type {string} */ kind) =>
        whole ? save(kind, filter) : saveSome(kind, [...selected], filter)}
      onWhole=${all && list.hasMore && !whole ? selectWhole : null}
      onBegun=${(/** @type {ListChange} */ begun) => {
        clear();
        change.set(begun);
      }}
      onDone=${() => {
        clear();
        list.again();
      }} />`
    }
    ${
      isChoosing &&
      html`<${Several} label=${t("leads.columns")} options=${columnNames()} values=${columns}
      submit=${t("action.save")} onClose=${() => setChoosing(false)}
      onChange=${(/** @type {string[]} */ chosen) => {
        setColumns(chosen);
        setChoosing(false);
      }} />`
    }
    ${
      isAdding &&
      html`<${AddLead} centers=${openOnes(session.ownCenters)}
      onClose=${() => setAdding(false)} />`
    }`;
}

/**
 * Return the query of a filter, without the order.
 * @param {Filter} filter
 */
function unsorted({ sort, ...rest }) {
  return queryOf(rest);
}

/**
 * Return how many leads a list has; `more` says that there are more than that.
 * @param {PagedList<LeadRow, LeadPage>} list
 * @param {Filter} filter
 */
function useCount({ items, hasMore, isFresh, reads }, filter) {
  const query = { ...unsorted(filter), up_to: MOST_COUNTED };
  const what = JSON.stringify(query);
  const [found, set] = useState({ what: "", total: 0, more: false });
  const begin = useNewest();
  useEffect(() => {
    if (!isFresh || !hasMore) return;
    const isLate = begin();
    get("/leads/total", query).then(
      (counted) => !isLate() && set({ what, ...counted }),
      // The list says what is wrong, if it is.
      () => {},
    );
    // Counted again whenever the list is read again from its beginning.
  }, [what, reads, isFresh && hasMore]);
  if (!hasMore || found.what !== what) return { total: items.length, more: hasMore };
  return { total: Math.max(found.total, items.length), more: found.more };
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
  return orToast(() => download(`/leads/export.${kind}`, unsorted(filter)));
}

/**
 * @param {string} kind
 * @param {number[]} ids
 * @param {Filter} filter Its list may be of leads that nobody may contact.
 */
function saveSome(kind, ids, { contact }) {
  const wanted = { ids, ...(contact ? { contact } : {}) };
  return orToast(() => download(`/leads/export.${kind}`, {}, wanted));
}
