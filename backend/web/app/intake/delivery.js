// One delivery exactly as it arrived, and what can be done with it.
import { html } from "../html.js";
import { post } from "../api.js";
import { moment } from "../format.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";

/** The states in which a delivery can be retried or dismissed. */
const OPEN = ["waiting", "retrying", "failed"];

/**
 * @param {{ id: string, onRetried: (told: { reopened: number }) => void, onDismissed: () => void,
 *   onClose: () => void }} props
 */
export function DeliveryDialog({ id, onRetried, onDismissed, onClose }) {
  const path = /** @type {`/deliveries/${string}`} */ (`/deliveries/${encodeURIComponent(id)}`);
  const found = useLoad(path);
  const dismissal = useForm({ reason: "" }, async (values) => {
    await post(`${path}/dismiss`, values);
    onDismissed();
    onClose();
  });
  /** @param {boolean} all */
  const retry = (all) =>
    orToast(async () => {
      onRetried(await post(`${path}/retry`, undefined, { query: { all_of_reason: String(all) } }));
      onClose();
    });
  /** @param {Delivery} one */
  const actions = (one) =>
    OPEN.includes(one.state) &&
    html`<div class="buttons">
      <button onClick=${() => retry(true)}>${t("delivery.retry_all")}</button>
      <button class="primary" onClick=${() => retry(false)}>${t("delivery.retry")}</button></div>
    <form onSubmit=${dismissal.submit}>
      <${Field} form=${dismissal} name="reason" required label=${t("delivery.dismiss_reason")} />
      <${Submit} form=${dismissal} text=${t("delivery.dismiss")} /></form>`;
  return html`<${Dialog} title=${t("delivery", { id })} onClose=${onClose} wide>
    ${loaded(
      found,
      (one) => html`
      <p><span class=${`badge ${one.state}`}>${t(`delivery_state.${one.state}`)}</span>
        <span class="quiet"> ${moment(one.received_at)}</span> ${one.message ?? ""}</p>
      <h3>${t("delivery.body")}</h3><pre tabindex="0">${pretty(one.text ?? one.body)}</pre>
      ${
        one.fetched &&
        html`<h3>${t("delivery.fetched")}</h3>
        <pre tabindex="0">${pretty(one.fetched)}</pre>`
      }
      ${actions(one)}`,
    )}
  <//>`;
}

/**
 * Indent JSON, unless it has ids that are too long for JavaScript's numbers.
 * @param {string} text
 */
function pretty(text) {
  try {
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
