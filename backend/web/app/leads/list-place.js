// The list of leads that was left for one of its leads, so that Back returns to the same row, and
// the lead's page has the one before and the one after. It's read on as far as that needs it.
import { get } from "../api.js";
import { html } from "../html.js";
import { replace } from "../router.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { useKeys } from "../ui/keys.js";

/**
 * `at` is the row, `top` how far the list was scrolled.
 * @typedef {{ query: import("../api.js").Query, items: LeadRow[],
 *   next: Record<string, string | number> | null, at: number, top: number }} Kept
 */

const LIMIT = 100;

/** @type {Kept | null} */
let kept = null;

/** @param {Kept} list */
export function keepList(list) {
  kept = list;
  // The entry of the browser's history that Back returns to.
  history.replaceState({ isLeft: true }, "");
}

/**
 * Return the list that Back has returned to, if any.
 * @param {import("../api.js").Query} query
 */
export function listAgain(query) {
  const isSame = JSON.stringify(kept?.query) === JSON.stringify(query);
  return isSame && history.state?.isLeft ? kept : null;
}

/**
 * The buttons to the lead before and the one after; nothing if no list led here.
 * @param {{ id: string }} props
 */
export function Neighbours({ id }) {
  const list = kept;
  const at = list ? list.items.findIndex((one) => String(one.id) === id) : -1;
  /** @param {number} index */
  const show = async (index) => {
    if (!list) return;
    if (index >= list.items.length && list.next) {
      const page = await get("/leads/", { ...list.query, limit: LIMIT, ...list.next });
      list.items = [...list.items, ...page.leads];
      list.next = page.next === null ? null : { after: page.next };
    }
    const lead = list.items[index];
    if (!lead) return;
    list.at = index;
    // Back still returns to the list.
    replace(`lead/${lead.id}`);
  };
  const hasBefore = at > 0;
  const hasAfter = list !== null && at >= 0 && (at + 1 < list.items.length || list.next !== null);
  const before = () => hasBefore && orToast(() => show(at - 1));
  const after = () => hasAfter && orToast(() => show(at + 1));
  useKeys({ k: before, j: after });
  if (at < 0) return null;
  /** @type {(key: string, icon: string, isOn: boolean, act: () => unknown) => Child} */
  const button = (key, icon, isOn, act) => html`<button aria-label=${t(key)} title=${t(key)}
    disabled=${!isOn} onClick=${act}><${Icon} name=${icon} /></button>`;
  return html`<span class="neighbours">${button("lead.previous", "arrow-up", hasBefore, before)}
    ${button("lead.next", "arrow-down", hasAfter, after)}</span>`;
}
