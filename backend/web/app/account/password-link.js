// A one-time link with which a person chooses a password: making it, and handing it over.
import { html, useState } from "../html.js";
import { post, url } from "../api.js";
import { moment } from "../format.js";
import { t } from "../texts.js";
import { Copy } from "../ui/copy.js";
import { Field, Submit, useForm } from "../ui/form.js";

/** @param {{ link: PasswordLink, email: string }} props */
export function HandOver({ link, email }) {
  return html`<p role="status">${
    link.sent ? t("link.sent", { email }) : t("link.not_sent")
  } ${t("link.works", { until: moment(link.expires_at) })}</p>
    ${link.problem && html`<p class="wrong" role="alert">${link.problem}</p>`}
    <${Copy} label=${t("link")} text=${url(`/${link.path}`)} />`;
}

/** @param {{ user: User }} props */
export function ResetPassword({ user }) {
  const [link, setLink] = useState(/** @type {PasswordLink | null} */ (null));
  const form = useForm({ current_password: "" }, async (values) => {
    const path = /** @type {`/users/${string}/password-link`} */ (
      `/users/${user.id}/password-link`
    );
    setLink(await post(path, values));
  });
  if (link) return html`<${HandOver} link=${link} email=${user.email} />`;
  return html`<form class="line" onSubmit=${form.submit}>
    <${Field} form=${form} name="current_password" type="password" required
      autocomplete="current-password" label=${t("people.own_password")} />
    <${Submit} form=${form} text=${t("link.make")} /></form>`;
}
