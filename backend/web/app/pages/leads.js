// All leads: filtered, searched, selected, changed together, and as a file. The address has the filter.
import { html, useEffect, useRef, useState } from "/web/html.js";
import { download, post } from "/web/api.js";
import { Dialog } from "/web/components/dialog.js";
import { Field, Send, said, useForm } from "/web/components/form.js";
import { useKeys } from "/web/components/keys.js";
import {
  NEXT, STATUSES, Status, StatusMore, firstTrial, statusChange, statusOptions, title,
} from "/web/components/lead.js";
import { Empty, useLoad } from "/web/components/load.js";
import { Rows, usePages } from "/web/components/rows.js";
import { toast } from "/web/components/toast.js";
import { address, go, replace } from "/web/router.js";
import { count, named, since, t, when } from "/web/words.js";

const HEIGHT = 52;
/** What the address says and the form has no field for, such as what a figure counts. */
const QUIET = ["created_from", "created_to", "reached", "first_call", "lost_reason", "test"];
const FILTERS = ["q", "status", "center_id", "source", "campaign", "age_category", "due", "sort", ...QUIET];

export default function Leads({ query, world }) {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query[name] ?? ""]));
  const pages = usePages(filter);
  const choices = useLoad("/leads/choices");
  const [chosen, setChosen] = useState(new Set());
  const [at, setAt] = useState(0);
  const [adding, setAdding] = useState(false);
  const mayEdit = world.me.role !== "observer";
  const set = (name, value) => {
    setAt(0);
    setChosen(new Set());
    replace("leads", { ...filter, [name]: value });
  };
  const choose = (id) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
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
  const row = (one, index) => html`<div class="row" role="row" key=${one.id}
      aria-selected=${chosen.has(one.id)} data-at=${index === at ? "" : undefined}>
    ${mayEdit && html`<label class="check" role="cell"><input type="checkbox" checked=${chosen.has(one.id)}
      aria-label=${t("leads.choose", { name: title(one) })} onChange=${() => choose(one.id)} /></label>`}
    <a role="cell" href=${address(`lead/${one.id}`)}><b>${title(one)}</b>
      <small>${[one.phone, one.player_age_category].filter(Boolean).join(" · ")}</small></a>
    <span role="cell" class="wide">${names[one.center_id] ?? ""}<small>${one.campaign
      ?? named("source", one.source)}</small></span>
    <span role="cell"><${Status} value=${one.status} /></span>
    <span role="cell" class="wide date">${due(one)}</span>
    <span role="cell" class="date">${when(one.created_time)}</span>
  </div>`;
  return html`
    <div class="head"><h1>${t("nav.leads")}</h1>
      <span class="tools">
        ${["csv", "xlsx"].map((kind) => html`<button key=${kind}
          onClick=${() => save(kind, filter)}>${t(`leads.${kind}`)}</button>`)}
        ${mayEdit && html`<button class="primary" onClick=${() => setAdding(true)}>
          ${t("leads.add")}<kbd>n</kbd></button>`}
      </span></div>
    <${Filters} filter=${filter} set=${set} centers=${world.centers} choices=${choices.data}
      focus=${query.focus} />
    ${chosen.size > 0 && html`<${Together} ids=${[...chosen]} onDone=${() => {
      setChosen(new Set());
      pages.again();
    }} />`}
    ${pages.problem && html`<p class="wrong" role="alert">${said(pages.problem)}
      <button onClick=${pages.again}>${t("again")}</button></p>`}
    ${pages.fresh && pages.leads.length === 0 && !pages.problem
      ? html`<${Empty} title=${t("leads.none")}><p>${t("leads.none.more")}</p>
          <button onClick=${() => replace("leads")}>${t("leads.clear")}</button><//>`
      : html`<div class=${pages.fresh ? "table" : "table waiting"} role="table"
          aria-label=${t("nav.leads")} aria-busy=${!pages.fresh}>
          <${Rows} items=${pages.leads} height=${HEIGHT} at=${at} onEnd=${pages.more}
            ended=${pages.ended} row=${row} /></div>`}
    ${adding && html`<${Add} world=${world} onClose=${() => setAdding(false)} />`}`;
}

function due(lead) {
  if (!lead.next_followup_date) return "";
  const late = new Date(lead.next_followup_date) < Date.now()
    && !["Joined", "Dead/Not Interested"].includes(lead.status);
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

function Filters({ filter, set, centers, choices, focus }) {
  const [text, setText] = useState(filter.q);
  const search = useRef(null);
  useEffect(() => setText(filter.q), [filter.q]);
  useEffect(() => { if (focus) search.current.focus(); }, [focus]);
  useEffect(() => {
    if (text === filter.q) return undefined;
    const timer = setTimeout(() => set("q", text), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const select = (name, options) => html`<select key=${name} aria-label=${t(`filter.${name}`)}
      value=${filter[name]} onChange=${(event) => set(name, event.target.value)}>
    <option value="">${t(`filter.${name}`)}</option>
    ${options.map(([value, label]) => html`<option value=${value} key=${value}>${label}</option>`)}
  </select>`;
  const own = (values) => (values ?? []).map((one) => [one, one]);
  return html`<div class="filters" role="search">
    <input type="search" data-search ref=${search} value=${text} placeholder=${t("leads.search")}
      aria-label=${t("leads.search")} onInput=${(event) => setText(event.target.value)}
      onKeyDown=${(event) => event.key === "Escape" && event.target.blur()} />
    ${select("status", STATUSES.map((one) => [one, named("status", one)]))}
    ${centers.length > 1 && select("center_id", centers.map((one) => [one.id, one.display_name]))}
    ${select("source", own(choices?.sources).map(([one]) => [one, named("source", one)]))}
    ${choices?.campaigns.length > 0 && select("campaign", own(choices.campaigns))}
    ${select("age_category", own(choices?.age_categories))}
    ${select("due", ["overdue", "today", "week", "none"].map((one) => [one, t(`due.${one}`)]))}
    ${select("sort", ["created", "due"].map((one) => [one, t(`sort.${one}`)]))}
    <label class="inline">${t("filter.from")}<input type="date" value=${filter.created_from}
      onChange=${(event) => set("created_from", event.target.value)} /></label>
    <label class="inline">${t("filter.to")}<input type="date" value=${filter.created_to}
      onChange=${(event) => set("created_to", event.target.value)} /></label>
    ${QUIET.slice(2).filter((name) => filter[name] && name !== "test").map((name) => html`
      <button class="chip" key=${name} onClick=${() => set(name, "")}>
        ${t(`filter.${name}`)}: ${named(name, filter[name])} ×</button>`)}
  </div>`;
}

/** What is done to all that are chosen. */
function Together({ ids, onDone }) {
  const form = useForm({ status: "", next: "", lost_reason: "", trial_at: firstTrial() }, async (values) => {
    const change = values.status ? statusChange(values) : {};
    const at = NEXT.find(([, name]) => name === values.next)?.[2]();
    if (at) change.next_followup_date = at;
    if (values.next === "clear") change.next_followup_date = null;
    const done = await post("/leads/bulk", { ids: ids.slice(0, 1000), ...change });
    toast(t("leads.changed", { count: count(done.changed) }), { undo: () => undo(done.id, onDone) });
    onDone();
  });
  const nothing = !form.values.status && !form.values.next;
  return html`<form class="together" onSubmit=${form.submit}>
    <b>${t("leads.chosen", { count: count(ids.length) })}</b>
    <${Field} form=${form} name="status" label=${t("lead.status")} options=${statusOptions(t("keep"))} />
    <${StatusMore} form=${form} />
    <${Field} form=${form} name="next" label=${t("lead.due")} options=${[["", t("keep")],
      ...NEXT.map(([, name]) => [name, t(name)]), ["clear", t("next.clear")]]} />
    ${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}
    <button class="primary" disabled=${form.busy || nothing}>${t("leads.apply")}</button>
  </form>`;
}

async function undo(id, onDone) {
  try {
    const told = await post(`/leads/bulk/${id}/undo`);
    const key = told.kept.length ? "leads.undone.but" : "leads.undone";
    toast(t(key, { count: count(told.restored), kept: count(told.kept.length) }));
    onDone();
  } catch (problem) {
    toast(said(problem), { wrong: true });
  }
}

function Add({ world, onClose }) {
  const first = {
    player_name: "", phone: "", email: "", player_age_category: "", address: "", comment: "",
    center_id: world.centers[0]?.id ?? "",
  };
  const form = useForm(first, async (values) => {
    const given = Object.entries(values).filter(([, value]) => value !== "");
    const added = await post("/leads/", { ...Object.fromEntries(given), center_id: Number(values.center_id) });
    toast(t(added.joined ? "leads.joined" : "leads.added", { name: title(added.lead) }));
    go(`lead/${added.lead.id}`);
  });
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  return html`<${Dialog} title=${t("leads.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("player_name", { required: true, autofocus: true })}
      ${field("phone", { type: "tel" })}${field("email", { type: "email" })}
      ${field("player_age_category")}
      ${field("center_id", { options: world.centers.map((one) => [one.id, one.display_name]) })}
      ${field("address")}${field("comment", { type: "textarea" })}
      <${Send} form=${form} text=${t("leads.add")} />
    </form>
  <//>`;
}
