// Who are you? On a page of its own, or over the page that one was on.
import { file, html } from "../html.js";
import { signIn, signOut } from "../api.js";
import { Dialog } from "./dialog.js";
import { Field, Send, useForm } from "./form.js";
import { t } from "../words.js";

function Form({ again }) {
  const form = useForm({ username: "", password: "" }, (values) =>
    signIn(values.username.trim(), values.password));
  return html`<form onSubmit=${form.submit}>
    ${again && html`<p>${t("signin.expired")}</p>`}
    <${Field} form=${form} name="username" type="email" label=${t("email")} required
      autocomplete="username" autofocus />
    <${Field} form=${form} name="password" type="password" label=${t("password")} required
      autocomplete="current-password" />
    <${Send} form=${form} text=${t("signin.go")}>
      ${again && html`<button type="button" onClick=${signOut}>${t("signout")}</button>`}
    <//>
  </form>`;
}

export function SignInPage() {
  return html`<main class="signin">
    <img src=${file("icon.svg")} alt="" width="40" height="40" />
    <h1>TOFA CRM</h1>
    <${Form} />
  </main>`;
}

export function SignInAgain() {
  return html`<${Dialog} title=${t("signin.title")}><${Form} again /><//>`;
}
