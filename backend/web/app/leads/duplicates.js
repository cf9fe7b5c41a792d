// Pairs of leads that are likely to be one child: to be merged, or told apart.
import { html, useEffect, useState } from "../html.js";
import { post } from "../api.js";
import { address } from "../router.js";
import { labelOr, t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { lazyDialog } from "../ui/load.js";
import { More } from "../ui/paged-list.js";
import { phoneText, title } from "./lead.js";

const MergeDialog = lazyDialog(() => import("./merge.js"), "MergeDialog");

/** @type {PageSource<DuplicatePair, DuplicatePair[]>} */
export const DUPLICATES = {
  path: "/leads/duplicates/",
  limit: 20,
  items: (page) => page,
  // A page may be short, or even empty, and have another one after it.
  next: (_, headers) => {
    const query = /<\?([^>]*)>; *rel="next"/.exec(headers.get("link") ?? "")?.[1];
    return query === undefined ? null : Object.fromEntries(new URLSearchParams(query));
  },
};

/** @param {{ list: PagedList<DuplicatePair, DuplicatePair[]>, centers: Center[] }} props */
export function Duplicates({ list, centers }) {
  const [merging, setMerging] = useState(/** @type {DuplicatePair | null} */ (null));
  useEffect(() => {
    if (list.items.length === 0 && list.hasMore && !list.problem) list.more();
  }, [list.page]);
  if (list.items.length === 0) return html`<${More} list=${list} />`;
  /** @param {(pair: DuplicatePair) => boolean} kept */
  const keep = (kept) => list.change((items) => items.filter(kept));
  /** @param {DuplicatePair} pair */
  const dismiss = (pair) =>
    orToast(async () => {
      await post("/leads/duplicates/", { first_id: pair.first.id, second_id: pair.second.id });
      keep((one) => one !== pair);
    });
  /** @param {PossibleDuplicate} lead */
  const link = (lead) => html`<span><a href=${address(`lead/${lead.id}`)}>${title(lead)}</a>
    <span class="quiet">${phoneText(lead)}</span></span>`;
  return html`<ul class="list couples">${list.items.map(
    (pair) => html`<li key=${`${pair.first.id}-${pair.second.id}`}>
      <div>${link(pair.first)}${link(pair.second)}
        <small class="quiet">${pair.reasons
          .map((one) => labelOr("duplicate_reason", one))
          .join(" · ")}</small></div>
      <span class="tools">
        <button onClick=${() => setMerging(pair)}>${t("merge.open")}</button>
        <button onClick=${() => dismiss(pair)}>${t("duplicates.dismiss")}</button></span></li>`,
  )}</ul>
    <${More} list=${list} />
    ${
      merging &&
      html`<${MergeDialog} lead=${merging.first} other=${merging.second} centers=${centers}
      onClose=${() => setMerging(null)} onUndo=${list.again}
      onMerge=${(/** @type {LeadDetail} */ survivor) => {
        const gone = survivor.id === merging.first.id ? merging.second.id : merging.first.id;
        keep((one) => one.first.id !== gone && one.second.id !== gone);
      }} />`
    }`;
}

/**
 * The list as a panel, closed at first.
 * @param {{ list: PagedList<DuplicatePair, DuplicatePair[]>, centers: Center[] }} props
 */
export function DuplicatesPanel({ list, centers }) {
  const content = html`<${Duplicates} list=${list} centers=${centers} />`;
  if (list.items.length === 0) return content;
  return html`<details class="panel">
    <summary>${t("duplicates")} <span class="quiet">${list.items.length}${
      list.hasMore ? "+" : ""
    }</span></summary>
    <p class="quiet">${t("duplicates.hint")}</p>${content}</details>`;
}
