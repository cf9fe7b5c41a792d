// The filters of a list of leads. They are part of the address, so that a list can be shared.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { withLeads } from "../centers/choice.js";
import { dayMonth } from "../format.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { STATUSES } from "./lead.js";
import { Dialog } from "../ui/dialog.js";
import { textOf, valuesOf } from "./filter-values.js";
import { QUEUE, people } from "./owner.js";

/** @typedef {Record<string, string>} Filter */

/** Filters without a field, which links from reports set. */
const HIDDEN = [
  "reached",
  "first_call",
  "lost_reason",
  "test",
  "did",
  "did_by",
  "did_from",
  "did_to",
];
/** They have one field together: what someone did, and when. */
const DID = ["did", "did_by", "did_from", "did_to"];
const SHOWN = [
  "status",
  "center_id",
  "owner",
  "source",
  "campaign",
  "age_category",
  "phone_issue",
  "contact",
  "due",
  "work",
  "trial",
  "attempts",
  "last_call",
  "unreachable",
  "missed",
  "repeat",
  "created_from",
  "created_to",
  "last_call_from",
  "last_call_to",
  "attempts_from",
  "attempts_to",
];
/** Those that are always in sight; the others are once they have a value, or on request. */
const USUAL = ["status", "center_id", "owner", "due", "work", "source"];
/** Those that can have several values. */
const MANY = ["status", "center_id", "owner", "source", "campaign", "age_category", "phone_issue"];
export const FILTERS = ["q", ...SHOWN, "sort", ...HIDDEN];
export const DUE = ["overdue", "today", "week", "none"];
const WORK = ["open", "no_next_step"];
export const TRIALS = ["upcoming", "overdue", "attended", "no_show", "cancelled", "none"];
/** The sort orders beside the usual one, newest first. */
export const SORTS = ["created", "due", "last_call", "-last_call", "name", "status", "owner"];
/** @type {Record<string, string>} The texts that name the values of a hidden filter. */
const GROUPS = { reached: "stage", first_call: "first_call", lost_reason: "reason" };

/** The option that asks for several values. */
const SEVERAL = "\t";

/**
 * A select that shows whether it filters.
 * @param {{ label: string, value: string, options: [string | number, string][],
 *   onChange: (value: string) => void, values?: string[], onSeveral?: () => void }} props
 *   `values` are those that are chosen, where there can be several.
 */
export function Choice({ label: name, value, options, onChange, values = [value], onSeveral }) {
  const isOther = value && !options.some(([one]) => String(one) === value);
  /** @param {string} one */
  const nameOf = (one) => options.find(([known]) => String(known) === one)?.[1] ?? one;
  /** @param {PageEvent} event */
  const changed = ({ target }) => {
    if (target.value !== SEVERAL) onChange(target.value);
    else {
      target.value = value;
      onSeveral?.();
    }
  };
  return html`<select class=${value ? "choice on" : "choice"} aria-label=${name} value=${value}
      onChange=${changed}>
    <option value="">${name}</option>
    ${isOther && html`<option value=${value}>${values.map(nameOf).join(", ")}</option>`}
    ${options.map(([one, text]) => html`<option value=${one} key=${one}>${text}</option>`)}
    ${onSeveral && html`<option value=${SEVERAL}>${t("filter.several")}</option>`}
  </select>`;
}

/**
 * Asks for several values, such as those of a filter.
 * @param {{ label: string, submit?: string, values: string[], options: [string | number, string][],
 *   onChange: (values: string[]) => void, onClose: () => void }} props
 */
export function Several({
  label: name,
  submit: text = t("filter.apply"),
  values,
  options,
  onChange,
  onClose,
}) {
  const [chosen, setChosen] = useState(values);
  /** @param {string} one */
  const turn = (one) =>
    setChosen(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    onChange(chosen);
  };
  return html`<${Dialog} title=${name} onClose=${onClose}><form onSubmit=${submit}>
    <div class="ticks">${options.map(
      ([one, text]) => html`<label class="inline" key=${one}><input type="checkbox"
        checked=${chosen.includes(String(one))} onChange=${() => turn(String(one))} />
        ${text}</label>`,
    )}</div>
    <footer><button class="primary">${text}</button></footer></form><//>`;
}

