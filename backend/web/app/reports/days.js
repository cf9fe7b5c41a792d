// Leads by day and source: a chart, and a table with the same numbers as links.
import { html } from "../html.js";
import { count, label, t } from "../texts.js";
import { Chart, color } from "./chart.js";

/** @typedef {import("./figures.js").Link} Link */
/** @typedef {{ name: string, source: string, values: number[] }} Series */

const DAY = 86_400_000;

/** @param {{ data: Report, link: Link }} props */
export function Days({ data, link }) {
  const days = [];
  for (let at = Date.parse(data.from); at <= Date.parse(data.to); at += DAY) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  const series = seriesOf(data, days);
  /** @param {string} day */
  const pick = (day) => {
    location.hash = link({ created_from: day, created_to: day });
  };
  return html`<ul class="legend">${series.map(
    (one, index) => html`<li key=${one.name}>
      <a href=${link({ source: one.source })}><i class=${color(index)}></i>${one.name}
        <b class="number">${count(one.values.reduce((sum, value) => sum + value, 0))}</b></a>
    </li>`,
  )}</ul>
    <${Chart} days=${days} series=${series} onPick=${pick} />
    <details><summary>${t("reports.table")}</summary>
      <${DaysTable} days=${days} series=${series} link=${link} /></details>`;
}

/**
 * @param {Report} data
 * @param {string[]} days
 * @returns {Series[]}
 */
function seriesOf(data, days) {
  const found = new Map(data.days.map((one) => [`${one.day}|${one.source}`, one.leads]));
  return [...new Set(data.days.map((one) => one.source))].map((source) => ({
    name: label("source", source ?? "none"),
    source: source ?? "none",
    values: days.map((day) => found.get(`${day}|${source}`) ?? 0),
  }));
}

/** @param {{ days: string[], series: Series[], link: Link }} props */
function DaysTable({ days, series, link }) {
  /** @type {(day: string, source?: string) => string} */
  const leads = (day, source) => link({ created_from: day, created_to: day, source });
  return html`<div class="scroll"><table>
    <thead><tr><th scope="col">${t("reports.day")}</th>${series.map(
      (one) => html`
      <th scope="col" class="number" key=${one.name}>${one.name}</th>`,
    )}</tr></thead>
    <tbody>${days.map(
      (day, index) => html`<tr key=${day}>
      <th scope="row"><a href=${leads(day)}>${day}</a></th>
      ${series.map(
        (one) => html`<td class="number" key=${one.name}>
        <a href=${leads(day, one.source)}>${count(one.values[index] ?? 0)}</a></td>`,
      )}</tr>`,
    )}
    </tbody></table></div>`;
}
