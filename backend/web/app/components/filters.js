// What a list of leads is narrowed down by. The address has it, so that a list can be shared.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";
import { STATUSES } from "./lead.js";
import { named, t } from "../words.js";

/** What the address says and the form has no field for, such as what a figure counts. */
const QUIET = ["reached", "first_call", "lost_reason", "test"];
const SHOWN = ["status", "center_id", "source", "campaign", "age_category", "due",
  "created_from", "created_to"];
export const FILTERS = ["q", ...SHOWN, "sort", ...QUIET];

/** A select that shows whether it narrows anything down. */
export function Choice({ label, value, options, onChange }) {
  return html`<select class=${value ? "choice on" : "choice"} aria-label=${label} value=${value}
      onChange=${(event) => onChange(event.target.value)}>
    <option value="">${label}</option>
    ${value && !options.some(([one]) => String(one) === value) && html`<option value=${value}>${value}</option>`}
    ${options.map(([one, text]) => html`<option value=${one} key=${one}>${text}</option>`)}
  </select>`;
}

/** All centers, where there are several. */
export function CenterChoice({ centers, value, onChange }) {
  if (centers.length < 2) return null;
  return html`<${Choice} label=${t("filter.center_id")} value=${value} onChange=${onChange}
    options=${centers.map((one) => [one.id, one.display_name])} />`;
}

/**
 * @param {{ filter: Record<string, string>, set: (changes: Record<string, string>) => void,
 *   centers: Center[], choices: Choices | null, focus?: string }} props
 */
export function Filters({ filter, set, centers, choices, focus }) {
  const [open, setOpen] = useState(false);
  const on = [...SHOWN, ...QUIET].filter((name) => filter[name]);
  const choice = (name, options) => html`<${Choice} key=${name} label=${t(`filter.${name}`)}
    value=${filter[name]} options=${options} onChange=${(value) => set({ [name]: value })} />`;
  const own = (values) => (values ?? []).map((one) => [one, one]);
  const day = (name, label) => html`<label class="inline">${t(label)}<input type="date"
    class=${filter[name] ? "on" : undefined} value=${filter[name]}
    onChange=${(event) => set({ [name]: event.target.value })} /></label>`;
  return html`<div class="filters" role="search">
    <${Search} value=${filter.q} set=${set} focus=${focus} />
    <button class="fold" aria-expanded=${open} onClick=${() => setOpen(!open)}>
      <${Icon} name="list-filter" />${t("filter")}${on.length > 0 && html` <b>${on.length}</b>`}</button>
    <div class=${open ? "choices open" : "choices"}>
      ${choice("status", STATUSES.map((one) => [one, named("status", one)]))}
      <${CenterChoice} centers=${centers} value=${filter.center_id}
        onChange=${(value) => set({ center_id: value })} />
      ${choice("due", ["overdue", "today", "week", "none"].map((one) => [one, t(`due.${one}`)]))}
      ${choice("source", own(choices?.sources).map(([one]) => [one, named("source", one)]))}
      ${choices?.campaigns.length > 0 && choice("campaign", own(choices.campaigns))}
      ${choice("age_category", own(choices?.age_categories))}
      <span class="narrow">${choice("sort", ["created", "due"].map((one) => [one, t(`sort.${one}`)]))}</span>
      <span class="days">${day("created_from", "filter.from")}${day("created_to", "filter.to")}</span>
      ${QUIET.filter((name) => filter[name] && name !== "test").map((name) => html`
        <button class="choice on" key=${name} onClick=${() => set({ [name]: "" })}>
          ${t(`filter.${name}`)}: ${meaning(name, filter[name])}<${Icon} name="x" size=${14} /></button>`)}
      ${on.length > 0 && html`<button class="plain" onClick=${() => set(
        Object.fromEntries(on.map((name) => [name, ""])))}>${t("filter.clear")}</button>`}
    </div>
  </div>`;
}

const GROUP = { reached: "stage", first_call: "first_call", lost_reason: "reason" };
const meaning = (name, value) => (value === "none" && name === "lost_reason"
  ? t("none") : named(GROUP[name], value));

function Search({ value, set, focus }) {
  const [text, setText] = useState(value);
  const own = useRef(null);
  // Before anybody can type: later it would take away what was typed into a field just drawn.
  useLayoutEffect(() => setText(value), [value]);
  useEffect(() => { if (focus) own.current.focus(); }, [focus]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => set({ q: text }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<label class="search"><${Icon} name="search" />
    <input type="search" data-search ref=${own} value=${text} placeholder=${t("leads.search")}
      aria-label=${t("leads.search")} onInput=${(event) => setText(event.target.value)}
      onKeyDown=${(event) => event.key === "Escape" && event.target.blur()} /><kbd aria-hidden="true">/</kbd></label>`;
}
