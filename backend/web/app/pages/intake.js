// What arrived from outside, what waits for someone, and whether the way in works.
import { html } from "../html.js";
import { DELIVERIES, Deliveries, StateChoice } from "../intake/deliveries.js";
import { Forms } from "../intake/forms.js";
import { Health } from "../intake/health.js";
import { NotSent } from "../intake/not-sent.js";
import { MatchedNames } from "../intake/matched-names.js";
import { UnknownCenters } from "../intake/unknown-centers.js";
import { DUPLICATES, DuplicatesPanel } from "../leads/duplicates.js";
import { replace } from "../router.js";
import { t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { isSettled, lazyDialog, loaded, useLoad, waiting } from "../ui/load.js";
import { usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

const DeliveryDialog = lazyDialog(() => import("../intake/delivery.js"), "DeliveryDialog");

/** How long the server may take to process what is retried, in milliseconds. */
const PROCESSING = 1200;

/** @param {PageProps} props */
export default function IntakePage({ params, query, session }) {
  const health = useLoad("/deliveries/health");
  const unknown = useLoad("/deliveries/unknown-centers/");
  const forms = useLoad("/forms/");
  const pages = useLoad("/pages/");
  const matched = useLoad("/centers/aliases/");
  const duplicates = usePages(DUPLICATES);
  const list = usePages(DELIVERIES, { state: query.state, reason: query.reason });
  const again = () => {
    for (const one of [health, unknown, forms, pages, matched, duplicates, list]) one.again();
  };
  /**
   * @param {{ reopened: number }} told
   * @param {() => void} [undo]
   */
  const retried = (told, undo) => {
    toast(t("intake.retried", { count: told.reopened }), { undo });
    setTimeout(again, PROCESSING);
  };
  const centersChanged = () => {
    session.reload();
    again();
  };
  // All panels appear at once: one after the other, they would push each other down the page.
  const isReady =
    [health, unknown, forms, pages, matched].every(isSettled) &&
    (duplicates.page !== null || duplicates.problem !== null);
  return html`<div class="head"><h1>${t("nav.intake")}</h1>
      <span class="tools"><button onClick=${again}>
        <${Icon} name="refresh-cw" />${t("action.refresh")}</button></span></div>
    ${
      isReady
        ? html`<div class="overview">
            <div>${loaded(health, (data) => html`<${Health} health=${data} />`)}</div>
            <div>${loaded(
              unknown,
              (data) => html`<${UnknownCenters} unknown=${data}
              centers=${session.centers} onDone=${retried} onChange=${centersChanged} />`,
            )}</div>
            <div>${loaded(
              matched,
              (data) => html`<${MatchedNames} names=${data} centers=${session.centers}
              onDone=${again} />`,
            )}</div>
            <div><${DuplicatesPanel} list=${duplicates}
              centers=${session.centers} /></div>
            <div>${loaded(
              forms,
              (data) => html`<${Forms} forms=${data} pages=${pages.data ?? []}
              centers=${session.centers} onSave=${again} />`,
            )}</div>
          </div>`
        : waiting()
    }
    <${NotSent} onChange=${health.again} />
    <${StateChoice} state=${query.state ?? ""} counts=${health.data?.states}
      onChange=${(/** @type {string} */ state) => replace("intake", { state })} />
    <${Deliveries} list=${list} query=${query} />
    ${
      params[0] &&
      html`<${DeliveryDialog} key=${params[0]} id=${params[0]} centers=${session.centers}
      onRetried=${retried} onDismissed=${again} onClose=${() => replace("intake", query)} />`
    }`;
}
