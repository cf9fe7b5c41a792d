// What became of the leads: charts, and each figure a link to exactly the leads behind it.
import { html } from "../html.js";
import { Columns, colour } from "../components/chart.js";
import { CenterChoice } from "../components/filters.js";
import { Empty, Loaded, useLoad } from "../components/load.js";
import { address, replace } from "../router.js";
import { count, named, share, span, t } from "../words.js";

const STAGES = ["leads", "called", "trial", "joined"];
/** The spans of days that one click stands for. */
const SPANS = [7, 30, 90, 365];

function iso(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
}

export default function FiguresPage({ query, world }) {
  const asked = { from: query.from ?? iso(-29), to: query.to ?? iso(0), center_id: query.center_id ?? "" };
  const figures = useLoad("/reports/", asked);
  const set = (changes) => replace("figures", { ...asked, ...changes });
  /** The address of leads of these days: of all, or of those of whom more holds. */
  const leads = (more = {}) => address("leads", {
    created_from: asked.from, created_to: asked.to, center_id: asked.center_id, test: "no", ...more,
  });
  const day = (name, label, more) => html`<label class="inline">${t(label)}<input type="date"
    value=${asked[name]} ...${more}
    onChange=${(event) => event.target.value && set({ [name]: event.target.value })} /></label>`;
  return html`
    <div class="head"><h1>${t("nav.figures")}</h1>
      <div class="picks spans" role="group" aria-label=${t("figures.span")}>${SPANS.map((many) => html`
        <button key=${many} aria-pressed=${asked.from === iso(1 - many) && asked.to === iso(0)}
          onClick=${() => set({ from: iso(1 - many), to: iso(0) })}>
          ${t("figures.last", { count: many })}</button>`)}</div>
      <span class="tools dates">
        ${day("from", "filter.from", { max: asked.to })}${day("to", "filter.to", { min: asked.from })}
        <${CenterChoice} centers=${world.own} value=${asked.center_id}
          onChange=${(value) => set({ center_id: value })} />
      </span></div>
    <${Loaded} from=${figures}>${(data) => (data.funnel[0].count === 0
      ? html`<${Empty} icon="chart-column" title=${t("figures.nothing")}><p>${t("figures.nothing.more")}</p><//>`
      : html`<${All} data=${data} leads=${leads} centers=${world.centers} />`)}<//>`;
}

function All({ data, leads, centers }) {
  const whole = data.funnel[0].count;
  const bars = (items) => html`<${Bars} items=${items} whole=${whole} />`;
  const center = (id) => centers.find((one) => one.id === id)?.display_name ?? t("none");
  return html`<${Totals} data=${data} leads=${leads} />
    <div class="figures">
      <section class="panel whole"><h2>${t("figures.days")}</h2><${Days} data=${data} leads=${leads} /></section>
      <section class="panel"><h2>${t("figures.funnel")}</h2>${bars(data.funnel.map((one) => ({
        name: t(`stage.${one.stage}`), count: one.count,
        href: leads(one.stage === "leads" ? {} : { reached: one.stage }),
      })))}</section>
      <section class="panel"><h2>${t("figures.first_call")}</h2>${bars(data.first_call.map((one) => ({
        name: t(`first_call.${one.within}`), count: one.count, href: leads({ first_call: one.within }),
      })))}</section>
      <section class="panel"><h2>${t("figures.centers")}</h2><${Table} leads=${leads}
        items=${data.centers.map((one) => ({ ...one, name: center(one.center_id),
          more: { center_id: one.center_id ?? "none" } }))} /></section>
      <section class="panel"><h2>${t("figures.campaigns")}</h2><${Table} leads=${leads}
        items=${data.campaigns.map((one) => ({ ...one, name: one.campaign ?? t("none"),
          more: { campaign: one.campaign ?? "none" } }))} /></section>
      <section class="panel"><h2>${t("figures.reasons")}</h2>
        ${data.reasons.length > 0 ? html`<${Bars} whole=${data.funnel[4].count} items=${data.reasons.map((one) => ({
          name: one.reason === null ? t("none") : named("reason", one.reason), count: one.count,
          href: leads({ reached: "lost", lost_reason: one.reason ?? "none" }),
        }))} />` : html`<p class="quiet">${t("figures.nobody.lost")}</p>`}</section>
    </div>`;
}

