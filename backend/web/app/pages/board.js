// The board: a column for each status. Cards are moved with the mouse, by touch or with keys.
import { file, html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { patch } from "../api.js";
import { since, when } from "../format.js";
import { CenterChoice } from "../leads/filters.js";
import { LOST, STATUSES, TRIAL, isClosed, phoneText, title, tone } from "../leads/lead.js";
import { leadPages } from "../leads/lists.js";
import { StatusFields, statusChange, suggestedTrial } from "../leads/status-fields.js";
import { address, replace } from "../router.js";
import { count, label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Submit, errorText, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { useKeys } from "../ui/keys.js";
import { useLoad } from "../ui/load.js";
import { More, usePages } from "../ui/paged-list.js";
import { script } from "../ui/script.js";
import { toast } from "../ui/toast.js";

/** @typedef {{ lead: LeadRow, status: string }} Move */

const LEADS = leadPages(50);

/** @param {PageProps} props */
export default function BoardPage({ query, session }) {
  const center = query.center_id ?? "";
  const mayEdit = session.me.role !== "observer";
  const counts = useLoad("/leads/counts", { center_id: center });
  // One list for each status; there are always the same statuses, so hooks may be in a loop.
  const columns = STATUSES.map((status) => ({
    status,
    list: usePages(LEADS, { status, center_id: center, test: "no" }),
  }));
  const [asked, setAsked] = useState(/** @type {Move | null} */ (null));
  const moved = useRef(/** @type {number | null} */ (null));
  /** @param {number} id */
  const find = (id) => columns.flatMap((one) => one.list.items).find((one) => one.id === id);
  /**
   * @param {LeadRow} lead
   * @param {Record<string, string | null>} change
   */
  const move = async (lead, change) => {
    try {
      const { data } = await patch(`/leads/${lead.id}`, change);
      moved.current = lead.id;
      for (const { status, list } of columns) {
        list.change((items) => {
          const others = items.filter((one) => one.id !== lead.id);
          return status === change.status ? [/** @type {LeadRow} */ (data), ...others] : others;
        });
      }
      counts.again();
      toast(t("board.moved", { name: title(lead), status: label("status", change.status) }));
      setAsked(null);
    } catch (problem) {
      toast(errorText(problem), { wrong: true });
    }
  };
  useLayoutEffect(() => {
    // The focus follows the card, unless it went elsewhere while the server was asked.
    if (moved.current === null || asked) return;
    if (document.activeElement === document.body) cardOf(moved.current)?.focus();
    moved.current = null;
  });
  /**
   * @param {LeadRow | undefined} lead
   * @param {string | undefined} status
   */
  const request = (lead, status) => {
    if (!mayEdit || !lead || !status || lead.status === status) return;
    if (status === TRIAL || status === LOST) setAsked({ lead, status });
    else move(lead, { status });
  };
  /** @param {number} by */
  const moveBy = (by) => {
    const lead = find(Number(document.activeElement?.getAttribute("data-lead")));
    if (lead) request(lead, STATUSES[STATUSES.indexOf(lead.status) + by]);
  };
  useKeys({
    "]": () => moveBy(1),
    "[": () => moveBy(-1),
    "j": () => focusBy(1),
    "k": () => focusBy(-1),
  });
  return html`
    <div class="head"><h1>${t("nav.board")}</h1>
      <${CenterChoice} centers=${session.ownCenters} value=${center}
        onChange=${(/** @type {string} */ value) => replace("board", { center_id: value })} />
      ${mayEdit && html`<small class="quiet hint">${t("board.hint")}</small>`}</div>
    <div class="board" role="group" aria-label=${t("nav.board")} tabindex="0">
      ${columns.map(
        ({ status, list }) => html`<${Column} key=${status} status=${status}
        list=${list} many=${counts.data?.statuses[status]} mayEdit=${mayEdit}
        onDrop=${(/** @type {number} */ id) => request(find(id), status)} />`,
      )}</div>
    ${
      asked &&
      html`<${MoveDialog} ...${asked} onClose=${() => setAsked(null)}
      onMove=${(/** @type {Record<string, string | null>} */ change) =>
        move(asked.lead, change)} />`
    }`;
}

/** @param {number} id */
const cardOf = (id) =>
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-lead="${id}"]`));

/**
 * Move the focus to a card before or after the one that has it.
 * @param {number} by
 */
function focusBy(by) {
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-lead]")]);
  const now = cards.findIndex((one) => one === document.activeElement);
  cards[Math.max(0, Math.min(cards.length - 1, now + by))]?.focus();
}

/**
 * @param {{ status: string, list: PagedList<LeadRow, LeadPage>, many: number | undefined,
 *   mayEdit: boolean, onDrop: (id: number) => void }} props
 */
function Column({ status, list, many, mayEdit, onDrop }) {
  const cards = useRef(/** @type {HTMLElement | null} */ (null));
  const drop = useRef(onDrop);
  drop.current = onDrop;
  useEffect(() => {
    if (!mayEdit) return undefined;
    /** @type {{ destroy: () => void } | undefined} */
    let sortable;
    let isGone = false;
    /** @param {{ item: HTMLElement, from: HTMLElement, oldIndex: number }} event */
    const onAdd = ({ item, from, oldIndex }) => {
      // Put the card back: it is drawn in its new column once the server has agreed.
      from.insertBefore(item, from.children[oldIndex] ?? null);
      drop.current(Number(item.dataset.lead));
    };
    script(file("vendor/sortable/sortable.js"), "Sortable").then((Sortable) => {
      if (isGone || !cards.current) return;
      sortable = Sortable.create(cards.current, {
        group: "board",
        sort: false,
        delay: 150,
        delayOnTouchOnly: true,
        draggable: "[data-lead]",
        onAdd,
      });
    });
    return () => {
      isGone = true;
      sortable?.destroy();
    };
  }, [mayEdit]);
  const isWaiting = !list.isFresh && !list.problem;
  return html`<section aria-label=${label("status", status)} aria-busy=${isWaiting}
      class=${isWaiting ? `${tone(status)} waiting` : tone(status)}>
    <h2><span class="dot"></span>${label("status", status)}${" "}
      <span class="quiet number">${many === undefined ? "" : count(many)}</span></h2>
    <div class="cards" ref=${cards}>
      ${list.items.map((lead) => html`<${Card} key=${lead.id} lead=${lead} />`)}</div>
    <${More} list=${list} />
  </section>`;
}

/** @param {{ lead: LeadRow }} props */
function Card({ lead }) {
  const about = [lead.player_age_category, phoneText(lead)].filter(Boolean).join(" · ");
  return html`<a class="mini" data-lead=${lead.id} href=${address(`lead/${lead.id}`)}>
    <b>${title(lead)}</b><small>${about}</small>${dueOf(lead)}</a>`;
}

/**
 * What comes next for a lead: its trial or its follow-up. Else why it was lost, or its age.
 * @param {LeadRow} lead
 */
function dueOf(lead) {
  const isTrial = lead.status === TRIAL;
  const at = isTrial ? lead.trial_at : lead.next_followup_date;
  if (!at || isClosed(lead)) {
    const reason = lead.lost_reason_text || label("reason", lead.lost_reason);
    const isLost = lead.status === LOST && lead.lost_reason;
    return html`<small>${isLost ? reason : since(lead.created_time)}</small>`;
  }
  return html`<small class=${Date.parse(at) < Date.now() ? "late" : ""}>
    <${Icon} name=${isTrial ? "calendar" : "alarm-clock"} size=${13} /> ${
      isTrial ? when(at) : since(at)
    }</small>`;
}

/**
 * Asks for what a status needs: the date of the trial, or why the lead is lost.
 * @param {Move & { onClose: () => void,
 *   onMove: (change: Record<string, string | null>) => Promise<void> }} props
 */
function MoveDialog({ lead, status, onClose, onMove }) {
  const first = { status, trial_at: suggestedTrial(), lost_reason: "", lost_reason_text: "" };
  const form = useForm(first, (values) => onMove(statusChange(values)));
  return html`<${Dialog} title=${`${title(lead)}: ${label("status", status)}`} onClose=${onClose}>
    <form onSubmit=${form.submit}><${StatusFields} form=${form} />
      <${Submit} form=${form} text=${t("board.move")} /></form>
  <//>`;
}
