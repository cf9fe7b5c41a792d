// Your own account: where you are signed in, passkeys, and the second factor.
import { html, useState } from "../html.js";
import { MyPasskeys } from "../account/passkeys.js";
import { Push } from "../account/push.js";
import { SecondFactor } from "../account/second-factor.js";
import { SessionList } from "../account/session-list.js";
import { Summaries } from "../account/summaries.js";
import { WorkingHours } from "../settings/working-hours.js";
import { t } from "../texts.js";

/** @param {PageProps} props */
export default function Security({ session }) {
  const [changes, setChanges] = useState(0);
  return html`<div class="head"><h1>${t("nav.security")}</h1></div>
    <section class="panel"><div class="head"><h2>${t("sessions")}</h2></div>
      <p class="quiet">${t("sessions.hint")}</p>
      <${SessionList} path="/users/me/sessions" isOwn /></section>
    <section class="panel"><div class="head"><h2>${t("passkey")}</h2></div>
      <${MyPasskeys} onChange=${() => setChanges(changes + 1)} /></section>
    <section class="panel"><div class="head"><h2>${t("factor")}</h2></div>
      <${SecondFactor} key=${changes} /></section>
    ${
      session.me.role !== "observer" &&
      html`<section class="panel"><div class="head"><h2>${t("push")}</h2></div>
        <${Push} me=${session.me} /></section>
        <${Summaries} />
        <section class="panel"><div class="head"><h2>${t("work")}</h2></div>
        <${WorkingHours} path="/presence/me" /></section>`
    }`;
}
