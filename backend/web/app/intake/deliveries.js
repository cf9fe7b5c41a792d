// What arrived, newest first, filtered by state.
import { html } from "../html.js";
import { moment } from "../format.js";
import { address } from "../router.js";
import { count, label, labelOr, t } from "../texts.js";
import { Empty } from "../ui/load.js";
import { arrays, pages } from "../ui/paged-list.js";

export const STATES = ["received", "processed", "waiting", "retrying", "failed", "dismissed"];
const COLUMNS = ["received_at", "source", "state", "reason", "lead"];

/** @type {PageSource<DeliveryRow, DeliveryRow[]>} */
export const DELIVERIES = arrays("/deliveries/", 50, (/** @type {DeliveryRow} */ last) => ({
  before: last.id,
}));

/**
 * The buttons that choose a state, with the number of deliveries in each.
 * @param {{ state: string, counts: Record<string, number> | undefined,
 *   onChange: (state: string) => void }} props
 */
export function StateChoice({ state: current, counts, onChange }) {
  return html`<div class="picks states" role="group" aria-label=${t("deliveries.state")}>
    ${["", ...STATES].map(
      (state) => html`<button key=${state} aria-pressed=${current === state}
      onClick=${() => onChange(state)}>${t(`delivery_state.${state || "all"}`)}
      ${counts && state && html` <b class="number">${count(counts[state] ?? 0)}</b>`}</button>`,
    )}
  </div>`;
}

/**
 * @param {{ list: PagedList<DeliveryRow, DeliveryRow[]>, query: Record<string, string> }} props
 *   `query` stays in the address of a delivery, which opens over the list.
 */
export function Deliveries({ list, query }) {
  return pages(list, (rows) =>
    rows.length === 0
      ? html`<${Empty} icon="inbox" title=${t("deliveries.empty")}>
          <p>${t("deliveries.empty.hint")}</p><//>`
      : html`<section class="panel"><div class="scroll"><table>
          <thead><tr>${COLUMNS.map(
            (one) => html`<th scope="col" key=${one}>
            ${t(`deliveries.${one}`)}</th>`,
          )}</tr></thead>
          <tbody>${rows.map((one) => rowOf(one, query))}</tbody></table></div></section>`,
  );
}

/**
 * @param {DeliveryRow} one
 * @param {Record<string, string>} query
 */
const rowOf = (one, query) => html`<tr key=${one.id}>
  <th scope="row"><a href=${address(`intake/${one.id}`, query)}>${moment(one.received_at)}</a></th>
  <td>${label("source", one.source)}</td>
  <td><span class=${`badge ${one.state}`}>${t(`delivery_state.${one.state}`)}</span></td>
  <td class="quiet">${reasonOf(one)}</td>
  <td>${one.lead_id && html`<a href=${address(`lead/${one.lead_id}`)}>#${one.lead_id}</a>`}</td>
</tr>`;

/**
 * Return why a delivery is as it is. Why it was dismissed is in a person's own words.
 * @param {DeliveryRow} one
 */
function reasonOf({ state, reason, message, center_text: center }) {
  const code = state === "dismissed" ? "" : (reason ?? "");
  const text = labelOr("delivery_reason", { code, message: message ?? code });
  return [text, center].filter(Boolean).join(": ");
}
