// One lead: everything on it, each field edited in its place, its household, its origin, its history.
import { html, useState } from "/web/html.js";
import { Problem, ask, get } from "/web/api.js";
import { Dialog } from "/web/components/dialog.js";
import { Field, useForm } from "/web/components/form.js";
import { CallLinks, STATUSES, Status, StatusMore, firstTrial, statusChange, statusOptions, title }
  from "/web/components/lead.js";
import { Loaded, useLoad } from "/web/components/load.js";
import { toast } from "/web/components/toast.js";
import { address } from "/web/router.js";
import { local, moment, named, t, utc } from "/web/words.js";

const FIELDS = ["player_name", "phone", "email", "player_age_category", "address", "center_id"];
const TIMES = ["next_followup_date", "trial_at"];

export default function Lead({ params, world }) {
  const path = `/leads/${encodeURIComponent(params[0])}`;
  const lead = useLoad(path);
  const history = useLoad(`${path}/history`, { limit: 200 });
  const changed = (data) => {
    lead.change(data);
    history.again();
  };
  return html`<${Loaded} from=${lead}>${(data) => html`
    <div class="head"><h1>${title(data)}</h1><${Status} value=${data.status} />
      <${CallLinks} lead=${data} /></div>
    <div class="lead">
      <section aria-label=${t("lead.details")}>
        ${world.me.role === "observer" ? html`<${Facts} lead=${data} centers=${world.centers} />`
          : html`<${Edit} key=${data.id} lead=${data} path=${path} centers=${world.centers}
              onChange=${changed} />`}
        <${Origin} lead=${data} />
        ${data.household.length > 0 && html`<h2>${t("lead.household")}</h2>
          <ul class="list">${data.household.map((one) => html`<li key=${one.id}>
            <a href=${address(`lead/${one.id}`)}>${title(one)}</a> <${Status} value=${one.status} />
          </li>`)}</ul>`}
      </section>
      <section aria-label=${t("lead.history")}>
        <h2>${t("lead.history")}</h2>
        <${Loaded} from=${history}>${(lines) => html`<${History} lines=${lines} world=${world} />`}<//>
      </section>
    </div>`}<//>`;
}

function Facts({ lead, centers }) {
  const center = centers.find((one) => one.id === lead.center_id)?.display_name;
  const facts = { ...lead, center_id: center };
  return html`<dl class="facts">${FIELDS.map((name) => facts[name] && html`<div key=${name}>
    <dt>${t(`lead.${name}`)}</dt><dd>${facts[name]}</dd></div>`)}</dl>`;
}

const held = (lead) => ({
  ...Object.fromEntries(FIELDS.map((name) => [name, lead[name] ?? ""])),
  ...Object.fromEntries(TIMES.map((name) => [name, local(lead[name])])),
  status: lead.status, lost_reason: lead.lost_reason ?? "", comment: "",
});

/** What differs from what was there when it was opened, as the API takes it. */
function changes(values, before) {
  const changed = {};
  for (const name of [...FIELDS, ...TIMES, "lost_reason"]) {
    if (String(values[name]) === String(before[name])) continue;
    if (TIMES.includes(name)) changed[name] = utc(values[name]);
    else changed[name] = name === "center_id" ? Number(values[name]) : values[name] || null;
  }
  if (values.status !== before.status) Object.assign(changed, statusChange(values));
  if (values.comment) changed.comment = values.comment;
  return changed;
}

function Edit({ lead, path, centers, onChange }) {
  const [base, setBase] = useState(lead);
  const [theirs, setTheirs] = useState(null);
  const form = useForm(held(lead), async (values) => {
    const change = changes(values, held(base));
    if (Object.keys(change).length === 0) return;
    try {
      const done = await ask("PATCH", path, {
        json: change, headers: { "if-match": `"${base.version}"` },
      });
      setBase(done.data);
      form.setValues(held(done.data));
      onChange(done.data);
      toast(t("saved"));
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      setTheirs(await get(path));
    }
  });
  const dirty = Object.keys(changes(form.values, held(base))).length > 0;
  const status = (value) => {
    form.set("status", value);
    if (value === "Trial Scheduled" && !form.values.trial_at) form.set("trial_at", firstTrial());
  };
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  const known = STATUSES.includes(base.status) ? [] : [[base.status, base.status]];
  return html`<form class="edit" onSubmit=${form.submit}>
    ${field("status", { options: [...known, ...statusOptions()], onInput: (event) => status(event.target.value) })}
    ${form.values.status === "Trial Scheduled" || form.values.status === "Dead/Not Interested"
      ? html`<${StatusMore} form=${form} />` : null}
    ${field("next_followup_date", { type: "datetime-local" })}
    ${field("comment", { type: "textarea" })}
    ${field("player_name")}${field("phone", { type: "tel" })}${field("email", { type: "email" })}
    ${field("player_age_category")}
    ${field("center_id", { options: [...(base.center_id ? [] : [["", "–"]]),
      ...centers.map((one) => [one.id, one.display_name])] })}
    ${field("address", { type: "textarea" })}
    ${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}
    <footer>
      ${dirty && html`<button type="button" onClick=${() => form.setValues(held(base))}>
        ${t("revert")}</button>`}
      <button class="primary" disabled=${form.busy || !dirty}>${t("save")}</button>
    </footer>
    ${theirs && html`<${Both} base=${base} theirs=${theirs} mine=${form.values}
      onTake=${(values) => {
        setBase(theirs);
        form.setValues(values);
        onChange(theirs);
        setTheirs(null);
      }} />`}
  </form>`;
}

