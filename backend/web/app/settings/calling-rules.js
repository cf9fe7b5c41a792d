// When each center is open, how often and how soon it calls, and its holidays, for team leads.
import { html, useState } from "../html.js";
import { ask, patch, post } from "../api.js";
import { dayOf, duration } from "../format.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { WeekFields, fieldsOf, inShort, readWeek } from "./week.js";

/** @typedef {{ id: number | null, name: string }} Place A center, or all of them. */
/** @typedef {{ place: Place } | { holiday: true }} Open What is edited, or a new holiday. */

/** @type {["first_call", "follow_up"]} */
const TARGETS = ["first_call", "follow_up"];

/** @param {{ session: Session }} props */
export function CallingRulesPanel({ session }) {
  const rules = useLoad("/calling-rules/");
  const [open, setOpen] = useState(/** @type {Open | null} */ (null));
  const close = () => setOpen(null);
  const changed = () => {
    rules.again();
    close();
  };
  const centers = session.centers.filter((one) => !one.archived);
  const places = [
    { id: null, name: t("message_texts.all_centers") },
    ...centers.map((one) => ({ id: one.id, name: one.display_name })),
  ];
  return loaded(
    rules,
    (data) => html`<section class="panel"><h2>${t("hours")}</h2>
      <p class="quiet">${t("hours.hint")}</p>
      <${Places} rules=${data} places=${places}
        onOpen=${(/** @type {Place} */ place) => setOpen({ place })} /></section>
    <section class="panel"><div class="head"><h2>${t("holidays")}</h2>
      <button class="primary" onClick=${() => setOpen({ holiday: true })}>
        <${Icon} name="plus" />${t("holidays.add")}</button></div>
      <${Holidays} holidays=${data.holidays} places=${places} onChange=${changed} /></section>
    ${
      open &&
      "place" in open &&
      html`<${RulesDialog} rules=${data} place=${open.place} onClose=${close}
        onChange=${changed} />`
    }
    ${
      open &&
      "holiday" in open &&
      html`<${HolidayDialog} places=${places} onClose=${close} onChange=${changed} />`
    }`,
  );
}

/**
 * @param {CallingRules} rules
 * @param {number | null} id
 */
function rulesOf(rules, id) {
  const own = rules.centers.find((one) => one.center_id === id);
  const none = { week: null, retry_plan: null, first_call_minutes: null, follow_up_minutes: null };
  return id === null ? rules : (own ?? none);
}

/**
 * Return the targets of a place in short; null for those of all centers.
 * @param {Targets} targets
 * @param {boolean} isOfAll
 */
function targetsInShort(targets, isOfAll) {
  const given = TARGETS.map((one) => {
    const minutes = targets[`${one}_minutes`];
    if (minutes === null) return null;
    const time = minutes ? duration(60 * minutes) : t("hours.no_targets");
    return t(`hours.target_of.${one}`, { time });
  }).filter(Boolean);
  return given.join(", ") || (isOfAll ? t("hours.no_targets") : null);
}

/**
 * @param {{ rules: CallingRules, places: Place[], onOpen: (place: Place) => void }} props
 */
function Places({ rules, places, onOpen }) {
  const names = ["hours.center", "hours", "hours.tries", "hours.targets"];
  return html`<div class="scroll"><table class="cards">
    <thead><tr>${names.map((one) => html`<th scope="col" key=${one}>${t(one)}</th>`)}</tr></thead>
    <tbody>${places.map((place) => {
      const own = rulesOf(rules, place.id);
      const { week, retry_plan } = own;
      const inherited = html`<span class="quiet">${t("hours.inherited")}</span>`;
      return html`<tr key=${place.id}><th scope="row">
        <button class="link" onClick=${() => onOpen(place)}>${place.name}</button></th>
        <td data-label=${t("hours")}>${week ? inShort(week) : inherited}</td>
        <td data-label=${t("hours.tries")}>
          ${retry_plan ? retry_plan.join(", ") : inherited}</td>
        <td data-label=${t("hours.targets")}>
          ${targetsInShort(own, place.id === null) ?? inherited}</td></tr>`;
    })}</tbody></table></div>`;
}

/** @param {string | undefined} text */
const readMinutes = (text) => (text ? Number(text) : null);

/**
 * @param {{ rules: CallingRules, place: Place, onClose: () => void, onChange: () => void }} props
 */
