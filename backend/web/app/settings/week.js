// A week of hours, as people type it and as it is shown: of a center, or of a person.
import { html } from "../html.js";
import { Problem } from "../api.js";
import { t } from "../texts.js";
import { Field } from "../ui/form.js";

const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", timeZone: "UTC" });
// The first of January 2024 was a Monday.
const DAYS = [1, 2, 3, 4, 5, 6, 7].map((day) => weekday.format(Date.UTC(2024, 0, day)));
const HOURS = /^\s*(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)\s*$/;

/**
 * Return the hours of a day as people type them; empty on a closed day.
 * @param {Week[number]} day
 */
const written = (day) => day.map((one) => `${one.opens}–${one.closes}`).join(", ");

/**
 * Return a week in short: `Mon–Fri 10:00–20:00, Sat–Sun closed`.
 * @param {Week} week
 */
export function inShort(week) {
  /** @type {{ from: number, to: number, hours: string }[]} */
  const runs = [];
  week.forEach((day, index) => {
    const hours = written(day);
    const last = runs.at(-1);
    if (last && last.hours === hours) last.to = index;
    else runs.push({ from: index, to: index, hours });
  });
  return runs
    .map(({ from, to, hours }) => {
      const days = from === to ? DAYS[from] : `${DAYS[from]}–${DAYS[to]}`;
      return `${days} ${hours || t("hours.closed")}`;
    })
    .join("; ");
}

/**
 * Return the hours that someone typed for a day.
 * @param {string} text
 * @param {string | undefined} day
 */
function readDay(text, day) {
  if (text.trim() === "") return [];
  let last = "";
  return text.split(",").map((part) => {
    const found = HOURS.exec(part);
    if (!found) throw new Problem(422, t("hours.wrong", { day }));
    const [opens = "", closes = ""] = found.slice(1).map((one) => one.padStart(5, "0"));
    // The server checks it, too, but names no day.
    if (opens <= last || closes <= opens) throw new Problem(422, t("hours.order", { day }));
    last = closes;
    return { opens, closes };
  });
}

/**
 * Return a week as the fields of a form have it.
 * @param {Week} week
 * @returns {Record<string, string>}
 */
export const fieldsOf = (week) =>
  Object.fromEntries(week.map((day, index) => [`day${index}`, written(day)]));

/** @param {Record<string, string>} values */
export const readWeek = (values) =>
  DAYS.map((day, index) => readDay(values[`day${index}`] ?? "", day));

/** @param {{ form: import("../ui/form.js").Form<Record<string, unknown>> }} props */
export function WeekFields({ form }) {
  const asMonday = () =>
    form.setValues(Object.fromEntries(DAYS.map((_, index) => [`day${index}`, form.values.day0])));
  return html`<p class="quiet">${t("hours.typed")}</p>
    ${DAYS.map(
      (day, index) => html`<${Field} form=${form} key=${day} name=${`day${index}`}
      label=${day} placeholder=${t("hours.closed")} />`,
    )}
    <div class="picks"><button type="button" onClick=${asMonday}>
      ${t("hours.as_monday")}</button></div>`;
}
