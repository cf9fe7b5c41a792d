// Names that match no center: a team lead matches each one to a center, once.
import { html } from "../html.js";
import { post } from "../api.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";

/** @typedef {(told: { reopened: number }) => void} OnRetried */

/** @param {{ unknown: UnknownCenter[], centers: Center[], onDone: OnRetried }} props */
export function UnknownCenters({ unknown, centers, onDone }) {
  if (unknown.length === 0) return null;
  return html`<section class="panel attention">
    <h2><${Icon} name="map-pin" /> ${t("unknown_centers")}</h2>
    <p class="quiet">${t("unknown_centers.hint")}</p>
    ${unknown.map(
      (one) => html`<${Unknown} key=${one.text} one=${one} centers=${centers}
      onDone=${onDone} />`,
    )}</section>`;
}

/** @param {{ one: UnknownCenter, centers: Center[], onDone: OnRetried }} props */
function Unknown({ one, centers, onDone }) {
  const form = useForm({ center_id: centers[0]?.id ?? "" }, async (values) => {
    const match = { text: one.text, center_id: Number(values.center_id) };
    onDone(await post("/deliveries/unknown-centers/", match));
  });
  const waiting = t("unknown_centers.waiting", { count: one.count, since: since(one.oldest) });
  return html`<form class="line" onSubmit=${form.submit}><b>${one.text}</b>
    <span class="quiet">${waiting}</span>
    <label class="inline">${t("unknown_centers.center")}
      <select value=${form.values.center_id}
        onChange=${(event) => form.set("center_id", event.target.value)}>
        ${centers.map(
          (center) => html`<option key=${center.id} value=${center.id}>
          ${center.display_name}</option>`,
        )}</select></label>
    <button class="primary" disabled=${form.isBusy}>${t("unknown_centers.match")}</button>
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}</form>`;
}
