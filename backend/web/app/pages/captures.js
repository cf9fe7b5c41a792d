// What came in from outside, what it waits for, and how the way in is.
import { html, useState } from "../html.js";
import { get } from "../api.js";
import { Delivery } from "../components/delivery.js";
import { Forms } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Empty, Loaded, useLoad } from "../components/load.js";
import { Suspicions } from "../components/suspicions.js";
import { toast } from "../components/toast.js";
import { Unknown } from "../components/unknown.js";
import { address, replace } from "../router.js";
import { count, moment, named, since, span, t } from "../words.js";

const STATES = ["received", "processed", "waiting", "retrying", "failed", "dismissed"];
const PAGE = 50;

export default function Captures({ params, query, world }) {
  const health = useLoad("/deliveries/health");
  const unknown = useLoad("/deliveries/unknown-centers/");
  const list = useLoad("/deliveries/", { state: query.state, reason: query.reason, limit: PAGE });
  const [more, setMore] = useState([]);
  const again = () => {
    setMore([]);
    health.again();
    unknown.again();
    list.again();
  };
  const reopened = (told) => {
    toast(t("captures.reopened", { count: count(told.reopened) }));
    setTimeout(again, 1200);
  };
  const next = async (all) => setMore([...more, ...await get("/deliveries/",
    { state: query.state, reason: query.reason, limit: PAGE, before: all.at(-1).id })]);
  return html`<div class="head"><h1>${t("nav.captures")}</h1>
      <span class="tools"><button onClick=${again}><${Icon} name="refresh-cw" />${t("reload")}</button></span></div>
    <${Loaded} from=${health}>${(data) => html`<${Health} data=${data} />`}<//>
    <${Loaded} from=${unknown}>${(texts) => texts.length > 0 && html`<section class="panel attention">
      <h2><${Icon} name="map-pin" /> ${t("captures.unknown")}</h2><p class="quiet">${t("captures.unknown.more")}</p>
      ${texts.map((one) => html`<${Unknown} key=${one.text} one=${one} centers=${world.centers}
        onDone=${reopened} />`)}</section>`}<//>
    <${Suspicions} />
    <${Forms} />
    <div class="picks states" role="group" aria-label=${t("captures.state")}>
      ${["", ...STATES].map((state) => html`<button key=${state} aria-pressed=${(query.state ?? "") === state}
        onClick=${() => { setMore([]); replace("captures", { state }); }}>
        ${t(`capture.${state || "all"}`)} ${health.data && state && html`<b class="number">${count(health.data.states[state])}</b>`}
      </button>`)}</div>
    <${Loaded} from=${list}>${(rows) => {
      const all = [...rows, ...more];
      if (all.length === 0) return html`<${Empty} icon="inbox" title=${t("captures.none")}><p>${t("captures.none.more")}</p><//>`;
      return html`<section class="panel"><${Table} rows=${all} query=${query} />
        ${all.length % PAGE === 0 && html`<button onClick=${() => next(all)}>${t("more")}</button>`}</section>`;
    }}<//>
    ${params[0] && html`<${Delivery} key=${params[0]} id=${params[0]} onDone=${reopened} again=${again}
      onClose=${() => replace("captures", query)} />`}`;
}

function Table({ rows, query }) {
  return html`<div class="scroll"><table><thead><tr>${["when", "source", "state", "reason", "lead"].map((one) => html`
      <th scope="col" key=${one}>${t(`captures.${one}`)}</th>`)}</tr></thead>
    <tbody>${rows.map((one) => html`<tr key=${one.id}>
      <th scope="row"><a href=${address(`captures/${one.id}`, query)}>${moment(one.received_at)}</a></th>
      <td>${named("source", one.source)}</td>
      <td><span class=${`badge ${one.state}`}>${t(`capture.${one.state}`)}</span></td>
      <td class="quiet">${one.message ?? ""}${one.center_text ? `: ${one.center_text}` : ""}</td>
      <td>${one.lead_id && html`<a href=${address(`lead/${one.lead_id}`)}>#${one.lead_id}</a>`}</td>
    </tr>`)}</tbody></table></div>`;
}

function Health({ data }) {
  const facts = [
    ["graph", data.graph.message ?? t("health.open"), data.graph.reason !== null],
    ["oldest", data.oldest_waiting ? since(data.oldest_waiting) : "–", false],
    ["dead", count(data.failed), data.failed > 0],
    ["backfill", data.backfill?.message ?? "–", ["problems", "crashed"].includes(data.backfill?.reason)],
  ];
  return html`<dl class="totals">${facts.map(([name, text, bad]) => html`<div key=${name} class=${bad ? "bad" : ""}>
      <dt>${t(`health.${name}`)}</dt><dd>${text}</dd></div>`)}</dl>
    ${data.silent_forms.map((form) => html`<p class="notice" key=${form.form_id} role="status">
      <${Icon} name="triangle-alert" />
      ${t("health.silent", { form: form.form_id, since: since(form.newest_lead_at), gap: span(form.usual_gap_seconds) })}</p>`)}`;
}
