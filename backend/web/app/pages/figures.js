// What became of the leads: charts, and each figure a link to exactly the leads behind it.
import { html, useEffect, useRef } from "/web/html.js";
import { Loaded, useLoad } from "/web/components/load.js";
import { script } from "/web/components/script.js";
import { address, replace } from "/web/router.js";
import { count, named, share, span, t } from "/web/words.js";

const COLORS = ["#2f7d5f", "#3f6fb5", "#b5793f", "#8a5fb0", "#777777"];

function iso(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
}

export default function FiguresPage({ query, world }) {
  const asked = { from: query.from ?? iso(-29), to: query.to ?? iso(0), center_id: query.center_id ?? "" };
  const figures = useLoad("/figures/", asked);
  const set = (name, value) => replace("figures", { ...asked, [name]: value });
  const cohort = {
    created_from: asked.from, created_to: asked.to, center_id: asked.center_id, test: "no",
  };
  const leads = (more = {}) => address("leads", { ...cohort, ...more });
  return html`
    <div class="head"><h1>${t("nav.figures")}</h1><span class="tools">
      <label class="inline">${t("filter.from")}<input type="date" value=${asked.from} max=${asked.to}
        onChange=${(event) => event.target.value && set("from", event.target.value)} /></label>
      <label class="inline">${t("filter.to")}<input type="date" value=${asked.to} min=${asked.from}
        onChange=${(event) => event.target.value && set("to", event.target.value)} /></label>
      ${world.centers.length > 1 && html`<select aria-label=${t("filter.center_id")}
        value=${asked.center_id} onChange=${(event) => set("center_id", event.target.value)}>
        <option value="">${t("filter.center_id")}</option>
        ${world.centers.map((one) => html`<option key=${one.id} value=${one.id}>
          ${one.display_name}</option>`)}</select>`}
    </span></div>
    <${Loaded} from=${figures}>${(data) => html`<div class="figures">
      <section class="whole"><h2>${t("figures.days")}</h2><${Days} data=${data} leads=${leads} /></section>
      <section><h2>${t("figures.funnel")}</h2><${Bars} items=${data.funnel.map((one) => ({
        name: t(`stage.${one.stage}`), count: one.count,
        href: leads(one.stage === "leads" ? {} : { reached: one.stage }),
      }))} whole=${data.funnel[0].count} /></section>
      <section><h2>${t("figures.first_call")}</h2>
        <p class="big">${span(data.first_call_average_s)}<small>${t("figures.average")}</small></p>
        <${Bars} items=${data.first_call.map((one) => ({
          name: t(`first_call.${one.within}`), count: one.count, href: leads({ first_call: one.within }),
        }))} whole=${data.funnel[0].count} /></section>
      <section><h2>${t("figures.reasons")}</h2>
        <${Bars} items=${data.reasons.map((one) => ({
          name: one.reason === null ? t("none") : named("reason", one.reason), count: one.count,
          href: leads({ reached: "lost", lost_reason: one.reason ?? "none" }),
        }))} whole=${data.funnel[4].count} /></section>
      <section><h2>${t("figures.centers")}</h2><${Table} items=${data.centers.map((one) => ({
        ...one, name: world.centers.find((x) => x.id === one.center_id)?.display_name ?? t("none"),
        more: { center_id: one.center_id ?? "none" } }))} leads=${leads} /></section>
      <section><h2>${t("figures.campaigns")}</h2><${Table} items=${data.campaigns.map((one) => ({
        ...one, name: one.campaign ?? t("none"), more: { campaign: one.campaign ?? "none" } }))}
        leads=${leads} /></section>
    </div>`}<//>`;
}

function Bars({ items, whole }) {
  if (!whole) return html`<p class="quiet">${t("figures.nothing")}</p>`;
  return html`<ul class="bars">${items.map((one) => html`<li key=${one.name}>
    <a href=${one.href}><span>${one.name}</span>
      <span class="bar-of"><span style=${{ width: `${Math.max(1, (100 * one.count) / whole)}%` }}></span></span>
      <b>${count(one.count)}</b><small>${share(one.count, whole)}</small></a></li>`)}</ul>`;
}

