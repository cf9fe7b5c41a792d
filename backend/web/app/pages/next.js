// Whom to call now, one after the other: call, note what came of it with two keys, the next lead.
import { html, useEffect, useRef, useState } from "/web/html.js";
import { patch } from "/web/api.js";
import { Field, Send, useForm } from "/web/components/form.js";
import { useKeys } from "/web/components/keys.js";
import {
  CallLinks, NEXT, STATUSES, Status, StatusMore, firstTrial, statusChange, title,
} from "/web/components/lead.js";
import { Empty, Loaded, useLoad } from "/web/components/load.js";
import { toast } from "/web/components/toast.js";
import { address } from "/web/router.js";
import { moment, named, since, t, utc, when } from "/web/words.js";

/** Leads that were passed over, until the page is loaded anew. */
const skipped = new Set();

export default function Next({ world }) {
  const [skip, setSkip] = useState([...skipped].join(","));
  const queue = useLoad("/leads/next", { limit: 20, skip });
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setInterval(queue.again, 60000);
    return () => clearInterval(timer);
  }, [queue.again]);
  const leads = queue.data?.leads ?? [];
  const lead = leads[Math.min(at, leads.length - 1)];
  useKeys({
    j: () => setAt(Math.min(at + 1, leads.length - 1)),
    k: () => setAt(Math.max(at - 1, 0)),
  });
  const done = () => {
    queue.change({ ...queue.data, leads: leads.filter((one) => one !== lead) });
    queue.again();
  };
  const pass = () => {
    skipped.add(lead.id);
    if (skipped.size > 90) skipped.clear();
    setSkip([...skipped].join(","));
  };
  return html`<${Loaded} from=${queue}>${(data) => html`
    <div class="head"><h1>${t("nav.next")}</h1>
      <ul class="counts">${Object.entries(data.counts).map(([why, many]) => html`
        <li key=${why} class=${`why ${why}`}><b>${many}${many === 1000 ? "+" : ""}</b>
          ${t(`why.${why}`)}</li>`)}</ul>
    </div>
    ${lead ? html`<div class="split">
      <ol class="queue" aria-label=${t("next.queue")}>${leads.map((one, index) => html`
        <li key=${one.id}><button aria-current=${one === lead ? "true" : undefined}
          onClick=${() => setAt(index)}>
          <b>${title(one)}</b><span class=${`why ${one.why}`}>${reason(one)}</span></button></li>`)}
      </ol>
      <${Card} key=${lead.id} lead=${lead} centers=${world.centers} onDone=${done} onPass=${pass}
        readOnly=${world.me.role === "observer"} />
    </div>` : html`<${Empty} title=${t("next.empty")}>
      <p>${t("next.empty.more")}</p><a class="button" href="#/leads">${t("nav.leads")}</a><//>`}
  `}<//>`;
}

/** Why now: for how long it has waited, or what it is due for. */
function reason(lead) {
  if (lead.why === "new") return t("why.new.since", { since: since(lead.created_time) });
  if (lead.why === "trial") return t("why.trial.at", { at: when(lead.trial_at) });
  return t(`why.${lead.why}.since`, { since: since(lead.next_followup_date) });
}

function Card({ lead, centers, onDone, onPass, readOnly }) {
  const center = centers.find((one) => one.id === lead.center_id);
  return html`<article class="card" aria-label=${title(lead)}>
    <header><h2><a href=${address(`lead/${lead.id}`)}>${title(lead)}</a></h2>
      <${Status} value=${lead.status} /></header>
    <dl class="facts">
      ${fact("lead.phone", lead.phone)}${fact("lead.center", center?.display_name)}
      ${fact("lead.age", lead.player_age_category)}${fact("lead.created", moment(lead.created_time))}
      ${fact("lead.campaign", lead.campaign)}${fact("lead.due", moment(lead.next_followup_date))}
      ${fact("lead.trial_at", moment(lead.trial_at))}
    </dl>
    <${CallLinks} lead=${lead} big />
    ${!readOnly && html`<${Outcome} lead=${lead} onDone=${onDone} onPass=${onPass} />`}
  </article>`;
}

const fact = (label, value) => value && html`<div><dt>${t(label)}</dt><dd>${value}</dd></div>`;

function Outcome({ lead, onDone, onPass }) {
  const comment = useRef(null);
  const first = {
    status: "", next: "", date: "", comment: "", lost_reason: "", trial_at: firstTrial(),
  };
  const form = useForm(first, async (values) => {
    if (!values.status && !values.next && !values.comment) return;
    const change = values.status ? statusChange(values) : {};
    const at = NEXT.find(([, name]) => name === values.next)?.[2]() ?? utc(values.date);
    if (at) change.next_followup_date = at;
    if (values.comment) change.comment = values.comment;
    await patch(`/leads/${lead.id}`, change);
    toast(t("next.noted", { name: title(lead) }));
    onDone();
  });
  const { values, set } = form;
  const keys = Object.fromEntries([
    ...STATUSES.map((status, index) => [String(index + 1), () => set("status", status)]),
    ...NEXT.map(([, name], index) => ["qwer"[index], () => set("next", name)]),
  ]);
  useKeys({
    ...keys,
    c: () => comment.current?.querySelector("textarea").focus(),
    x: onPass,
    Enter: () => form.submit(),
  });
  const pick = (name, value, text, key) => html`<button type="button" key=${value}
    aria-pressed=${values[name] === value} onClick=${() => set(name, values[name] === value ? "" : value)}>
    ${text}<kbd>${key}</kbd></button>`;
  return html`<form onSubmit=${form.submit} ref=${comment}>
    <fieldset><legend>${t("next.outcome")}</legend><div class="picks">
      ${STATUSES.map((status, index) =>
        pick("status", status, named("status", status), index + 1))}
    </div></fieldset>
    <${StatusMore} form=${form} />
    <fieldset><legend>${t("next.when")}</legend><div class="picks">
      ${NEXT.map(([, name], index) => pick("next", name, t(name), "qwer"[index]))}
      <label class="inline">${t("next.date")}
        <input type="datetime-local" value=${values.date}
          onInput=${(event) => { set("next", ""); set("date", event.target.value); }} /></label>
    </div></fieldset>
    <${Field} form=${form} name="comment" type="textarea" label=${t("comment")} />
    <${Send} form=${form} text=${t("next.save")}>
      <button type="button" onClick=${onPass}>${t("next.pass")}<kbd>x</kbd></button><//>
  </form>`;
}
