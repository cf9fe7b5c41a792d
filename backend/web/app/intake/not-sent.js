// Messages to people's browsers and by email that have failed, for a team lead to send again.
import { html } from "../html.js";
import { post } from "../api.js";
import { moment } from "../format.js";
import { labelOr, t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { useLoad } from "../ui/load.js";

/** @param {{ onChange: () => void }} props */
export function NotSent({ onChange }) {
  const failed = useLoad("/outbox/", { state: "failed" });
  /** @param {number} id @param {string} act */
  const send = (id, act) =>
    orToast(async () => {
      await post(`/outbox/${id}/${act}`);
      failed.again();
      onChange();
    });
  if (!failed.data?.length) return null;
  return html`<section class="panel"><div class="head"><h2>${t("not_sent")}</h2></div>
    <ul class="alerts">${failed.data.map(
      (one) => html`<li key=${one.id}>
      <span><b>${labelOr("message_kind", { code: one.kind, message: one.kind })}</b>
        <small>${moment(one.created_at)} · ${one.message}</small></span>
      <button onClick=${() => send(one.id, "retry")}>${t("delivery.retry")}</button>
      <button onClick=${() => send(one.id, "dismiss")}>${t("not_sent.dismiss")}</button></li>`,
    )}</ul></section>`;
}
