// All leads: filtered, searched, selected, changed together, and as a file. The address has the filter.
import { Component, html, useState } from "../html.js";
import { download } from "../api.js";
import { AddLead } from "../components/addlead.js";
import { FILTERS, Filters } from "../components/filters.js";
import { said } from "../components/form.js";
import { Icon } from "../components/icon.js";
import { useKeys } from "../components/keys.js";
import { Avatar, Status, isClosed, title } from "../components/lead.js";
import { Empty, useLoad } from "../components/load.js";
import { Menu } from "../components/menu.js";
import { Rows, usePages } from "../components/rows.js";
import { toast } from "../components/toast.js";
import { Together } from "../components/together.js";
import { address, go, replace } from "../router.js";
import { named, since, t, tel, when } from "../words.js";

const HEIGHT = 52;
/** How a click on a column's name sorts, and sorts the other way. */
const SORTS = { created: ["", "created"], due: ["due"] };

export default function Leads({ query, world }) {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query[name] ?? ""]));
  const pages = usePages(filter);
  const choices = useLoad("/leads/filter-options");
  const [chosen, setChosen] = useState(new Set());
  const [at, setAt] = useState(0);
  const [adding, setAdding] = useState(false);
  const mayEdit = world.me.role !== "observer";
  const set = (changes) => {
    setAt(0);
    setChosen(new Set());
    replace("leads", { ...filter, ...changes });
  };
  // Of what is chosen now, and not when the row was drawn.
  const choose = (id) => setChosen((now) => {
    const next = new Set(now);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  const all = pages.leads.length > 0 && chosen.size === pages.leads.length;
  const lead = pages.leads[at];
  useKeys({
    j: () => setAt(Math.min(at + 1, pages.leads.length - 1)),
    k: () => setAt(Math.max(at - 1, 0)),
    Enter: () => lead && go(`lead/${lead.id}`),
    x: () => mayEdit && lead && choose(lead.id),
    Escape: () => setChosen(new Set()),
    n: () => mayEdit && setAdding(true),
  });
  const names = Object.fromEntries(world.centers.map((one) => [one.id, one.display_name]));
  const row = (one, index) => html`<${Row} key=${one.id} lead=${one} center=${names[one.center_id]}
    isAt=${index === at} isChosen=${chosen.has(one.id)} onChoose=${mayEdit && choose} />`;
  return html`
    <div class="head"><h1>${t("nav.leads")}</h1>
      <span class="tools">
        <${Menu} trigger=${html`<${Icon} name="download" />${t("leads.export")}`}
          items=${["csv", "xlsx"].map((kind) => ({
            text: t(`leads.${kind}`), icon: "file-spreadsheet", onSelect: () => save(kind, filter) }))} />
        ${mayEdit && html`<button class="primary" onClick=${() => setAdding(true)}>
          <${Icon} name="plus" />${t("leads.add")}<kbd aria-hidden="true">n</kbd></button>`}
      </span></div>
    <${Filters} filter=${filter} set=${set} centers=${world.own} choices=${choices.data}
      focus=${query.focus} />
    ${pages.problem && html`<p class="wrong" role="alert">${said(pages.problem)}
      <button onClick=${pages.again}>${t("again")}</button></p>`}
    ${pages.fresh && pages.leads.length === 0 && !pages.problem
      ? html`<${None} filter=${filter} mayEdit=${mayEdit} onAdd=${() => setAdding(true)} />`
      : html`<div class=${pages.fresh ? "table" : "table waiting"} role="table"
          aria-label=${t("nav.leads")} aria-busy=${!pages.fresh}>
          <${Header} sort=${filter.sort} all=${all} onSort=${(sort) => set({ sort })}
            onAll=${mayEdit && (() => setChosen(new Set(all ? [] : pages.leads.map((one) => one.id))))} />
          <${Rows} items=${pages.leads} height=${HEIGHT} at=${at} onEnd=${pages.more}
            ended=${pages.ended} row=${row} /></div>`}
    ${chosen.size > 0 && html`<${Together} ids=${[...chosen]} onLeave=${() => setChosen(new Set())}
      onDone=${() => {
        setChosen(new Set());
        pages.again();
      }} />`}
    ${adding && html`<${AddLead} centers=${world.own} onClose=${() => setAdding(false)} />`}`;
}

/** Nothing fits the filter, or there is nothing yet. */
function None({ filter, mayEdit, onAdd }) {
  const isFiltered = FILTERS.some((name) => filter[name] && name !== "sort");
  return html`<${Empty} icon="users" title=${t("leads.none")}>
    <p>${t(isFiltered ? "leads.none.more" : "leads.none.yet")}</p>
    ${isFiltered ? html`<button onClick=${() => replace("leads")}>${t("leads.clear")}</button>`
      : mayEdit && html`<button class="primary" onClick=${onAdd}>${t("leads.add")}</button>`}<//>`;
}

function Header({ sort, all, onSort, onAll }) {
  const name = (text, by) => {
    const ways = SORTS[by];
    const isOn = ways.includes(sort);
    return html`<span role="columnheader" class=${by === "due" ? "wide" : undefined}
        aria-sort=${isOn ? (sort === "" ? "descending" : "ascending") : undefined}>
      <button class="plain" onClick=${() => onSort(ways[(ways.indexOf(sort) + 1) % ways.length])}>
        ${t(text)}${isOn && html`<${Icon} name=${sort === "" ? "arrow-down" : "arrow-up"} size=${13} />`}
      </button></span>`;
  };
  return html`<div class="names" role="row">
    ${onAll && html`<label class="check" role="columnheader"><input type="checkbox" checked=${all}
      aria-label=${t("leads.all")} onChange=${onAll} /></label>`}
    <span role="columnheader">${t("lead.player_name")}</span>
    <span role="columnheader" class="wide">${t("lead.center")}</span>
    <span role="columnheader">${t("lead.status")}</span>
    ${name("lead.due", "due")}${name("lead.created", "created")}
    <span role="columnheader"><span class="unseen">${t("call")}</span></span>
  </div>`;
}

/** Drawn anew only when something of it has changed, so that a long list scrolls smoothly. */
class Row extends Component {
  shouldComponentUpdate(next) {
    return ["lead", "center", "isAt", "isChosen"].some((name) => next[name] !== this.props[name]);
  }

  render({ lead, center, isAt, isChosen, onChoose }) {
    const name = title(lead);
    return html`<div class="row" role="row" aria-selected=${isChosen} data-at=${isAt ? "" : undefined}>
      ${onChoose && html`<label class="check" role="cell"><input type="checkbox" checked=${isChosen}
        aria-label=${t("leads.choose", { name })} onChange=${() => onChoose(lead.id)} /></label>`}
      <a role="cell" class="who" href=${address(`lead/${lead.id}`)}><${Avatar} name=${name} />
        <span><b>${name}</b><small>${[lead.phone, lead.player_age_category].filter(Boolean).join(" · ")}
        </small></span></a>
      <span role="cell" class="wide">${center ?? ""}<small>${lead.campaign
        ?? named("source", lead.source)}</small></span>
      <span role="cell"><${Status} value=${lead.status} /></span>
      <span role="cell" class="wide date"><${Due} lead=${lead} /></span>
      <span role="cell" class="date">${when(lead.created_time)}</span>
      <span role="cell">${lead.phone && html`<a class="button plain" href=${tel(lead.phone)}
        aria-label=${t("call.of", { name })}><${Icon} name="phone" /></a>`}</span>
    </div>`;
  }
}

function Due({ lead }) {
  if (!lead.next_followup_date) return null;
  const late = Date.parse(lead.next_followup_date) < Date.now() && !isClosed(lead);
  return html`<span class=${late ? "late" : ""}>${since(lead.next_followup_date)}</span>`;
}

async function save(kind, filter) {
  try {
    const { sort, ...rest } = filter;
    await download(`/leads/export.${kind}`, rest);
  } catch (problem) {
    toast(said(problem), { wrong: true });
  }
}
