// Your own account: where you are signed in, and the second factor.
import { html } from "../html.js";
import { SecondFactor } from "../account/second-factor.js";
import { SessionList } from "../account/session-list.js";
import { t } from "../texts.js";

export default function Security() {
  return html`<div class="head"><h1>${t("nav.security")}</h1></div>
    <section class="panel"><div class="head"><h2>${t("sessions")}</h2></div>
      <p class="quiet">${t("sessions.hint")}</p>
      <${SessionList} path="/users/me/sessions" isOwn /></section>
    <section class="panel"><div class="head"><h2>${t("factor")}</h2></div>
      <${SecondFactor} /></section>`;
}
