// The page that a one-time link leads to: choose a password, and be signed in with it.
import { file, html } from "../html.js";
import { post, signIn } from "../api.js";
import { replace } from "../router.js";
import { t } from "../texts.js";
import { Field, Submit, errorText, useForm } from "../ui/form.js";
import { useAnswer } from "../ui/load.js";

/** @param {{ token: string }} props */
export function SetPassword({ token }) {
  const invited = useAnswer(() => post("/password-links/show", { link: token }), token);
  const form = useForm({ password: "" }, async ({ password }) => {
    const { email } = await post("/password-links/use", { link: token, password });
    // The link is used up, and stays neither in the address nor in the history.
    replace("next");
    // Where a second factor is needed, the page for signing in asks for it.
    await signIn(email, password).catch(() => {});
  });
  const { data, problem } = invited;
  return html`<main class="signin">
    <img src=${file("icon.svg")} alt="" width="40" height="40" />
    <h1>${t("link.title")}</h1>
    ${
      problem &&
      html`<p class="wrong" role="alert">${errorText(problem)}</p>
      <p><a href="#/next">${t("sign_in")}</a></p>`
    }
    ${
      data &&
      html`<form onSubmit=${form.submit}>
      <p>${data.full_name} · ${data.email}</p>
      <input type="hidden" autocomplete="username" value=${data.email} />
      <${Field} form=${form} name="password" type="password" label=${t("password.new")} required
        autocomplete="new-password" autofocus hint=${t("link.password_hint")} />
      <${Submit} form=${form} text=${t("link.save")} /></form>`
    }
  </main>`;
}
