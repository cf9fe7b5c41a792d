// Leads that were erased, and when what is kept of them is destroyed. For team leads.
import { html } from "../html.js";
import { post } from "../api.js";
import { moment } from "../format.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

const ERASURES = arrays("/erasures/", 50, (/** @type {Erasure} */ last) => ({ before: last.id }));

export function Erasures() {
  const list = usePages(ERASURES);
  /** @param {number} id */
  const destroy = (id) =>
    orToast(async () => {
      await post(`/erasures/${id}/destroy`);
      toast(t("erasure.hastened"));
      list.again();
    });
  return pages(list, (erasures) =>
    erasures.length === 0
      ? null
      : html`<section class="panel" aria-label=${t("erasures")}><h2>${t("erasures")}</h2>
    <p class="quiet">${t("erasures.hint")}</p>
    <ul class="list">${erasures.map(
      (one) => html`<li key=${one.id}><span>${t("audit.lead", { id: `${one.lead_id}` })}<br />
        <small class="quiet">${t("erasure.at", { at: moment(one.erased_at) })} · ${when(one)}
        </small></span>
        ${
          one.destroyed_at === null &&
          html`<button class="link" onClick=${() => destroy(one.id)}>
          ${t("erasure.destroy")}</button>`
        }</li>`,
    )}</ul></section>`,
  );
}

/** @param {Erasure} one */
const when = ({ destroy_at: due, destroyed_at: done }) =>
  done ? t("erasure.destroyed", { at: moment(done) }) : t("erasure.due", { at: moment(due) });
