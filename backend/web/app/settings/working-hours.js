// When a person works: their hours and their leave, as they or team leads edit them.
import { html, useState } from "../html.js";
import { ask, patch, post } from "../api.js";
import { dayOf } from "../format.js";
import { t } from "../texts.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { WeekFields, fieldsOf, inShort, readWeek } from "./week.js";

/** What is proposed to someone who has no hours of their own yet. */
const USUAL = Array.from({ length: 7 }, () => [{ opens: "10:00", closes: "20:00" }]);

/** @typedef {"/presence/me" | `/users/${number}/presence`} Path */

/** @param {{ path: Path }} props */
export function WorkingHours({ path }) {
  const presence = useLoad(path);
  return loaded(
    presence,
    // Each in an element of its own: what is made again would get a place before all others.
    (data) => html`<div><${Hours} key=${JSON.stringify(data.week)} path=${path} week=${data.week}
        onChange=${presence.again} /></div>
      <h3>${t("leave")}</h3>
      <div><${LeaveList} leave=${data.leave} onChange=${presence.again} /></div>
      <div><${AddLeave} key=${data.leave.length} user=${data.user_id}
        onChange=${presence.again} /></div>`,
  );
}

/** @param {{ path: Path, week: Week | null, onChange: () => void }} props */
function Hours({ path, week, onChange }) {
  const [isOwn, setOwn] = useState(week !== null);
  const form = useForm(fieldsOf(week ?? USUAL), async (values) => {
    await patch(path, { week: isOwn ? readWeek(values) : null });
    toast(t("saved"));
    onChange();
  });
  return html`<p class="quiet">${week ? inShort(week) : t("hours_of.usual")}</p>
    <form onSubmit=${form.submit}>
      <label class="pick"><input type="checkbox" checked=${isOwn}
        onChange=${() => setOwn(!isOwn)} />${t("hours_of.own")}</label>
      ${isOwn && html`<${WeekFields} form=${form} />`}
      ${(isOwn || week) && html`<${Submit} form=${form} text=${t("action.save")} />`}</form>`;
}

/** @param {{ leave: Leave[], onChange: () => void }} props */
function LeaveList({ leave, onChange }) {
  if (leave.length === 0) return html`<p class="quiet">${t("leave.none")}</p>`;
  /** @param {number} id */
  const remove = (id) =>
    orToast(async () => {
      await ask("DELETE", `/leave/${id}`);
      onChange();
    });
  return html`<ul class="list">${leave.map((one) => {
    const days = [...new Set([one.first_day, one.last_day])].map(dayOf).join(" – ");
    return html`<li class="line" key=${one.id}><span class="grow">${days}${" "}
      ${one.label && html`<small>${one.label}</small>`}</span>
      <button type="button" class="plain" aria-label=${`${t("leave.remove")}: ${days}`}
        onClick=${() => remove(one.id)}><${Icon} name="x" /></button></li>`;
  })}</ul>`;
}

/** @param {{ user: number, onChange: () => void }} props */
function AddLeave({ user, onChange }) {
  const first = { first_day: "", last_day: "", label: "" };
  const form = useForm(first, async (values) => {
    const { first_day, last_day, label } = values;
    const given = { first_day, last_day: last_day || null, label: label.trim() || null };
    await post("/leave/", { ...given, user_id: user });
    toast(t("saved"));
    onChange();
  });
  return html`<form onSubmit=${form.submit}>
    <${Field} form=${form} name="first_day" type="date" label=${t("holidays.first_day")}
      required />
    <${Field} form=${form} name="last_day" type="date" label=${t("holidays.last_day")}
      hint=${t("holidays.last_day_hint")} min=${form.values.first_day} />
    <${Field} form=${form} name="label" label=${t("leave.label")}
      hint=${t("leave.label_hint")} maxlength="100" />
    <${Submit} form=${form} text=${t("leave.add")} /></form>`;
}
