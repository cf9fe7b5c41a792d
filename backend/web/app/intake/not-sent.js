// Messages to people's browsers and by email that have failed, for a team lead to send again.
import { html } from "../html.js";
import { post } from "../api.js";
import { moment } from "../format.js";
import { labelOr, t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

/** @param {MessageRow} one */
const about = (one) =>
  [one.person, moment(one.created_at), one.message].filter(Boolean).join(" · ");

/** @param {{ onChange: () => void }} props */
export function NotSent({ onChange }) {
  const failed = useLoad("/outbox/", { state: "failed" });
  /**
   * @param {() => Promise<unknown>} act
   * @param {string} said
   */
  const done = (act, said) =>
    orToast(async () => {
      await act();
      toast(said);
      failed.again();
      onChange();
    });
  /** @param {number} id */
  const retry = (id) => done(() => post(`/outbox/${id}/retry`), t("not_sent.retried"));
  /** @param {number} id */
  const dismiss = (id) => done(() => post(`/outbox/${id}/dismiss`), t("not_sent.dismissed"));
  if (!failed.data?.length) return null;
  return html`<section class="panel"><div class="head"><h2>${t("not_sent")}</h2></div>
    <ul class="alerts">${failed.data.map(
      (one) => html`<li key=${one.id}>
      <span><b>${labelOr("message_kind", { code: one.kind, message: one.kind })}</b>
        <small>${about(one)}</small></span>
      <button onClick=${() => retry(one.id)}>${t("delivery.retry")}</button>
      <button onClick=${() => dismiss(one.id)}>${t("not_sent.dismiss")}</button></li>`,
    )}</ul></section>`;
}
