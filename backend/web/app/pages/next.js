// Whom to call now, one after the other: call, note what came of it with two keys, the next lead.
import { html, useEffect, useState } from "../html.js";
import { Icon } from "../components/icon.js";
import { useKeys } from "../components/keys.js";
import { Avatar, CallLinks, Status, title } from "../components/lead.js";
import { History } from "../components/history.js";
import { Empty, Loaded, useLoad } from "../components/load.js";
import { Outcome } from "../components/outcome.js";
import { toast } from "../components/toast.js";
import { address } from "../router.js";
import { count, moment, since, t, when } from "../words.js";

/** The server counts no further. */
const MOST = 1000;
/** Leads that were passed over, until the page is loaded anew; more can't be named at once. */
const skipped = new Set();
const MOST_SKIPPED = 90;

export default function Next({ world }) {
  const [skip, setSkip] = useState([...skipped].join(","));
  const queue = useLoad("/leads/next", { limit: 30, skip });
  const [chosen, setChosen] = useState(null);
  useEffect(() => {
    const timer = setInterval(queue.again, 60000);
    return () => clearInterval(timer);
  }, [queue.again]);
  const leads = queue.data?.leads ?? [];
  // Whoever was chosen stays in sight, also when the list is read anew.
  const lead = leads.find((one) => one.id === chosen) ?? leads[0];
  const step = (by) => () => {
    const to = leads[leads.indexOf(lead) + by];
    if (to) setChosen(to.id);
  };
  useKeys({ j: step(1), k: step(-1) });
  const leave = () => setChosen(leads[leads.indexOf(lead) + 1]?.id ?? null);
  const done = () => {
    toast(t("next.noted", { name: title(lead) }));
    leave();
    queue.change({ ...queue.data, leads: leads.filter((one) => one !== lead) });
    queue.again();
  };
  const pass = () => {
    if (skipped.size >= MOST_SKIPPED) skipped.clear();
    skipped.add(lead.id);
    leave();
    setSkip([...skipped].join(","));
  };
  const again = () => {
    skipped.clear();
    setSkip("");
  };
  return html`
    <div class="head"><h1>${t("nav.next")}</h1>
      ${queue.data && html`<${Counts} counts=${queue.data.counts} />`}</div>
    <${Loaded} from=${queue}>${() => (lead ? html`<div class="split">
      <${Card} key=${lead.id} lead=${lead} world=${world} onDone=${done} onPass=${pass} />
      <${Waiting} leads=${leads} lead=${lead} onChoose=${setChosen} />
    </div>` : html`<${Empty} icon="circle-check" title=${t("next.empty")}>
      <p>${t("next.empty.more")}</p>
      ${skipped.size > 0 ? html`<button onClick=${again}>
        ${t("next.passed", { count: count(skipped.size) })}</button>`
      : html`<a class="button" href="#/leads">${t("nav.leads")}</a>`}<//>`)}<//>`;
}

function Counts({ counts }) {
  return html`<ul class="counts">${Object.entries(counts).map(([why, many]) => html`
    <li key=${why} class=${`why ${why}`}><b class="number">${count(many)}${many === MOST ? "+" : ""}</b>
      ${t(`why.${why}`)}</li>`)}</ul>`;
}

/** Who waits, under the reason for which they are called. */
function Waiting({ leads, lead, onChoose }) {
  const groups = Map.groupBy ? Map.groupBy(leads, (one) => one.why) : grouped(leads);
  return html`<section class="queue" aria-label=${t("next.queue")}>
    ${[...groups].map(([why, some]) => html`<section key=${why}>
      <h2 class=${`why ${why}`}>${t(`why.${why}`)}</h2>
      <ol>${some.map((one) => html`<li key=${one.id}>
        <button aria-current=${one === lead ? "true" : undefined} onClick=${() => onChoose(one.id)}>
          <b>${title(one)}</b><span class="quiet">${reason(one)}</span></button></li>`)}</ol>
    </section>`)}</section>`;
}

function grouped(leads) {
  const found = new Map();
  for (const lead of leads) found.set(lead.why, [...(found.get(lead.why) ?? []), lead]);
  return found;
}

/** Why now: for how long it has waited, or what it is due for. */
function reason(lead) {
  if (lead.why === "new") return since(lead.created_time);
  if (lead.why === "trial") return when(lead.trial_at);
  // A trial that is over, and of which nobody has noted anything, is overdue as well.
  return since(lead.next_followup_date ?? lead.trial_at);
}

function Card({ lead, world, onDone, onPass }) {
  const path = `/leads/${lead.id}`;
  const detail = useLoad(path);
  const history = useLoad(`${path}/history`, { limit: 6 });
  const center = world.centers.find((one) => one.id === lead.center_id)?.display_name;
  const now = detail.data ?? lead;
  const facts = [
    ["phone", lead.phone], ["map-pin", center], ["user", now.player_age_category],
    ["megaphone", now.campaign], ["calendar", now.trial_at && t("next.trial", { at: moment(now.trial_at) })],
    ["mail", now.email],
  ].filter(([, value]) => value);
  const stale = () => {
    detail.again();
    history.again();
  };
  return html`<article class="card" aria-label=${title(lead)}>
    <header><${Avatar} name=${title(lead)} large />
      <div><h2><a href=${address(`lead/${lead.id}`)}>${title(now)}</a></h2>
        <span class=${`why ${lead.why}`}>${t(`why.${lead.why}.since`, { since: reason(lead) })}</span></div>
      <${Status} value=${now.status} /></header>
    <ul class="chips">${facts.map(([icon, value]) => html`<li key=${icon}>
      <${Icon} name=${icon} size=${15} />${value}</li>`)}</ul>
    <${CallLinks} lead=${lead} big />
    ${world.me.role !== "observer" && html`<${Outcome} lead=${now} send=${t("next.save")}
      onDone=${onDone} onPass=${onPass} onStale=${stale} />`}
    ${now.household?.length > 0 && html`<section><h3>${t("lead.household")}</h3>
      <ul class="list">${now.household.map((one) => html`<li key=${one.id}>
        <a href=${address(`lead/${one.id}`)}>${title(one)}</a><${Status} value=${one.status} /></li>`)}
      </ul></section>`}
    ${history.data && html`<section><h3>${t("next.before")}</h3>
      <${History} lines=${history.data} centers=${world.centers} /></section>`}
  </article>`;
}