/**
 * A select of centers; nothing if there is only one.
 * @param {{ centers: Center[], value: string, onChange: (value: string) => void }} props
 */
export function CenterChoice({ centers, ...rest }) {
  if (centers.length < 2) return null;
  const options = withLeads(centers);
  return html`<${Choice} label=${t("filter.center_id")} options=${options} ...${rest} />`;
}

/**
 * @param {{ filter: Filter, set: (changes: Filter) => void, centers: Center[],
 *   options: FilterOptions | null, owners: Owner[] | null, focus?: string,
 *   leftOut?: string[] }} props `leftOut` are those that aren't offered.
 */
export function Filters(props) {
  const { filter, set, centers, options, owners, focus, leftOut = [] } = props;
  const [isOpen, setOpen] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const [asked, ask] = useState(
    /** @type {{ name: string, options: [string | number, string][] } | null} */ (null),
  );
  const active = [...SHOWN, ...HIDDEN].filter((name) => filter[name]);
  // As many as there are to see: what someone did is one.
  const many = active.filter((name) => name !== "test" && !DID.slice(1).includes(name)).length;
  /** @param {string[]} names */
  const isShown = (...names) =>
    isWhole || names.some((name) => USUAL.includes(name) || filter[name]);
  /** @type {(name: string, values: [string, string][]) => Child} */
  const choice = (name, values) =>
    leftOut.includes(name) || !(name === "sort" || isShown(name))
      ? null
      : html`<${Choice} key=${name} label=${t(`filter.${name}`)} options=${values}
        ...${choosing(name, values)} />`;
  /** @type {(name: string, options: [string | number, string][]) => object} */
  const choosing = (name, offered) => ({
    value: filter[name],
    values: valuesOf(name, filter[name]),
    onChange: (/** @type {string} */ value) => set({ [name]: value }),
    onSeveral:
      MANY.includes(name) && offered.length > 2 ? () => ask({ name, options: offered }) : undefined,
  });
  /** @type {(values: string[] | undefined) => [string, string][]} */
  const own = (values = []) => values.map((one) => [one, one]);
  /** @type {(name: string, type: string) => Child} */
  const end = (name, type) => html`<label class="inline">${t(`filter.${name}`)}<input type=${type}
    class=${filter[name] ? "on" : undefined} value=${filter[name]}
    min=${type === "number" ? 0 : undefined}
    onChange=${(event) => set({ [name]: event.target.value })} /></label>`;
  /** @type {(of: string, type: string) => Child} */
  const range = (of, type) => {
    const names = [`${of}_from`, `${of}_to`];
    return (
      isShown(...names) && html`<span class="days">${names.map((one) => end(one, type))}</span>`
    );
  };
  return html`<div class="filters" role="search">
    <${Search} value=${filter.q} set=${set} focus=${focus} />
    <button class="fold" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <${Icon} name="list-filter" />${t("filter")}
      ${many > 0 && html` <b>${many}</b>`}</button>
    <div class=${isOpen ? "choices open" : "choices"}>
      ${choice(
        "status",
        STATUSES.map((one) => [one, label("status", one)]),
      )}
      <${CenterChoice} centers=${centers} ...${choosing("center_id", withLeads(centers))} />
      ${choice("owner", [["me", t("owner.me")], [QUEUE, t("owner.none")], ...people(owners)])}
      ${choice(
        "due",
        DUE.map((one) => [one, t(`due.${one}`)]),
      )}
      ${choice(
        "work",
        WORK.map((one) => [one, t(`work.${one}`)]),
      )}
      ${choice(
        "trial",
        TRIALS.map((one) => [one, t(`filter.trial.${one}`)]),
      )}
      ${choice(
        "source",
        (options?.sources ?? []).map((one) => [one, label("source", one)]),
      )}
      ${options && options.campaigns.length > 0 && choice("campaign", own(options.campaigns))}
      ${choice("age_category", own(options?.age_categories))}
      ${
        options &&
        options.phone_issues.length > 0 &&
        choice(
          "phone_issue",
          ["any", ...options.phone_issues].map((one) => [one, label("phone_issue", one)]),
        )
      }
      ${choice(
        "contact",
        ["refused", "allowed"].map((one) => [one, t(`filter.contact.${one}`)]),
      )}
      ${choice(
        "attempts",
        ["0", "1", "2", "3"].map((one) => [one, t(`attempts.${one}`)]),
      )}
      ${choice(
        "last_call",
        ["today", "week", "month", "earlier", "none"].map((one) => [one, t(`last_call.${one}`)]),
      )}
      ${choice(
        "unreachable",
        ["yes", "no"].map((one) => [one, t(`unreachable.${one}`)]),
      )}
      ${choice(
        "missed",
        ["first_call", "follow_up"].map((one) => [one, t(`missed.${one}`)]),
      )}
      ${choice(
        "repeat",
        ["yes", "no"].map((one) => [one, t(`repeat.${one}`)]),
      )}
      <span class="narrow">${choice(
        "sort",
        SORTS.map((one) => [one, t(`sort.${one}`)]),
      )}</span>
      ${range("created", "date")} ${range("last_call", "date")} ${range("attempts", "number")}
      ${
        filter.did &&
        html`<button class="choice on"
        onClick=${() => set(Object.fromEntries(DID.map((name) => [name, ""])))}>
        ${didText(filter, owners)} <${Icon} name="x" size=${14} /></button>`
      }
      ${HIDDEN.filter((name) => filter[name] && ![...DID, "test"].includes(name)).map(
        (name) => html`
        <button class="choice on" key=${name} onClick=${() => set({ [name]: "" })}>
          ${t(`filter.${name}`)}: ${meaning(name, filter[name])}
          <${Icon} name="x" size=${14} /></button>`,
      )}
      <button class="plain" aria-expanded=${isWhole} onClick=${() => setWhole(!isWhole)}>
        ${t(isWhole ? "filter.fewer" : "filter.more")}</button>
      ${
        active.length > 0 &&
        html`<button class="plain"
        onClick=${() => set(Object.fromEntries(active.map((name) => [name, ""])))}>
        ${t("filter.clear")}</button>`
      }
    </div>
    ${
      asked &&
      html`<${Several} label=${t("filter.several.title")} options=${asked.options}
      values=${valuesOf(asked.name, filter[asked.name])} onClose=${() => ask(null)}
      onChange=${(/** @type {string[]} */ values) => {
        ask(null);
        set({ [asked.name]: textOf(asked.name, values) });
      }} />`
    }
  </div>`;
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
const meaning = (name, value) =>
  value === "none" && name === "lost_reason" ? t("none") : label(GROUPS[name] ?? "", value);

/**
 * @param {Filter} filter
 * @param {Owner[] | null} owners
 */
function didText({ did, did_by: by, did_from: from, did_to: to }, owners) {
  const name = owners?.find((one) => String(one.id) === by)?.full_name ?? `#${by}`;
  const who = by && (by === "me" ? t("owner.me") : name);
  const days = [...new Set([from, to])].map((day) => dayMonth(day)).join(" – ");
  return `${t(`did.${did}`)}: ${[who, days].filter(Boolean).join(", ")}`;
}

/** @param {{ value: string, set: (changes: Filter) => void, focus?: string }} props */
function Search({ value, set, focus }) {
  const [text, setText] = useState(value);
  const own = useRef(/** @type {HTMLInputElement | null} */ (null));
  // What was searched for from here. More may have been typed before the list has followed.
  const sent = useRef("");
  // A layout effect: later, it would undo what was typed into a field that just appeared.
  useLayoutEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (focus) own.current?.focus();
  }, [focus]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      set({ q: text });
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);
  return html`<label class="search"><${Icon} name="search" />
    <input type="search" data-search ref=${own} value=${text} placeholder=${t("leads.search")}
      aria-label=${t("leads.search")} onInput=${(event) => setText(event.target.value)}
      onKeyDown=${(event) => event.key === "Escape" && event.target.blur()} />
    <kbd aria-hidden="true">/</kbd></label>`;
}
