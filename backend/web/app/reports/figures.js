// The figures of a report. Each one links to exactly the leads that it counts.
import { html } from "../html.js";
import { dayMonth, duration, share } from "../format.js";
import { count, t } from "../texts.js";

/**
 * Returns the address of the leads that a figure counts.
 * @typedef {(filter?: Record<string, string | number | undefined>) => string} Link
 * @typedef {{ name: string, count: number, href: string }} Bar
 * Calls of a name, and the filter of their leads, if there is one.
 * @typedef {CallCounts & { name: string, filter: Record<string, string | number> | null }} CallsOf
 */

/** @type {["leads", "called", "trial", "attended", "joined"]} */
const COLUMNS = ["leads", "called", "trial", "attended", "joined"];
/** The first calls that were made within an hour. */
const WITHIN_AN_HOUR = ["5m", "1h"];

/**
 * The few numbers that matter most.
 * @param {{ data: Report, link: Link }} props
 */
export function Totals({ data, link }) {
  const reached = Object.fromEntries(data.funnel.map((one) => [one.stage, one.count]));
  const { leads = 0, trial = 0, attended = 0, joined = 0 } = reached;
  const soon = data.first_call
    .filter((one) => WITHIN_AN_HOUR.includes(one.within))
    .reduce((sum, one) => sum + one.count, 0);
  const all = [
    ["leads", count(leads), link()],
    ["within_hour", share(soon, leads), link({ first_call: "hour" })],
    ["first_call", duration(data.first_call_average_s), link({ reached: "called" })],
    ["trial", share(trial, leads), link({ reached: "trial" })],
    ["attended", share(attended, leads), link({ reached: "attended" })],
    ["joined", share(joined, leads), link({ reached: "joined" })],
  ];
  return html`<ul class="totals">${all.map(
    ([name, value, href]) => html`<li key=${name}>
    <a href=${href}><span>${t(`total.${name}`)}</span><b class="number">${value}</b></a>
  </li>`,
  )}</ul>`;
}

/**
 * Bars whose lengths are shares of a whole.
 * @param {{ items: Bar[], whole: number }} props
 */
export function Bars({ items, whole }) {
  return html`<ul class="bars">${items.map(
    (one) => html`<li key=${one.name}>
    <a href=${one.href}><span>${one.name}</span>
      <span class="bar-of"><span style=${{ width: `${(100 * one.count) / whole}%` }}></span></span>
      <b class="number">${count(one.count)}</b>
      <small class="number">${share(one.count, whole)}</small></a></li>`,
  )}</ul>`;
}

/**
 * A table of how far the leads of each center or campaign came.
 * @param {{ items: (Measures & { name: string, filter: Record<string, string | number> })[],
 *   link: Link }} props
 */
export function StageTable({ items, link }) {
  return html`<div class="scroll"><table>
    <thead><tr><th></th>${COLUMNS.map(
      (stage) => html`
      <th key=${stage} scope="col" class="number">${t(`stage.${stage}`)}</th>`,
    )}
      <th scope="col" class="number">${t("reports.conversion")}</th></tr></thead>
    <tbody>${items.map(
      (one) => html`<tr key=${one.name}><th scope="row">${one.name}</th>
      ${COLUMNS.map(
        (stage) => html`<td class="number" key=${stage}>
        <a href=${link({ ...one.filter, ...(stage === "leads" ? {} : { reached: stage }) })}>
          ${count(one[stage])}</a></td>`,
      )}
      <td class="number">${share(one.joined, one.leads)}</td></tr>`,
    )}</tbody></table></div>`;
}

/**
 * The targets that were missed, by day.
 * @param {{ missed: Report["missed"], link: Link }} props `link` leads to what was done in the
 *   period.
 */
export function MissedTable({ missed, link }) {
  const days = missed.days.slice(-7).map((one) => ({
    ...one,
    name: dayMonth(one.day),
    filter: { did_from: one.day, did_to: one.day },
  }));
  /** @type {(one: { filter: Record<string, string> }, did: string, many: number) => Child} */
  const cell = (one, did, many) =>
    html`<td class="number"><a href=${link({ did, ...one.filter })}>${count(many)}</a></td>`;
  return html`<div class="scroll"><table>
    <thead><tr><th></th>
      <th scope="col" class="number">${t("reports.missed.first_call")}</th>
      <th scope="col" class="number">${t("reports.missed.follow_up")}</th></tr></thead>
    <tbody>${[{ ...missed, name: t("reports.all"), filter: {} }, ...days].map(
      (one) => html`<tr key=${one.name}><th scope="row">${one.name}</th>
      ${cell(one, "missed_first_call", one.first_call)}
      ${cell(one, "missed_follow_up", one.follow_up)}</tr>`,
    )}</tbody></table></div>`;
}

/**
 * Calls and messages, and the conversations among them, by day, center and person.
 * @param {{ calls: Report["calls"], centers: CallsOf[], link: Link }} props
 *   `link` leads to what was done in the period.
 */
export function CallTable({ calls, centers, link }) {
  const people = calls.people.map((one) => ({
    ...one,
    name: one.full_name ?? t("none"),
    // What someone did who isn't known any more can't be asked for.
    filter: one.user_id === null ? null : { did_by: one.user_id },
  }));
  const days = calls.days.slice(-7).map((one) => ({
    ...one,
    name: dayMonth(one.day),
    filter: { did_from: one.day, did_to: one.day },
  }));
  /** @type {(one: CallsOf, name: "attempts" | "conversations") => Child} */
  const cell = (one, name) => {
    const did = name === "attempts" ? "attempt" : "conversation";
    const many = count(one[name]);
    return html`<td class="number">
      ${one.filter ? html`<a href=${link({ did, ...one.filter })}>${many}</a>` : many}</td>`;
  };
  /** @type {[string, CallsOf[]][]} */
  const groups = [
    ["", [{ ...calls, name: t("reports.all"), filter: {} }]],
    [t("reports.people"), people],
    [t("reports.centers"), centers],
    [t("reports.last_days"), days],
  ];
  return html`<div class="scroll"><table>
    <thead><tr><th></th>
      <th scope="col" class="number">${t("reports.attempts")}</th>
      <th scope="col" class="number">${t("reports.conversations")}</th></tr></thead>
    ${groups
      .filter(([, rows]) => rows.length > 0)
      .map(
        ([title, rows]) => html`<tbody key=${title}>
        ${title && html`<tr><th scope="rowgroup" colspan="3" class="quiet">${title}</th></tr>`}
        ${rows.map(
          (one) => html`<tr key=${one.name}><th scope="row">${one.name}</th>
          ${cell(one, "attempts")}${cell(one, "conversations")}</tr>`,
        )}</tbody>`,
      )}</table></div>`;
}
