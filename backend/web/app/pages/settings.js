// People and centers, for team leads.
import { html, useState } from "../html.js";
import { ask, patch, post } from "../api.js";
import { Dialog } from "../components/dialog.js";
import { Field, Send, Wrong, said, useForm } from "../components/form.js";
import { Icon } from "../components/icon.js";
import { Loaded, useLoad } from "../components/load.js";
import { toast } from "../components/toast.js";
import { named, t } from "../words.js";

const ROLES = ["team_member", "team_lead", "observer"];

export default function Settings({ world }) {
  const users = useLoad("/users/");
  const centers = useLoad("/centers/");
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const done = () => {
    users.again();
    centers.again();
    world.reload();
    toast(t("saved"));
    close();
  };
  return html`<div class="head"><h1>${t("nav.settings")}</h1>
      <span class="tools"><a class="button" href="#/start"><${Icon} name="rocket" />${t("nav.start")}</a></span></div>
    <section class="panel"><div class="head"><h2>${t("settings.people")}</h2>
      <button class="primary" onClick=${() => setOpen({ user: {} })}>
        <${Icon} name="user-plus" />${t("settings.person.add")}</button></div>
      <${Loaded} from=${users}>${(list) => html`<div class="scroll"><table><thead><tr>
        ${["name", "email", "role", "centers"].map((one) => html`<th scope="col" key=${one}>
          ${t(`settings.${one}`)}</th>`)}</tr></thead><tbody>
        ${list.map((one) => html`<tr key=${one.id} class=${one.disabled ? "off" : ""}>
          <th scope="row"><button class="link" onClick=${() => setOpen({ user: one })}>${one.full_name}</button></th>
          <td>${one.email}</td><td>${named("role", one.role)}${one.disabled && html` <span class="badge">
            ${t("settings.disabled")}</span>`}</td>
          <td>${one.role === "team_lead" ? t("settings.all") : one.center_ids.map((id) =>
            world.centers.find((center) => center.id === id)?.display_name).join(", ")}</td></tr>`)}
      </tbody></table></div>`}<//></section>
    <section class="panel"><div class="head"><h2>${t("settings.centers")}</h2>
      <button class="primary" onClick=${() => setOpen({ center: {} })}>
        <${Icon} name="plus" />${t("settings.center.add")}</button></div>
      <${Loaded} from=${centers}>${(list) => html`<div class="scroll"><table><thead><tr>
        ${["name", "tag", "city"].map((one) => html`<th scope="col" key=${one}>${t(`settings.${one}`)}</th>`)}
        </tr></thead><tbody>${list.map((one) => html`<tr key=${one.id}>
          <th scope="row"><button class="link" onClick=${() => setOpen({ center: one })}>${one.display_name}</button></th>
          <td>${one.meta_tag_name}</td><td>${one.city}</td></tr>`)}</tbody></table></div>`}<//></section>
    ${open?.user && html`<${Person} user=${open.user} world=${world} onClose=${close} onDone=${done} />`}
    ${open?.center && html`<${Center} center=${open.center} onClose=${close} onDone=${done} />`}`;
}

export function Person({ user, world, onClose, onDone }) {
  const first = {
    full_name: user.full_name ?? "", email: user.email ?? "", role: user.role ?? "team_member",
    password: "", center_ids: user.center_ids ?? [], disabled: user.disabled ?? false,
  };
  const form = useForm(first, async (values) => {
    if (user.id) {
      const { email, password, ...rest } = values;
      await patch(`/users/${user.id}`, password ? { ...rest, password } : rest);
    } else {
      const { disabled, ...rest } = values;
      await post("/users/", rest);
    }
    onDone();
  });
  const { values, set } = form;
  const flip = (id) => set("center_ids", values.center_ids.includes(id)
    ? values.center_ids.filter((one) => one !== id) : [...values.center_ids, id]);
  return html`<${Dialog} title=${user.full_name ?? t("settings.person.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="full_name" label=${t("settings.name")} required autofocus />
      <${Field} form=${form} name="email" type="email" label=${t("email")} required disabled=${Boolean(user.id)} />
      <${Field} form=${form} name="role" label=${t("settings.role")} options=${ROLES.map((one) => [one, named("role", one)])} />
      ${values.role !== "team_lead" && html`<fieldset><legend>${t("settings.centers")}</legend>
        ${world.centers.map((one) => html`<label class="pick" key=${one.id}><input type="checkbox"
          checked=${values.center_ids.includes(one.id)} onChange=${() => flip(one.id)} /> ${one.display_name}</label>`)}
        <${Wrong} form=${form} name="center_ids" /></fieldset>`}
      <${Field} form=${form} name="password" type="password" required=${!user.id} autocomplete="new-password"
        label=${t(user.id ? "settings.password.new" : "password")} hint=${t("settings.password.hint")} />
      ${user.id && html`<label class="pick"><input type="checkbox" checked=${values.disabled}
        onChange=${(event) => set("disabled", event.target.checked)} /> ${t("settings.disable")}</label>`}
      <${Send} form=${form} text=${t("save")} />
    </form><//>`;
}

export function Center({ center, onClose, onDone }) {
  const first = {
    display_name: center.display_name ?? "", meta_tag_name: center.meta_tag_name ?? "",
    city: center.city ?? "", location: center.location ?? "",
  };
  const form = useForm(first, async (values) => {
    await (center.id ? patch(`/centers/${center.id}`, values) : post("/centers/", values));
    onDone();
  });
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name} label=${t(`center.${name}`)} ...${more} />`;
  return html`<${Dialog} title=${center.display_name ?? t("settings.center.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("display_name", { required: true, autofocus: true })}
      ${field("meta_tag_name", { required: true, hint: t("center.tag.hint") })}
      ${field("city")}${field("location")}<${Send} form=${form} text=${t("save")} /></form>
    ${center.id && html`<${Aliases} path=${`/centers/${center.id}/aliases`} />`}<//>`;
}

function Aliases({ path }) {
  const names = useLoad(path);
  const form = useForm({ text: "" }, async (values) => {
    await post(path, values);
    form.set("text", "");
    names.again();
  });
  const drop = async (text) => {
    try {
      await ask("DELETE", path, { query: { text } });
      names.again();
    } catch (problem) {
      toast(said(problem), { wrong: true });
    }
  };
  return html`<h3>${t("center.aliases")}</h3>
    <${Loaded} from=${names}>${(list) => html`<ul class="list">${list.map((one) => html`<li key=${one.text}>
      ${one.text} <button class="plain" aria-label=${t("center.alias.drop", { name: one.text })}
        onClick=${() => drop(one.text)}><${Icon} name="x" size=${15} /></button></li>`)}</ul>`}<//>
    <form class="line" onSubmit=${form.submit}><${Field} form=${form} name="text" label=${t("center.alias")} required />
      <${Send} form=${form} text=${t("center.alias.add")} /></form>`;
}