/** The few numbers that one looks at first. */
function Totals({ data, leads }) {
  const of = Object.fromEntries(data.funnel.map((one) => [one.stage, one.count]));
  const soon = data.first_call.filter((one) => one.within === "5m" || one.within === "1h")
    .reduce((sum, one) => sum + one.count, 0);
  const all = [
    ["leads", count(of.leads), leads()],
    ["soon", share(soon, of.leads), leads({ first_call: "hour" })],
    ["average", span(data.first_call_average_s), leads({ reached: "called" })],
    ["trial", share(of.trial, of.leads), leads({ reached: "trial" })],
    ["joined", share(of.joined, of.leads), leads({ reached: "joined" })],
  ];
  return html`<ul class="totals">${all.map(([name, value, href]) => html`<li key=${name}>
    <a href=${href}><span>${t(`total.${name}`)}</span><b class="number">${value}</b></a></li>`)}</ul>`;
}

function Bars({ items, whole }) {
  return html`<ul class="bars">${items.map((one) => html`<li key=${one.name}>
    <a href=${one.href}><span>${one.name}</span>
      <span class="bar-of"><span style=${{ width: `${(100 * one.count) / whole}%` }}></span></span>
      <b class="number">${count(one.count)}</b><small class="number">${share(one.count, whole)}</small></a></li>`)}</ul>`;
}

function Table({ items, leads }) {
  const cell = (one, stage) => html`<td class="number" key=${stage}><a href=${leads({ ...one.more,
    ...(stage === "leads" ? {} : { reached: stage }) })}>${count(one[stage])}</a></td>`;
  return html`<div class="scroll"><table>
    <thead><tr><th></th>${STAGES.map((stage) => html`
      <th key=${stage} scope="col" class="number">${t(`stage.${stage}`)}</th>`)}
      <th scope="col" class="number">${t("figures.share")}</th></tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.name}><th scope="row">${one.name}</th>
      ${STAGES.map((stage) => cell(one, stage))}
      <td class="number">${share(one.joined, one.leads)}</td></tr>`)}</tbody></table></div>`;
}

/** Columns of each day; below them a table with the same, each number a link. */
function Days({ data, leads }) {
  const days = [];
  for (let at = Date.parse(data.from); at <= Date.parse(data.to); at += 86400000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  const sources = [...new Set(data.days.map((one) => one.source))];
  const found = new Map(data.days.map((one) => [`${one.day}|${one.source}`, one.leads]));
  const series = sources.map((source) => ({
    name: named("source", source ?? "none"), source: source ?? "none",
    values: days.map((day) => found.get(`${day}|${source}`) ?? 0),
  }));
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return html`<ul class="legend">${series.map((one, index) => html`<li key=${one.name}>
      <a href=${leads({ source: one.source })}><i class=${colour(index)}></i>${one.name}
        <b class="number">${count(sum(one.values))}</b></a></li>`)}</ul>
    <${Columns} days=${days} series=${series}
      onPick=${(day) => { location.hash = leads({ created_from: day, created_to: day }); }} />
    <details><summary>${t("figures.table")}</summary><div class="scroll"><table>
      <thead><tr><th scope="col">${t("figures.day")}</th>${series.map((one) => html`
        <th scope="col" class="number" key=${one.name}>${one.name}</th>`)}</tr></thead>
      <tbody>${days.map((day, index) => html`<tr key=${day}><th scope="row">
        <a href=${leads({ created_from: day, created_to: day })}>${day}</a></th>
        ${series.map((one) => html`<td class="number" key=${one.name}><a href=${leads({ created_from: day,
          created_to: day, source: one.source })}>${count(one.values[index])}</a></td>`)}</tr>`)}
      </tbody></table></div></details>`;
}
