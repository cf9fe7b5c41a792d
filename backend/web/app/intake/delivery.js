// One delivery exactly as it arrived, and what can be done with it.
import { html } from "../html.js";
import { post } from "../api.js";
import { CenterSelect } from "../centers/choice.js";
import { moment } from "../format.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";

/** The reasons for which a delivery waits for a center. */
const FOR_CENTER = ["no_center", "unknown_center", "archived_center"];
/** The states in which a delivery can be retried or dismissed. */
const OPEN = ["waiting", "retrying", "failed"];

/**
 * @param {{ id: string, centers: Center[], onRetried: (told: { reopened: number }) => void,
 *   onDismissed: () => void,
 *   onClose: () => void }} props
 */
export function DeliveryDialog({ id, centers, onRetried, onDismissed, onClose }) {
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
  /** @param {{ reopened: number }} told */
  const placed = (told) => {
    onRetried(told);
    onClose();
  };
  /** @param {Delivery} one */
  const actions = (one) =>
    OPEN.includes(one.state) &&
    html`${
      one.state === "waiting" &&
      FOR_CENTER.includes(one.reason ?? "") &&
      html`<${Place} one=${one} path=${path} centers=${centers} onDone=${placed} />`
    }
    <div class="buttons">
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
 * Say which center a delivery belongs to.
 * @param {{ one: Delivery, path: `/deliveries/${string}`, centers: Center[],
 *   onDone: (told: { reopened: number }) => void }} props
 */
function Place({ one, path, centers, onDone }) {
  const form = useForm({ center_id: "", all_of_form: false }, async (values) => {
    onDone(await post(`${path}/place`, { ...values, center_id: Number(values.center_id) }));
  });
  return html`<form class="place" onSubmit=${form.submit}>
    <label class="inline">${t("delivery.center")}
      <${CenterSelect} centers=${centers} value=${form.values.center_id}
        onChange=${(/** @type {string} */ id) => form.set("center_id", id)} /></label>
    ${
      one.reason === "no_center" &&
      html`<label class="pick"><input type="checkbox" checked=${form.values.all_of_form}
        onChange=${(/** @type {PageEvent} */ event) =>
          form.set("all_of_form", event.target.checked)} />
        ${t(one.form_id ? "delivery.all_of_form" : "delivery.all_of_source")}</label>`
    }
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}
    <footer><button class="primary" disabled=${form.isBusy || !form.values.center_id}>
      ${t("delivery.place")}</button></footer></form>`;
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
