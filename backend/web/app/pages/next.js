// The call queue: call, record the outcome with two keys, go on to the next lead.
import { html, useEffect, useState } from "../html.js";
import { moment, since, when } from "../format.js";
import { CallOutcome } from "../leads/call-outcome.js";
import { History } from "../leads/history.js";
import { Avatar, CallLinks, Household, Status, phoneText, title } from "../leads/lead.js";
import { address } from "../router.js";
import { count, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { useKeys } from "../ui/keys.js";
import { Empty, useLoad } from "../ui/load.js";
import { pages, usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

/** The server stops counting here. */
export const MOST_COUNTED = 1000;
/** How often the queue is read, in milliseconds. */
const EVERY = 60_000;
/** How many events of a lead are shown. */
const EVENTS = 6;
/** Skipped leads, until the page is loaded again. */
const skipped = new Set();
/** How long their list may be in a request. */
const LONGEST_SKIP = 500;

/** @type {PageSource<QueuedLead, CallQueue>} */
const QUEUE = { path: "/leads/next", limit: 30, items: (page) => page.leads, next: () => null };

/** @param {PageProps} props */
export default function CallNextPage({ session }) {
  const [skip, setSkip] = useState([...skipped].join(","));
  const queue = usePages(QUEUE, { skip });
  const [chosen, setChosen] = useState(/** @type {number | null} */ (null));
  useEffect(() => {
    const timer = setInterval(queue.again, EVERY);
    return () => clearInterval(timer);
  }, [queue.again]);
  const leads = queue.items;
  // The chosen lead stays, even when the queue is read again.
  const lead = leads.find((one) => one.id === chosen) ?? leads[0];
  const index = lead ? leads.indexOf(lead) : -1;
  /** @param {number} by */
  const step = (by) => {
    const to = leads[index + by];
    if (to) setChosen(to.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const leave = () => setChosen(leads[index + 1]?.id ?? null);
  /** @param {QueuedLead} saved */
  const done = (saved) => {
    toast(t("next.saved", { name: title(saved) }));
    leave();
    queue.change((items) => items.filter((one) => one.id !== saved.id));
    queue.again();
  };
  /** @param {QueuedLead} lead */
  const skipLead = ({ id }) => {
    if ([...skipped, id].join(",").length > LONGEST_SKIP) skipped.clear();
    skipped.add(id);
    leave();
    setSkip([...skipped].join(","));
  };
  const showSkipped = () => {
    skipped.clear();
    setSkip("");
  };
  const empty = () => html`<${Empty} icon="circle-check" title=${t("next.empty")}>
    <p>${t("next.empty.hint")}</p>
    ${
      skipped.size > 0
        ? html`<button onClick=${showSkipped}>
            ${t("next.show_skipped", { count: skipped.size })}</button>`
        : html`<a class="button" href="#/leads">${t("nav.leads")}</a>`
    }<//>`;
  return html`
    <div class="head"><h1>${t("nav.next")}</h1>
      ${queue.page && html`<${Counts} counts=${queue.page.counts} />`}</div>
    ${pages(queue, () =>
      lead
        ? html`<div class="split">
            <${Card} key=${lead.id} lead=${lead} session=${session} onDone=${() => done(lead)}
              onSkip=${() => skipLead(lead)} />
            <${Queue} leads=${leads} current=${lead} onChoose=${setChosen} />
          </div>`
        : empty(),
    )}`;
}

/** @param {{ counts: Record<string, number> }} props */
function Counts({ counts }) {
  return html`<ul class="counts">${Object.entries(counts).map(
    ([why, many]) => html`
    <li key=${why} class=${`why ${why}`}>
      <b class="number">${count(many)}${many === MOST_COUNTED ? "+" : ""}</b>
      ${t(`why.${why}`)}</li>`,
  )}</ul>`;
}

/**
 * The leads to call, grouped by the reason.
 * @param {{ leads: QueuedLead[], current: QueuedLead, onChoose: (id: number) => void }} props
 */
function Queue({ leads, current, onChoose }) {
  const groups = [...new Set(leads.map((one) => one.why))];
  return html`<section class="queue" aria-label=${t("next.queue")}>
    ${groups.map(
      (why) => html`<section key=${why}>
      <h2 class=${`why ${why}`}>${t(`why.${why}`)}</h2>
      <ol>${leads
        .filter((one) => one.why === why)
        .map(
          (one) => html`<li key=${one.id}>
        <button aria-current=${one === current ? "true" : undefined}
          onClick=${() => onChoose(one.id)}>
          <b>${title(one)}</b><span class="quiet">${sinceWhen(one)}</span></button></li>`,
        )}</ol>
    </section>`,
    )}</section>`;
}

/**
 * Return for how long the lead has waited, or when its trial is.
 * @param {QueuedLead} lead
 */
function sinceWhen(lead) {
  if (lead.why === "new") return since(lead.created_time);
  if (lead.why === "trial") return when(lead.trial_at);
  // A past trial without an outcome is overdue as well.
  return since(lead.next_followup_date ?? lead.trial_at ?? lead.created_time);
}

/**
 * @param {{ lead: QueuedLead, session: Session, onDone: () => void, onSkip: () => void }} props
 */
function Card({ lead, session, onDone, onSkip }) {
  const path = /** @type {`/leads/${number}`} */ (`/leads/${lead.id}`);
  const detail = useLoad(path);
  const history = useLoad(/** @type {`/leads/${string}/history`} */ (`${path}/history`), {
    limit: EVENTS,
  });
  const now = detail.data ?? lead;
  const center = session.centers.find((one) => one.id === lead.center_id)?.display_name;
  const facts = [
    ["phone", phoneText(now)],
    ["map-pin", center],
    ["user", now.player_age_category],
    ["megaphone", now.campaign],
    ["calendar", now.trial_at && t("next.trial", { at: moment(now.trial_at) })],
    ["mail", now.email],
  ].filter(([, value]) => value);
  const reload = () => {
    detail.again();
    history.again();
  };
  return html`<article class="card" aria-label=${title(lead)}>
    <header><${Avatar} name=${title(lead)} large />
      <div><h2><a href=${address(`lead/${lead.id}`)}>${title(now)}</a></h2>
        <span class=${`why ${lead.why}`}>
          ${t(`why.${lead.why}.since`, { since: sinceWhen(lead) })}</span></div>
      <${Status} value=${now.status} /></header>
    <ul class="chips">${facts.map(
      ([icon, value]) => html`<li key=${icon}>
      <${Icon} name=${icon} size=${15} />${value}</li>`,
    )}</ul>
    <${CallLinks} lead=${lead} big />
    ${
      session.me.role !== "observer" &&
      html`<${CallOutcome} lead=${now}
      submit=${t("next.save")} onSave=${onDone} onSkip=${onSkip} onConflict=${reload} />`
    }
    ${
      detail.data &&
      detail.data.household.length > 0 &&
      html`<section>
      <h3>${t("lead.household")}</h3><${Household} leads=${detail.data.household}
        link=${(/** @type {LeadRow} */ one) => address(`lead/${one.id}`)} /></section>`
    }
    ${
      history.data &&
      html`<section><h3>${t("lead.activity")}</h3>
      <${History} events=${history.data} centers=${session.centers} /></section>`
    }
  </article>`;
}
