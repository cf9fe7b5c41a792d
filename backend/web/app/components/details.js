// The fields of a lead, edited in their place. Two may edit at once: neither loses what they typed.
import { html, useState } from "../html.js";
import { Problem, ask, get } from "../api.js";
import { Dialog } from "./dialog.js";
import { Field, useForm } from "./form.js";
import { local, t, utc } from "../words.js";

const FIELDS = ["player_name", "phone", "email", "player_age_category", "address", "center_id"];
const TIMES = ["next_followup_date", "trial_at"];

const held = (lead) => ({
  ...Object.fromEntries(FIELDS.map((name) => [name, lead[name] ?? ""])),
  ...Object.fromEntries(TIMES.map((name) => [name, local(lead[name])])),
});
const differs = (one, other, name) => String(one[name]) !== String(other[name]);

/** What differs from what was there when it was opened, as the API takes it. */
function changes(values, before) {
  const changed = {};
  for (const name of [...FIELDS, ...TIMES]) {
    if (!differs(values, before, name)) continue;
    if (TIMES.includes(name)) changed[name] = utc(values[name]);
    else changed[name] = name === "center_id" ? Number(values[name]) : values[name] || null;
  }
  return changed;
}

/** @param {{ lead: Lead, path: string, centers: Center[], onChange: (lead: Lead) => void }} props */
export function Details({ lead, path, centers, onChange }) {
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
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      setTheirs(await get(path));
    }
  });
  const dirty = Object.keys(changes(form.values, held(base))).length > 0;
  if (!dirty && lead.version !== base.version) {
    // Noted beside this form: there is nothing typed here that could be lost.
    setBase(lead);
    form.setValues(held(lead));
  }
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  return html`<form class="edit" onSubmit=${form.submit}>
    ${field("player_name")}${field("phone", { type: "tel" })}
    ${field("email", { type: "email" })}${field("player_age_category")}
    ${field("center_id", { options: [...(base.center_id ? [] : [["", "–"]]),
      ...centers.map((one) => [one.id, one.display_name])] })}
    ${field("next_followup_date", { type: "datetime-local" })}
    ${field("trial_at", { type: "datetime-local" })}
    ${field("address", { type: "textarea", rows: 2 })}
    ${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}
    ${dirty && html`<footer>
      <button type="button" onClick=${() => form.setValues(held(base))}>${t("revert")}</button>
      <button class="primary" disabled=${form.busy}>${t("lead.save")}</button>
    </footer>`}
    ${theirs && html`<${Both} base=${base} theirs=${theirs} mine=${form.values}
      onTake=${(values) => {
        setBase(theirs);
        form.setValues(values);
        setTheirs(null);
      }} />`}
  </form>`;
}

/** Two have edited at once: field by field, whose word counts. Nothing that was typed is lost. */
function Both({ base, theirs, mine, onTake }) {
  const before = held(base);
  const now = held(theirs);
  const mineChanged = Object.keys(before).filter((name) => differs(mine, before, name));
  const names = mineChanged.filter((name) => differs(now, before, name) && differs(mine, now, name));
  const [whose, setWhose] = useState({});
  const take = () => {
    const values = { ...now };
    for (const name of mineChanged) if (whose[name] !== "theirs") values[name] = mine[name];
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
    <div class="buttons"><button type="button" class="primary" onClick=${take}>${t("both.go")}</button></div>
  <//>`;
}
