// What the menu of one's account opens: one's own password, and what the keys do.
import { html } from "../html.js";
import { ask, keep } from "../api.js";
import { Dialog } from "./dialog.js";
import { Field, Send, useForm } from "./form.js";
import { toast } from "./toast.js";
import { t } from "../words.js";

const KEYS = ["ctrl-k", "/", "j", "k", "enter", "n", "x", "g", "?", "next", "board"];

export function Keys({ onClose }) {
  return html`<${Dialog} title=${t("keys")} onClose=${onClose}>
    <dl class="keys">${KEYS.map((key) => html`<div key=${key}>
      <dt><kbd>${t(`key.${key}`)}</kbd></dt><dd>${t(`key.${key}.does`)}</dd></div>`)}</dl>
  <//>`;
}

export function Password({ onClose }) {
  const form = useForm({ current_password: "", password: "" }, async (values) => {
    keep((await ask("PUT", "/users/me/password", { json: values })).data);
    toast(t("password.changed"));
    onClose();
  });
  return html`<${Dialog} title=${t("password.own")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="current_password" type="password" required
        label=${t("password.current")} autocomplete="current-password" />
      <${Field} form=${form} name="password" type="password" required
        label=${t("password.new")} autocomplete="new-password" />
      <${Send} form=${form} text=${t("save")} />
    </form>
  <//>`;
}
