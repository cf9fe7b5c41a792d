// Where someone is signed in, with buttons that end it: your own sessions, or those of a person.
import { html } from "../html.js";
import { ask } from "../api.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

/** @param {{ path: `/users/${string}/sessions`, isOwn?: boolean }} props */
export function SessionList({ path, isOwn }) {
  const sessions = useLoad(path);
  /** @param {string} address */
  const end = (address) =>
    orToast(async () => {
      await ask("DELETE", address);
      toast(t("sessions.ended"));
      sessions.again();
    });
  /** @param {SignInSession} one */
  const used = ({ last_used_at: at, address }) => t("sessions.used", { since: since(at), address });
  return loaded(sessions, (list) => {
    const others = list.filter((one) => !one.current);
    if (list.length === 0) return html`<p class="quiet">${t("sessions.none")}</p>`;
    return html`<ul class="list sessions">${list.map(
      (one) => html`<li class="line" key=${one.id}>
        <span class="grow"><b>${one.device}</b>${
          one.current && html` <span class="badge">${t("sessions.this")}</span>`
        }${one.passkey && html` <span class="badge">${t("passkey.one")}</span>`}
          <small>${used(one)}</small>
        </span>
        ${
          !one.current &&
          html`<button type="button" aria-label=${t("sessions.end.name", { name: one.device })}
            onClick=${() => end(`/sessions/${one.id}`)}>${t("account.sign_out")}</button>`
        }</li>`,
    )}</ul>
    ${
      others.length > 0 &&
      html`<footer><button type="button" onClick=${() => end(path)}>
        ${t(isOwn ? "sessions.end_others" : "sessions.end_all")}</button></footer>`
    }`;
  });
}