/** Two have edited at once: field by field, whose word counts. Nothing that was typed is lost. */
function Both({ base, theirs, mine, onTake }) {
  const before = held(base);
  const now = held(theirs);
  const names = Object.keys(before).filter((name) => name !== "comment"
    && String(now[name]) !== String(before[name]) && String(mine[name]) !== String(before[name])
    && String(mine[name]) !== String(now[name]));
  const [whose, setWhose] = useState({});
  const take = () => {
    const values = { ...now, comment: mine.comment };
    for (const name of Object.keys(before)) {
      const changed = String(mine[name]) !== String(before[name]);
      if (changed && whose[name] !== "theirs") values[name] = mine[name];
    }
    onTake(values);
  };
  return html`<${Dialog} title=${t("both.title")}>
    <p>${t(names.length ? "both.more" : "both.other")}</p>
    ${names.map((name) => html`<fieldset key=${name}><legend>${t(`lead.${name}`)}</legend>
      ${["mine", "theirs"].map((one) => html`<label class="pick" key=${one}>
        <input type="radio" name=${`both-${name}`} checked=${(whose[name] ?? "mine") === one}
          onChange=${() => setWhose({ ...whose, [name]: one })} />
        ${t(`both.${one}`)}: <b>${(one === "mine" ? mine : now)[name] || "–"}</b></label>`)}
    </fieldset>`)}
    <footer><button type="button" class="primary" onClick=${take}>${t("both.go")}</button></footer>
  <//>`;
}

function Origin({ lead }) {
  const origin = { source: named("source", lead.source), campaign: lead.campaign, ...lead.origin };
  const facts = ["source", "platform", "campaign", "adset_name", "ad_name", "form_name"]
    .filter((name) => origin[name]);
  const answers = Object.entries(lead.answers);
  return html`<h2>${t("lead.origin")}</h2>
    <dl class="facts">
      <div><dt>${t("lead.created")}</dt><dd>${moment(lead.created_time)}</dd></div>
      ${facts.map((name) => html`<div key=${name}><dt>${t(`origin.${name}`)}</dt>
        <dd>${origin[name]}</dd></div>`)}
      ${answers.map(([question, text]) => html`<div key=${question}><dt>${question}</dt>
        <dd>${text}</dd></div>`)}
    </dl>`;
}

function History({ lines, world }) {
  const shown = (name, value) => {
    if (value === null || value === undefined || value === "") return "–";
    if (name === "center_id") {
      return world.centers.find((one) => one.id === value)?.display_name ?? value;
    }
    return /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : named("status", value);
  };
  const tell = ({ kind, data }) => {
    if (kind === "comment") return html`<p class="comment">${data.text}</p>`;
    if (kind === "created" || kind === "asked_again") return named("source", data.source);
    if (kind === "edited") {
      return Object.entries(data).filter(([, change]) => change && typeof change === "object")
        .map(([name, change]) => html`<span class="change" key=${name}>${t(`lead.${name}`)}:
          <del>${shown(name, change.from)}</del> → ${shown(name, change.to)}</span>`);
    }
    return html`<span class="change"><del>${shown(kind, data.from)}</del> → ${shown(kind, data.to)}</span>`;
  };
  if (lines.length === 0) return html`<p class="quiet">${t("lead.history.none")}</p>`;
  return html`<ol class="history">${lines.map((line) => html`<li key=${line.id} class=${`was-${line.kind}`}>
    <b>${line.data.undone ? t("history.undone") : t(`history.${line.kind}`)}</b>
    <time dateTime=${line.at}>${moment(line.at)}</time>
    ${line.who && html`<span class="quiet">${line.who}</span>`}
    <div>${tell(line)}</div></li>`)}</ol>`;
}
