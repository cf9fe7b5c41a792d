// What a team lead does first: a center, a person, Meta, a file.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { said } from "../components/form.js";
import { Icon } from "../components/icon.js";
import { Loaded, useLoad } from "../components/load.js";
import { toast } from "../components/toast.js";
import { Center, Person } from "./settings.js";
import { moment, t } from "../words.js";

export default function Start({ world }) {
  const setup = useLoad("/onboarding/");
  const [open, setOpen] = useState("");
  const [checked, setChecked] = useState(null);
  const done = () => {
    setOpen("");
    setup.again();
    world.reload();
  };
  const check = async () => {
    try {
      setChecked(await post("/onboarding/meta-check"));
    } catch (problem) {
      toast(said(problem), { wrong: true });
    }
  };
  const step = (number, name, isDone, content) => html`<li class=${isDone ? "step done" : "step"}>
    <span class="mark" aria-hidden="true">${isDone ? html`<${Icon} name="check" />` : number}</span>
    <div><h2>${t(`start.${name}`)} ${isDone && html`<small>${t("start.done")}</small>`}</h2>
      <p>${t(`start.${name}.more`)}</p>${content}</div></li>`;
  return html`<div class="head"><h1>${t("nav.start")}</h1></div>
    <p class="quiet">${t("start.more")}</p>
    <${Loaded} from=${setup}>${(data) => html`<ol class="steps">
      ${step(1, "center", data.centers > 0, html`<button class=${data.centers ? "" : "primary"}
        onClick=${() => setOpen("center")}>${t("settings.center.add")}</button>`)}
      ${step(2, "person", data.people > 1, html`<button onClick=${() => setOpen("person")}>
        ${t("settings.person.add")}</button>`)}
      ${step(3, "meta", data.meta.last_delivery_at !== null, html`
        <${Copy} label=${t("start.webhook")} text=${location.origin + data.meta.webhook_path} />
        ${data.meta.verify_token ? html`<${Copy} label=${t("start.token")} text=${data.meta.verify_token} />`
          : html`<p class="quiet">${t("start.token.none")}</p>`}
        ${data.meta.last_delivery_at && html`<p>${t("start.last", { at: moment(data.meta.last_delivery_at) })}</p>`}
        <button onClick=${check}>${t("start.check")}</button>
        ${checked && html`<ul class="list" role="status">${checked.checks.map((one) => html`
          <li key=${one.name} class=${one.ok ? "good" : "wrong"}><${Icon} name=${one.ok ? "circle-check" : "circle-alert"} /> ${one.message}</li>`)}</ul>`}`)}
      ${step(4, "import", data.leads, html`<a class="button" href="#/imports">${t("nav.imports")}</a>`)}
    </ol>`}<//>
    ${open === "center" && html`<${Center} center=${{}} onClose=${() => setOpen("")} onDone=${done} />`}
    ${open === "person" && html`<${Person} user=${{}} world=${world} onClose=${() => setOpen("")} onDone=${done} />`}`;
}

function Copy({ label, text }) {
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  };
  return html`<div class="copy"><span>${label}</span><code>${text}</code>
    <button onClick=${copy}><${Icon} name="copy" size=${15} />${t("copy")}</button></div>`;
}
