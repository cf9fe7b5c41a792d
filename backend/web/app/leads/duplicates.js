// Pairs of leads that share an email but not a phone number, to be told apart by a team lead.
import { html } from "../html.js";
import { post } from "../api.js";
import { address } from "../router.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { More, arrays } from "../ui/paged-list.js";
import { title } from "./lead.js";

/** @type {PageSource<DuplicatePair, DuplicatePair[]>} */
export const DUPLICATES = arrays("/leads/duplicates/", 20, (/** @type {DuplicatePair} */ last) => ({
  before_second_id: last.second.id,
  before_first_id: last.first.id,
}));

/** @param {{ list: PagedList<DuplicatePair, DuplicatePair[]> }} props */
export function Duplicates({ list }) {
  if (list.items.length === 0) return html`<${More} list=${list} />`;
  /** @param {DuplicatePair} pair */
  const dismiss = ({ first, second }) =>
    orToast(async () => {
      await post("/leads/duplicates/", { first_id: first.id, second_id: second.id });
      list.change((items) =>
        items.filter((one) => one.first.id !== first.id || one.second.id !== second.id),
      );
    });
  /** @param {PossibleDuplicate} lead */
  const link = (lead) => html`<a href=${address(`lead/${lead.id}`)}>${title(lead)}</a>
    <span class="quiet">${lead.phone}</span>`;
  return html`<details class="panel">
    <summary>${t("duplicates")} <span class="quiet">${list.items.length}${
      list.hasMore ? "+" : ""
    }</span></summary>
    <p class="quiet">${t("duplicates.hint")}</p>
    ${list.items.map(
      (pair) => html`<div class="line" key=${`${pair.first.id}-${pair.second.id}`}>
      ${link(pair.first)} <span>·</span> ${link(pair.second)}
      <span class="quiet">${pair.email}</span>
      <button onClick=${() => dismiss(pair)}>${t("duplicates.dismiss")}</button></div>`,
    )}
    <${More} list=${list} /></details>`;
}