function RulesDialog({ rules, place, onClose, onChange }) {
  const own = rulesOf(rules, place.id);
  const week = own.week ?? rules.week;
  /** @type {Record<string, string>} */
  const first = {
    ...fieldsOf(week),
    retry_plan: own.retry_plan?.join(", ") ?? "",
    first_call_minutes: String(own.first_call_minutes ?? ""),
    follow_up_minutes: String(own.follow_up_minutes ?? ""),
  };
  const [isOwn, setOwn] = useState(own.week !== null);
  const form = useForm(first, async (values) => {
    const tries = (values.retry_plan ?? "").split(/[\s,]+/).filter(Boolean);
    const given = {
      week: isOwn ? readWeek(values) : null,
      retry_plan: tries.length > 0 ? tries : null,
      first_call_minutes: readMinutes(values.first_call_minutes),
      follow_up_minutes: readMinutes(values.follow_up_minutes),
    };
    await patch(
      place.id === null ? "/calling-rules/" : `/centers/${place.id}/calling-rules`,
      given,
    );
    toast(t("saved"));
    onChange();
  });
  return html`<${Dialog} title=${place.name} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${
        place.id !== null &&
        html`<label class="pick"><input type="checkbox" checked=${isOwn}
          onChange=${() => setOwn(!isOwn)} />${t("hours.own")}</label>`
      }
      ${isOwn && html`<${WeekFields} form=${form} />`}
      <${Field} form=${form} name="retry_plan" label=${t("hours.tries")}
        hint=${t("hours.tries_hint")} placeholder=${rules.retry_plan.join(", ")} />
      ${TARGETS.map(
        (one) => html`<${Field} form=${form} key=${one} name=${`${one}_minutes`} type="number"
          min="0" max="10080" label=${t(`hours.${one}_minutes`)} hint=${
            place.id === null ? t(`hours.${one}_hint`) : t("hours.minutes_of_center_hint")
          } />`,
      )}
      <${Submit} form=${form} text=${t("action.save")} /></form><//>`;
}

/**
 * @param {{ holidays: Holiday[], places: Place[], onChange: () => void }} props
 */
function Holidays({ holidays, places, onChange }) {
  if (holidays.length === 0) return html`<p class="quiet">${t("holidays.none")}</p>`;
  const names = ["holidays.days", "holidays.label", "hours.center"];
  /** @param {Holiday} holiday */
  const remove = ({ id, ...rest }) =>
    orToast(async () => {
      await ask("DELETE", `/holidays/${id}`);
      const undo = () =>
        orToast(async () => {
          await post("/holidays/", rest);
          onChange();
        });
      toast(t("holidays.removed", { name: rest.label }), { undo });
      onChange();
    });
  return html`<div class="scroll"><table class="cards">
    <thead><tr>${names.map((one) => html`<th scope="col" key=${one}>${t(one)}</th>`)}
      <th><span class="unseen">${t("holidays.remove")}</span></th></tr></thead>
    <tbody>${holidays.map(
      (one) => html`<tr key=${one.id}>
      <td>${[...new Set([one.first_day, one.last_day])].map(dayOf).join(" – ")}</td>
      <th scope="row">${one.label}</th>
      <td>${places.find(({ id }) => id === one.center_id)?.name}</td>
      <td><button class="plain" aria-label=${`${t("holidays.remove")}: ${one.label}`}
        onClick=${() => remove(one)}><${Icon} name="x" /></button></td></tr>`,
    )}</tbody></table></div>`;
}

/** @param {{ places: Place[], onClose: () => void, onChange: () => void }} props */
function HolidayDialog({ places, onClose, onChange }) {
  const first = { label: "", first_day: "", last_day: "", center_id: "" };
  const form = useForm(first, async (values) => {
    const center_id = Number(values.center_id) || null;
    await post("/holidays/", { ...values, last_day: values.last_day || null, center_id });
    toast(t("saved"));
    onChange();
  });
  return html`<${Dialog} title=${t("holidays.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="label" label=${t("holidays.label")} required autofocus />
      <${Field} form=${form} name="first_day" type="date" label=${t("holidays.first_day")}
        required />
      <${Field} form=${form} name="last_day" type="date" label=${t("holidays.last_day")}
        hint=${t("holidays.last_day_hint")} min=${form.values.first_day} />
      <${Field} form=${form} name="center_id" label=${t("hours.center")}
        options=${places.map(({ id, name }) => [String(id ?? ""), name])} />
      <${Submit} form=${form} text=${t("action.save")} /></form><//>`;
}