function Table({ items, leads }) {
  if (items.length === 0) return html`<p class="quiet">${t("figures.nothing")}</p>`;
  const cell = (one, stage) => html`<td><a href=${leads({ ...one.more,
    ...(stage === "leads" ? {} : { reached: stage }) })}>${count(one[stage])}</a></td>`;
  return html`<div class="scroll"><table>
    <thead><tr><th></th>${["leads", "called", "trial", "joined"].map((stage) => html`
      <th key=${stage} scope="col">${t(`stage.${stage}`)}</th>`)}<th scope="col">${t("figures.share")}</th></tr></thead>
    <tbody>${items.map((one) => html`<tr key=${one.name}><th scope="row">${one.name}</th>
      ${["leads", "called", "trial", "joined"].map((stage) => cell(one, stage))}
      <td>${share(one.joined, one.leads)}</td></tr>`)}</tbody></table></div>`;
}

/** A line for each source; the days are links beneath it, for hands and for readers of the page. */
function Days({ data, leads }) {
  const box = useRef(null);
  const days = [];
  for (let at = Date.parse(data.from); at <= Date.parse(data.to); at += 86400000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  const sources = [...new Set(data.days.map((one) => one.source))];
  const found = new Map(data.days.map((one) => [`${one.day}|${one.source}`, one.leads]));
  const lines = sources.map((source) => days.map((day) => found.get(`${day}|${source}`) ?? 0));
  useEffect(() => {
    let chart = null;
    let gone = false;
    const style = getComputedStyle(document.documentElement);
    const quiet = style.getPropertyValue("--quiet");
    const edge = style.getPropertyValue("--edge");
    const axis = { stroke: quiet, grid: { stroke: edge, width: 1 }, ticks: { stroke: edge } };
    script("/web/vendor/uplot/uPlot.iife.min.js", "uPlot").then((UPlot) => {
      if (gone || !box.current) return;
      const size = () => ({ width: box.current.clientWidth, height: 220 });
      chart = new UPlot({
        ...size(),
        legend: { show: true },
        axes: [axis, { ...axis, size: 44 }],
        series: [{ value: "{YYYY}-{MM}-{DD}" }, ...sources.map((source, index) => ({
          label: named("source", source ?? "none"), stroke: COLORS[index % COLORS.length], width: 2,
          fill: `${COLORS[index % COLORS.length]}22`,
        }))],
      }, [days.map((day) => Date.parse(`${day}T00:00`) / 1000), ...lines], box.current);
      chart.resized = new ResizeObserver(() => chart.setSize(size()));
      chart.resized.observe(box.current);
      // A click opens the leads of the day under the pointer.
      chart.over.addEventListener("click", () => {
        const day = days[chart.cursor.idx];
        if (day) location.hash = leads({ created_from: day, created_to: day });
      });
    });
    return () => { gone = true; chart?.resized.disconnect(); chart?.destroy(); };
  }, [JSON.stringify(data)]);
  return html`<div class="chart" ref=${box} aria-hidden="true"></div>
    <details><summary>${t("figures.table")}</summary><div class="scroll"><table>
      <thead><tr><th scope="col">${t("figures.day")}</th>${sources.map((source) => html`
        <th scope="col" key=${source}>${named("source", source ?? "none")}</th>`)}</tr></thead>
      <tbody>${days.map((day, index) => html`<tr key=${day}><th scope="row">
        <a href=${leads({ created_from: day, created_to: day })}>${day}</a></th>
        ${lines.map((line, at) => html`<td key=${at}><a href=${leads({ created_from: day,
          created_to: day, source: sources[at] ?? "none" })}>${line[index]}</a></td>`)}</tr>`)}
      </tbody></table></div></details>`;
}
