// A column of the board, and its cards. Cards are dragged to another column, or moved with a menu.
import { html, useState } from "../html.js";
import { moment, since, when } from "../format.js";
import { address } from "../router.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { Menu } from "../ui/menu.js";
import { More } from "../ui/paged-list.js";
import { LOST, STATUSES, TRIAL, isClosed, phoneText, title, tone } from "./lead.js";

/** The kind of what is dragged: text or a file from elsewhere is none of ours. */
const KIND = "application/x-tofa-lead";

/**
 * Return the link of a lead's card.
 * @param {number} id
 */
export const cardOf = (id) =>
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-lead="${id}"] > a`));

/**
 * @param {{ status: string, list: PagedList<LeadRow, LeadPage>, total: string, centers: Center[],
 *   mayEdit: boolean, onMove: (id: number, status: string) => void }} props Cards name one of the
 *   `centers`.
 */
export function Column({ status, list, total, centers, mayEdit, onMove }) {
  const [isOver, setOver] = useState(false);
  const isWaiting = !list.isFresh && !list.problem;
  /** @param {DragEvent} event */
  const over = (event) => {
    if (!event.dataTransfer?.types.includes(KIND)) return;
    event.preventDefault();
    setOver(true);
  };
  /** @param {DragEvent & { currentTarget: HTMLElement }} event */
  const leave = ({ currentTarget, relatedTarget }) => {
    if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
  };
  /** @param {DragEvent} event */
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    onMove(Number(event.dataTransfer?.getData(KIND)), status);
  };
  const states = [tone(status), isWaiting && "waiting", isOver && "over"].filter(Boolean);
  return html`<section aria-label=${label("status", status)} aria-busy=${isWaiting}
      class=${states.join(" ")} onDragOver=${over} onDragLeave=${leave} onDrop=${drop}>
    <h2><span class="dot"></span>${label("status", status)}${" "}
      <span class="quiet number">${total}</span></h2>
    <div class="cards">
      ${list.items.map(
        (lead) => html`<${Card} key=${lead.id} lead=${lead} mayEdit=${mayEdit} onMove=${onMove}
        center=${centers.find((one) => one.id === lead.center_id)?.display_name} />`,
      )}</div>
    <${More} list=${list} />
  </section>`;
}

/**
 * @param {{ lead: LeadRow, center: string | undefined, mayEdit: boolean,
 *   onMove: (id: number, status: string) => void }} props
 */
function Card({ lead, center, mayEdit, onMove }) {
  const [isDragged, setDragged] = useState(false);
  const about = [lead.player_age_category, phoneText(lead)].filter(Boolean).join(" · ");
  const where = [center, lead.owner].filter(Boolean).join(" · ");
  /** @param {DragEvent} event */
  const drag = (event) => {
    if (!event.dataTransfer) return;
    event.dataTransfer.clearData();
    event.dataTransfer.setData(KIND, String(lead.id));
    event.dataTransfer.effectAllowed = "move";
    setDragged(true);
  };
  const others = STATUSES.filter((one) => one !== lead.status);
  return html`<div class=${isDragged ? "mini dragged" : "mini"} data-lead=${lead.id}
      draggable=${mayEdit} onDragStart=${drag} onDragEnd=${() => setDragged(false)}>
    <a href=${address(`lead/${lead.id}`)} draggable="false"><b>${title(lead)}</b>
      <small>${about}</small>
      ${where && html`<small>${where}</small>`}
      ${dueOf(lead)}</a>
    ${
      mayEdit &&
      html`<${Menu} class="plain" items=${others.map((one) => ({
        text: label("status", one),
        onSelect: () => onMove(lead.id, one),
      }))}
      trigger=${html`<${Icon} name="ellipsis" size=${16} />
        <span class="unseen">${t("board.move_lead", { name: title(lead) })}</span>`} />`
    }
  </div>`;
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
    return html`<small title=${moment(lead.created_time)}>
      ${isLost ? reason : t("board.received", { since: since(lead.created_time) })}</small>`;
  }
  return html`<small class=${Date.parse(at) < Date.now() ? "late" : ""} title=${moment(at)}>
    <${Icon} name=${isTrial ? "calendar" : "alarm-clock"} size=${13} /> ${
      isTrial ? when(at) : since(at)
    }</small>`;
}
