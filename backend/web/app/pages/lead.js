// One lead: what came of it, what happened to it, and everything on it, each field edited in its place.
import { html } from "../html.js";
import { Details } from "../components/details.js";
import { History } from "../components/history.js";
import { Icon } from "../components/icon.js";
import { Avatar, CallLinks, Status, title } from "../components/lead.js";
import { Loaded, useLoad } from "../components/load.js";
import { Outcome } from "../components/outcome.js";
import { toast } from "../components/toast.js";
import { address } from "../router.js";
import { moment, named, t } from "../words.js";

export default function Page({ params, world }) {
  return html`<${One} key=${params[0]} id=${params[0]} world=${world} />`;
}

function One({ id, world }) {
  const path = `/leads/${encodeURIComponent(id)}`;
  const lead = useLoad(path);
  const history = useLoad(`${path}/history`, { limit: 200 });
  const mayEdit = world.me.role !== "observer";
  const again = () => {
    lead.again();
    history.again();
  };
  const changed = (data) => {
    lead.change(data);
    history.again();
    toast(t("saved"));
  };
  return html`<${Loaded} from=${lead}>${(data) => html`
    <div class="head who"><${Avatar} name=${title(data)} large />
      <div><h1>${title(data)}</h1><span class="quiet">${[data.center_name,
        t("lead.since", { at: moment(data.created_time) })].filter(Boolean).join(" · ")}</span></div>
      <${Status} value=${data.status} />
      <span class="tools"><${CallLinks} lead=${data} big /></span></div>
    <div class="lead">
      <div class="did">
        ${mayEdit && html`<section class="panel"><${Outcome} lead=${data} send=${t("save")}
          onDone=${changed} onStale=${again} /></section>`}
        <section class="panel" aria-label=${t("lead.history")}>
          <h2>${t("lead.history")}</h2>
          <${Loaded} from=${history}>${(lines) => html`<${History} lines=${lines}
            centers=${world.centers} />`}<//>
        </section>
      </div>
      <div class="has">
        <section class="panel" aria-label=${t("lead.details")}>
          <h2>${t("lead.details")}</h2>
          ${mayEdit ? html`<${Details} key=${data.id} lead=${data} path=${path}
              centers=${world.own} onChange=${changed} />`
            : html`<${Facts} lead=${data} />`}
        </section>
        <${Origin} lead=${data} />
        ${data.household.length > 0 && html`<section class="panel"><h2>${t("lead.household")}</h2>
          <p class="quiet">${t("lead.household.more")}</p>
          <ul class="list">${data.household.map((one) => html`<li key=${one.id}>
            <a href=${address(`lead/${one.id}`)}>${title(one)}</a><${Status} value=${one.status} />
          </li>`)}</ul></section>`}
      </div>
    </div>`}<//>`;
}

function Facts({ lead }) {
  const facts = [
    ...["player_name", "phone", "email", "player_age_category", "address"].map((name) => [name, lead[name]]),
    ["center", lead.center_name], ["due", moment(lead.next_followup_date)], ["trial_at", moment(lead.trial_at)],
  ];
  return html`<${Pairs} pairs=${facts.map(([name, value]) => [t(`lead.${name}`), value])} />`;
}

/** Where it came from, and what was answered in the form. */
function Origin({ lead }) {
  const origin = { source: named("source", lead.source), campaign: lead.campaign, ...lead.origin };
  const facts = ["source", "platform", "campaign", "adset_name", "ad_name", "form_name"]
    .map((name) => [t(`origin.${name}`), name === "platform" ? named("platform", origin[name]) : origin[name]]);
  // Meta's forms name their questions with underscores for spaces.
  const answers = Object.entries(lead.answers).map(([question, text]) => [question.replaceAll("_", " "), text]);
  return html`<section class="panel"><h2>${t("lead.origin")}</h2>
    <${Pairs} pairs=${facts} />
    ${answers.length > 0 && html`<h3><${Icon} name="message-circle" size=${14} /> ${t("lead.answers")}</h3>
      <${Pairs} pairs=${answers} />`}</section>`;
}

function Pairs({ pairs }) {
  return html`<dl class="pairs">${pairs.filter(([, value]) => value).map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
