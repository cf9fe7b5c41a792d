// Leads that are likely to be one child.
import { html } from "../html.js";
import { DUPLICATES, Duplicates } from "../leads/duplicates.js";
import { t } from "../texts.js";
import { Empty, failed, waiting } from "../ui/load.js";
import { usePages } from "../ui/paged-list.js";

/** @param {PageProps} props */
export default function DuplicatesPage({ session }) {
  const list = usePages(DUPLICATES);
  const isEmpty = list.page !== null && list.items.length === 0 && !list.hasMore;
  if (list.page === null) return list.problem ? failed(list.problem, list.again) : waiting();
  return html`<div class="head"><h1>${t("duplicates")}</h1></div>
    ${
      isEmpty
        ? html`<${Empty} icon="users" title=${t("duplicates.none")} />`
        : html`<section class="panel"><p class="quiet">${t("duplicates.hint")}</p>
          <${Duplicates} list=${list} centers=${session.centers} /></section>`
    }`;
}
