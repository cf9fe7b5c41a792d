// What all pages know about a lead: its statuses, its name, and how to call it.
import { html } from "../html.js";
import { phoneLink, whatsappLink } from "../format.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { lazy } from "../ui/load.js";

const MessageMenu = lazy(() => import("./message-menu.js"), "MessageMenu");

export const TRIAL = "Trial Scheduled";
export const LOST = "Dead/Not Interested";
export const STATUSES = ["New", "Called", TRIAL, "Joined", LOST];
/** The reason that needs a text. */
export const OTHER = "Other";
export const TRIAL_OUTCOMES = ["attended", "no_show", "cancelled"];
/** The lead whose number was tapped, and when: until the person is back in the web app. */
export const dialled = { id: 0, at: 0 };
/** How leads come in. One that someone adds can have a source from a list instead. */
export const SOURCES = ["meta", "webhook", "backfill", "upload", "manual"];

/**
 * Return whether there is nothing more to call this lead for.
 * @param {{ status: string }} lead
 */
export const isClosed = (lead) => lead.status === "Joined" || lead.status === LOST;

/** @param {{ next_followup_date: string | null, status: string }} lead */
export const isOverdue = (lead) =>
  lead.next_followup_date !== null &&
  Date.parse(lead.next_followup_date) < Date.now() &&
  !isClosed(lead);

/**
 * Return the class that colors a status. One of the installation's own is gray.
 * @param {string} status
 */
export const tone = (status) => `s${STATUSES.includes(status) ? STATUSES.indexOf(status) : 4}`;

/** @param {{ value: string }} props */
export function Status({ value }) {
  return html`<span class=${`status ${tone(value)}`}>${label("status", value)}</span>`;
}

/** Marks a lead that Meta's testing tool has made. */
export const TestBadge = () => html` <span class="badge planned">${t("lead.test")}</span>`;

/**
 * Return the phone of a lead as people write it, or as it was typed if it isn't a valid number.
 * @param {{ phone: string | null, phone_shown?: string | null }} lead
 */
export const phoneText = (lead) => lead.phone_shown ?? lead.phone;

/**
 * Return what a lead is called: its name, or what else is known.
 * @param {PossibleDuplicate & { email?: string | null, phone_shown?: string | null }} lead
 */
export const title = (lead) => lead.player_name || phoneText(lead) || lead.email || `#${lead.id}`;

/**
 * The initials of a name, on a color that always goes with it.
 * @param {{ name: string, large?: boolean }} props
 */
export function Avatar({ name, large }) {
  const initials = name
    .split(/\s+/)
    .map((part) => [...part][0] ?? "")
    .slice(0, 2)
    .join("");
  const tint = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 5;
  return html`<span class=${`avatar s${tint}${large ? " large" : ""}`} aria-hidden="true">
    ${initials.toUpperCase()}</span>`;
}

/**
 * Links that call the lead or open a WhatsApp chat; nothing if there is no valid phone number, and
 * a mark instead if nobody may contact it.
 * @param {{ lead: LeadRow, big?: boolean, onCall?: () => void, onSend?: () => void }} props With
 *   `onSend`, which is called once a message is recorded, WhatsApp offers the texts for the lead.
 */
export function CallLinks({ lead, big, onCall, onSend }) {
  if (lead.do_not_contact) {
    return html`<span class="badge failed">${t("contact.refused")}</span>`;
  }
  if (!lead.phone_e164) return null;
  const name = title(lead);
  const call = phoneLink(lead.phone_e164, lead.phone_extension);
  const tapped = () => {
    Object.assign(dialled, { id: lead.id, at: Date.now() });
    onCall?.();
  };
  const chat = whatsappLink(lead.phone_e164);
  const shown = html`<${Icon} name="message-circle" />${t("whatsapp")}`;
  const link = html`<a class="button" href=${chat} target="_blank" rel="noopener noreferrer"
    aria-label=${t("whatsapp.name", { name })} onClick=${tapped}>${shown}</a>`;
  // What texts are filled in with.
  const filled = [lead.id, lead.status, lead.trial_at, lead.center_id, lead.player_name].join();
  return html`<span class=${big ? "calls big" : "calls"}>
    <a class=${big ? "button primary" : "button"} href=${call} onClick=${tapped}
      aria-label=${t("call.name", { name })}>
      <${Icon} name="phone" />${t("call")}</a>
    ${
      onSend
        ? html`<${MessageMenu} key=${filled} id=${lead.id} name=${name} chat=${chat}
            trigger=${shown} link=${link} onOpen=${tapped} onTouch=${onCall} onSend=${onSend} />`
        : link
    }
  </span>`;
}

/**
 * What is wrong with the phone of a lead, and its further numbers; nothing if there is neither.
 * @param {{ lead: LeadDetail }} props
 */
export function Phones({ lead }) {
  return html`${
    lead.phone_message &&
    html`<p class="notice" role="status"><${Icon} name="triangle-alert" />
      <span>${lead.phone_message}</span></p>`
  }${
    lead.phones.length > 0 &&
    html`<p class="quiet">${t("lead.further_phones")}: ${lead.phones.map(
      (number, at) =>
        html`${at > 0 && ", "}<a href=${phoneLink(number)} key=${number}>
          ${lead.phones_shown[at]}</a>`,
    )}</p>`
  }`;
}

/**
 * The other leads of a household, with their statuses.
 * @param {{ leads: LeadRow[], link: (lead: LeadRow) => string }} props
 */
export function Household({ leads, link }) {
  return html`<ul class="list">${leads.map(
    (one) => html`<li key=${one.id}>
    <a href=${link(one)}>${title(one)}</a><${Status} value=${one.status} /></li>`,
  )}</ul>`;
}
