// Reports on the leads of a period.
import { html } from "../html.js";
import { dayFromToday } from "../format.js";
import { CenterChoice } from "../leads/filters.js";
import { Days } from "../reports/days.js";
import { Bars, CallTable, MissedTable, StageTable, Totals } from "../reports/figures.js";
import { People } from "../reports/people.js";
import { address, replace } from "../router.js";
import { label, t } from "../texts.js";
import { Empty, loaded, useLoad } from "../ui/load.js";

/** @typedef {import("../reports/figures.js").Link} Link */

/** The periods that take one click, in days until today. */
const PERIODS = [7, 30, 90, 365];

/** @param {PageProps} props */
export default function ReportsPage({ query, session }) {
  const period = {
    from: query.from ?? dayFromToday(-29),
    to: query.to ?? dayFromToday(0),
    center_id: query.center_id ?? "",
  };
  const report = useLoad("/reports/", period);
  /** @param {Record<string, string>} changes */
  const set = (changes) => replace("reports", { ...period, ...changes });
  /** @type {Link} */
  const link = (filter = {}) =>
    address("leads", {
      created_from: period.from,
      created_to: period.to,
      center_id: period.center_id,
      test: "no",
      ...filter,
    });
  /** @type {Link} What was done in the period, to leads of any age. */
  const done = (filter = {}) =>
    address("leads", {
      did_from: period.from,
      did_to: period.to,
      center_id: period.center_id,
      test: "no",
      ...filter,
    });
  /** @type {(name: "from" | "to", bounds: object) => Child} */
  const day = (name, bounds) => html`<label class="inline">${t(`filter.${name}`)}
    <input type="date" value=${period[name]} ...${bounds}
      onChange=${(event) => event.target.value && set({ [name]: event.target.value })} /></label>`;
  return html`
    <div class="head"><h1>${t("nav.reports")}</h1>
      <div class="picks spans" role="group" aria-label=${t("reports.period")}>
        ${PERIODS.map(
          (days) => html`<button key=${days}
          aria-pressed=${period.from === dayFromToday(1 - days) && period.to === dayFromToday(0)}
          onClick=${() => set({ from: dayFromToday(1 - days), to: dayFromToday(0) })}>
          ${t("reports.days", { count: days })}</button>`,
        )}</div>
      ${
        session.me.role === "team_lead" &&
        html`<a class="button" href="#/live">${t("nav.live")}</a>`
      }
      <span class="tools dates">
        ${day("from", { max: period.to })}${day("to", { min: period.from })}
        <${CenterChoice} centers=${session.ownCenters} value=${period.center_id}
          onChange=${(/** @type {string} */ value) => set({ center_id: value })} />
      </span></div>
    ${loaded(report, (data) =>
      data.funnel[0]?.count
        ? html`<${Panels} data=${data} link=${link} done=${done} centers=${session.centers} />`
        : html`<${Empty} icon="chart-column" title=${t("reports.empty")}>
            <p>${t("reports.empty.hint")}</p><//>`,
    )}
    <div class="reports">
      <${People} period=${period} mayExport=${session.me.may_export} /></div>`;
}

/** @param {{ data: Report, link: Link, done: Link, centers: Center[] }} props */
function Panels({ data, link, done, centers }) {
  const stages = Object.fromEntries(data.funnel.map((one) => [one.stage, one.count]));
  /** @param {number | null} id */
  const centerName = (id) => centers.find((one) => one.id === id)?.display_name ?? t("none");
  const funnel = data.funnel.map((one) => ({
    name: t(`stage.${one.stage}`),
    count: one.count,
    href: link(one.stage === "leads" ? {} : { reached: one.stage }),
  }));
  const firstCalls = data.first_call.map((one) => ({
    name: t(`first_call.${one.within}`),
    count: one.count,
    href: link({ first_call: one.within }),
  }));
  const byCenter = data.centers.map((one) => ({
    ...one,
    name: centerName(one.center_id),
    filter: { center_id: one.center_id ?? "none" },
  }));
  const byCampaign = data.campaigns.map((one) => ({
    ...one,
    name: one.campaign ?? t("none"),
    filter: { campaign: one.campaign ?? "none" },
  }));
  const byCall = data.calls.centers.map((one) => ({
    ...one,
    name: centerName(one.center_id),
    filter: { center_id: one.center_id ?? "none" },
  }));
  const reasons = data.reasons.map((one) => ({
    name: one.reason === null ? t("none") : label("reason", one.reason),
    count: one.count,
    href: link({ reached: "lost", lost_reason: one.reason ?? "none" }),
  }));
  return html`<${Totals} data=${data} link=${link} />
    <div class="reports">
      <section class="panel whole"><h2>${t("reports.by_day")}</h2>
        <${Days} data=${data} link=${link} /></section>
      <section class="panel"><h2>${t("reports.funnel")}</h2>
        <${Bars} items=${funnel} whole=${stages.leads} /></section>
      <section class="panel"><h2>${t("reports.first_call")}</h2>
        <${Bars} items=${firstCalls} whole=${stages.leads} /></section>
      <section class="panel"><h2>${t("reports.centers")}</h2>
        <${StageTable} items=${byCenter} link=${link} /></section>
      <section class="panel"><h2>${t("reports.campaigns")}</h2>
        <${StageTable} items=${byCampaign} link=${link} /></section>
      ${
        data.calls.attempts > 0 &&
        html`<section class="panel"><h2>${t("reports.calls")}</h2>
        <${CallTable} calls=${data.calls} centers=${byCall} link=${done} /></section>`
      }
      ${
        data.missed.days.length > 0 &&
        html`<section class="panel"><h2>${t("reports.missed")}</h2>
        <${MissedTable} missed=${data.missed} link=${done} /></section>`
      }
      <section class="panel"><h2>${t("reports.reasons")}</h2>
        ${
          reasons.length > 0
            ? html`<${Bars} items=${reasons} whole=${stages.lost} />`
            : html`<p class="quiet">${t("reports.reasons.empty")}</p>`
        }</section>
    </div>`;
}
