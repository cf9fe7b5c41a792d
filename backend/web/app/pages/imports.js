// Spreadsheets: drop one, look at the plan row by row, commit it, and undo it if need be.
import { html } from "../html.js";
import { moment } from "../format.js";
import { Upload } from "../imports/upload.js";
import { address } from "../router.js";
import { count, t } from "../texts.js";
import { Empty, lazy, waiting } from "../ui/load.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";

const Plan = lazy(() => import("../imports/plan.js"), "Plan");

const IMPORTS = arrays("/imports/", 50, (/** @type {Import} */ last) => ({ before: last.id }));

/** @param {PageProps} props */
export default function ImportsPage({ params }) {
  const [id] = params;
  return id ? html`<${Plan} key=${id} id=${id} link=${waiting()} />` : html`<${All} />`;
}

function All() {
  const list = usePages(IMPORTS);
  return html`<div class="head"><h1>${t("nav.imports")}</h1></div>
    <${Upload} />
    ${pages(list, (imports) =>
      imports.length === 0
        ? html`<${Empty} icon="file-spreadsheet" title=${t("imports.empty")}>
            <p>${t("imports.empty.hint")}</p><//>`
        : html`<${Table} imports=${imports} />`,
    )}`;
}

/** @param {{ imports: Import[] }} props */
function Table({ imports }) {
  return html`<section class="panel"><h2>${t("imports.past")}</h2><div class="scroll"><table>
    <thead><tr>${["file", "state", "created_at"].map(
      (one) => html`<th scope="col" key=${one}>
      ${t(`imports.${one}`)}</th>`,
    )}<th scope="col" class="number">${t("imports.rows")}</th>
      <th scope="col" class="number">${t("verdict.create")}</th></tr></thead>
    <tbody>${imports.map(
      (one) => html`<tr key=${one.id}>
      <th scope="row">
        <a href=${address(`imports/${one.id}`)}>${one.filename || `#${one.id}`}</a></th>
      <td><span class=${`badge ${one.state}`}>${t(`import_state.${one.state}`)}</span></td>
      <td>${moment(one.created_at)}</td><td class="number">${count(one.rows_done)}</td>
      <td class="number">${count(one.totals.create ?? 0)}</td></tr>`,
    )}</tbody>
    </table></div></section>`;
}
