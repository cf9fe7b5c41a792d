// The sign-in form, on a page of its own or over the page that someone was on.
import { file, html, useEffect, useRef, useState } from "../html.js";
import { Problem, lastPerson, signIn, signInWithPasskey, signOut } from "../api.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { canUsePasskeys, sign } from "../ui/passkey.js";

/** @param {{ again?: boolean }} props */
function SignInForm({ again }) {
  const [needs, setNeeds] = useState("");
  const email = again ? lastPerson() : "";
  const form = useForm({ username: email, password: "", otp: "" }, async (values) => {
    try {
      await signIn(values.username.trim(), values.password, values.otp.trim());
    } catch (problem) {
      const next = problem instanceof Problem && !needs && problem.needs;
      if (next !== "code" && next !== "passkey") throw problem;
      setNeeds(next);
    }
  });
  const own = useRef(/** @type {HTMLFormElement | null} */ (null));
  useEffect(() => {
    const field = needs && own.current?.elements.namedItem("otp");
    if (field instanceof HTMLElement) field.focus();
  }, [needs]);
  return html`<form ref=${own} onSubmit=${form.submit}>
    ${again && html`<p>${t("sign_in.expired")}</p>`}
    <${Field} form=${form} name="username" type="email" label=${t("lead.email")} required
      autocomplete="username" autofocus=${!email} />
    <${Field} form=${form} name="password" type="password" label=${t("password")} required
      autocomplete="current-password" autofocus=${Boolean(email)} />
    ${
      needs &&
      html`<${Field} form=${form} name="otp" label=${t("factor.code")} required
        inputmode="text" autocomplete="one-time-code"
        hint=${t(needs === "code" ? "factor.code_hint" : "passkey.code_hint")} />`
    }
    <${Submit} form=${form} text=${t("sign_in")}>
      ${again && html`<button type="button" onClick=${signOut}>${t("account.sign_out")}</button>`}
    <//>
    ${
      canUsePasskeys &&
      html`<button type="button" onClick=${() => orToast(() => signInWithPasskey(sign))}>
        ${t("passkey.use")}</button>`
    }
  </form>`;
}

export function SignInPage() {
  return html`<main class="signin">
    <img src=${file("icon.svg")} alt="" width="40" height="40" />
    <h1>TOFA CRM</h1>
    <${SignInForm} />
  </main>`;
}

export function SignInAgain() {
  return html`<${Dialog} title=${t("sign_in.again")}><${SignInForm} again /><//>`;
}
