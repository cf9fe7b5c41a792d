// What came in from outside, what it waits for, and how the way in is.
import { html, useState } from "/web/html.js";
import { get, post } from "/web/api.js";
import { Dialog } from "/web/components/dialog.js";
import { Field, Send, said, useForm } from "/web/components/form.js";
import { Empty, Loaded, useLoad } from "/web/components/load.js";
import { toast } from "/web/components/toast.js";
import { address, replace } from "/web/router.js";
import { count, moment, named, since, span, t } from "/web/words.js";

const STATES = ["received", "done", "waiting", "failed", "dead", "discarded"];
const OPEN = ["waiting", "failed", "dead"];

export default function Captures({ params, query, world }) {
  const health = useLoad("/captures/health");
  const unknown = useLoad("/captures/unknown-centers/");
  const list = useLoad("/captures/", { state: query.state, reason: query.reason });
  const [more, setMore] = useState([]);
  const again = () => {
    setMore([]);
    health.again();
    unknown.again();
    list.again();
  };
  const said_ = (told) => {
    toast(t("captures.reopened", { count: count(told.reopened) }));
    setTimeout(again, 1200);
  };
  return html`<div class="head"><h1>${t("nav.captures")}</h1>
      <button onClick=${again}>${t("reload")}</button></div>
    <${Loaded} from=${health}>${(data) => html`<${Health} data=${data} />`}<//>
    <${Loaded} from=${unknown}>${(texts) => texts.length > 0 && html`<section class="panel">
      <h2>${t("captures.unknown")}</h2>
      ${texts.map((one) => html`<${Unknown} key=${one.text} one=${one} centers=${world.centers}
        onDone=${said_} />`)}</section>`}<//>
    <div class="picks" role="group" aria-label=${t("captures.state")}>
      ${["", ...STATES].map((state) => html`<button key=${state} aria-pressed=${(query.state ?? "") === state}
        onClick=${() => { setMore([]); replace("captures", { state }); }}>
        ${t(`capture.${state || "all"}`)} <b>${health.data && state ? count(health.data.states[state]) : ""}</b>
      </button>`)}</div>
    <${Loaded} from=${list}>${(rows) => {
      const all = [...rows, ...more];
      if (all.length === 0) return html`<${Empty} title=${t("captures.none")}><p>${t("captures.none.more")}</p><//>`;
      return html`<div class="scroll"><table><thead><tr>${["when", "source", "state", "reason", "lead"].map((one) => html`
          <th scope="col" key=${one}>${t(`captures.${one}`)}</th>`)}</tr></thead>
        <tbody>${all.map((one) => html`<tr key=${one.id}>
          <th scope="row"><a href=${address(`captures/${one.id}`, query)}>${moment(one.received_at)}</a></th>
          <td>${named("source", one.source)}</td><td>${t(`capture.${one.state}`)}</td>
          <td>${one.note ?? one.reason ?? ""}${one.center_text ? `: ${one.center_text}` : ""}</td>
          <td>${one.lead_id && html`<a href=${address(`lead/${one.lead_id}`)}>#${one.lead_id}</a>`}</td>
        </tr>`)}</tbody></table></div>
        ${all.length % 50 === 0 && html`<button onClick=${async () => setMore([...more, ...await get("/captures/",
          { state: query.state, before: all.at(-1).id })])}>${t("more")}</button>`}`;
    }}<//>
    ${params[0] && html`<${One} key=${params[0]} id=${params[0]} onDone=${said_} again=${again}
      onClose=${() => replace("captures", query)} />`}`;
}

function Health({ data }) {
  const facts = [
    ["graph", data.graph.note ?? t("health.open"), data.graph.reason !== null],
    ["oldest", data.oldest_waiting ? since(data.oldest_waiting) : "–", false],
    ["dead", count(data.dead_letters), data.dead_letters > 0],
    ["backfill", data.backfill?.note ?? "–", data.backfill?.reason === "trouble"],
  ];
  return html`<dl class="health">${facts.map(([name, text, bad]) => html`<div key=${name} class=${bad ? "bad" : ""}>
      <dt>${t(`health.${name}`)}</dt><dd>${text}</dd></div>`)}</dl>
    ${data.silent_forms.map((form) => html`<p class="wrong" key=${form.form_id} role="status">
      ${t("health.silent", { form: form.form_id, since: since(form.newest_lead_at), gap: span(form.usual_gap_seconds) })}</p>`)}`;
}

function Unknown({ one, centers, onDone }) {
  const form = useForm({ center_id: centers[0]?.id ?? "" }, async (values) => onDone(
    await post("/captures/unknown-centers/", { text: one.text, center_id: Number(values.center_id) })));
  return html`<form class="together" onSubmit=${form.submit}><b>${one.text}</b>
    <span class="quiet">${t("captures.waits", { count: count(one.count), since: since(one.oldest) })}</span>
    <label class="inline">${t("captures.means")}<select value=${form.values.center_id}
      onChange=${(event) => form.set("center_id", event.target.value)}>
      ${centers.map((center) => html`<option key=${center.id} value=${center.id}>${center.display_name}</option>`)}</select></label>
    <button class="primary" disabled=${form.busy}>${t("captures.say")}</button>
    ${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}</form>`;
}

function One({ id, onDone, onClose, again }) {
  const found = useLoad(`/captures/${encodeURIComponent(id)}`);
  const discard = useForm({ reason: "" }, async (values) => {
    await post(`/captures/${id}/discard`, values);
    again();
    onClose();
  });
  const replay = async (all) => {
    try {
      onDone((await post(`/captures/${id}/replay${all ? "?all_of_reason=true" : ""}`)));
      onClose();
    } catch (problem) {
      toast(said(problem), { wrong: true });
    }
  };
  return html`<${Dialog} title=${t("captures.one", { id })} onClose=${onClose} wide>
    <${Loaded} from=${found}>${(one) => html`
      <p>${t(`capture.${one.state}`)}, ${moment(one.received_at)}. ${one.note ?? ""}</p>
      <h3>${t("captures.body")}</h3><pre tabindex="0">${pretty(one.body)}</pre>
      ${one.fetched && html`<h3>${t("captures.fetched")}</h3><pre tabindex="0">${pretty(one.fetched)}</pre>`}
      ${OPEN.includes(one.state) && html`<div class="tools">
          <button class="primary" onClick=${() => replay(false)}>${t("captures.replay")}</button>
          <button onClick=${() => replay(true)}>${t("captures.replay.all")}</button></div>
        <form onSubmit=${discard.submit}><${Field} form=${discard} name="reason" required label=${t("captures.why")} />
          <${Send} form=${discard} text=${t("captures.discard")} /></form>`}`}<//>
  <//>`;
}

function pretty(text) {
  try {
    // Ids are longer than the numbers of this language: only what survives is set anew.
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
