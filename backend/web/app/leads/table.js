// The table of leads: a header that sorts, and rows that are drawn only while in sight.
import { Component, html, useState } from "../html.js";
import { phoneLink, since, whatsappLink, when } from "../format.js";
import { address } from "../router.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { claimOnce } from "./claim.js";
import { Avatar, Status, TestBadge, isOverdue, phoneText, title } from "./lead.js";
import { TimeLeft } from "./time-left.js";

/** The orders that a column's name switches between. */
const ORDERS = {
  name: ["name", "-name"],
  owner: ["owner", "-owner"],
  status: ["status", "-status"],
  created: ["", "created"],
  due: ["due", "-due"],
  last_call: ["-last_call", "last_call"],
};

/** @typedef {"center" | "owner" | "source" | "status" | "due" | "last_call" | "created"} Column */

/** @type {Record<Column, [text: string, width: string, kind?: string]>} The columns in order. */
const COLUMNS = {
  center: ["lead.center_id", "minmax(0, 2fr)", "wide"],
  owner: ["lead.owner_id", "minmax(0, 1fr)", "wide"],
  source: ["lead.source", "minmax(0, 1fr)", "wide"],
  status: ["lead.status", "138px"],
  due: ["lead.next_followup_date", "104px", "wide"],
  last_call: ["lead.last_attempt_at", "92px", "wide last"],
  created: ["lead.created_time", "92px"],
};
const NAMES = /** @type {Column[]} */ (Object.keys(COLUMNS));
/** Where the browser keeps which columns a person has chosen. */
const CHOSEN_KEY = "tofa.columns";
const USUAL = "center,status,due,last_call,created";

/** @returns {[Column[], (columns: string[]) => void]} */
export function useColumns() {
  const [chosen, choose] = useState(() => localStorage.getItem(CHOSEN_KEY) ?? USUAL);
  return [
    NAMES.filter((one) => chosen.split(",").includes(one)),
    (columns) => {
      localStorage.setItem(CHOSEN_KEY, columns.join());
      choose(columns.join());
    },
  ];
}

/** @returns {[Column, string][]} */
export const columnNames = () => NAMES.map((one) => [one, t(COLUMNS[one][0])]);

/**
 * Return the widths of the columns; without that of the last call, for narrower windows.
 * @param {Column[]} columns
 */
export function widths(columns) {
  /** @param {Column[]} some */
  const of = (some) =>
    ["auto", "minmax(0, 3fr)", ...some.map((one) => COLUMNS[one][1]), "40px"].join(" ");
  return { "--columns": of(columns), "--fewer": of(columns.filter((one) => one !== "last_call")) };
}

/**
 * @param {{ columns: Column[], sort: string, all: boolean, onSort: (sort: string) => void,
 *   onAll: (() => void) | null }} props `all`: all leads are selected.
 */
export function Header({ columns, sort, all, onSort, onAll }) {
  /**
   * @param {string} text
   * @param {keyof typeof ORDERS} by
   * @param {string} [kind]
   */
  const sortable = (text, by, kind) => {
    const orders = ORDERS[by];
    const isOn = orders.includes(sort);
    const isDown = sort === "" || sort.startsWith("-");
    const arrow = isDown ? "arrow-down" : "arrow-up";
    const next = orders[(orders.indexOf(sort) + 1) % orders.length] ?? "";
    return html`<span role="columnheader" class=${kind}
        aria-sort=${isOn ? (isDown ? "descending" : "ascending") : undefined}>
      <button class="plain" onClick=${() => onSort(next)}>
        ${text}${isOn && html`<${Icon} name=${arrow} size=${13} />`}
      </button></span>`;
  };
  return html`<div class="names" role="row">
    ${
      onAll &&
      html`<label class="check" role="columnheader"><input type="checkbox" checked=${all}
      aria-label=${t(all ? "leads.clear_selection" : "leads.select_all")} onChange=${onAll} />
    </label>`
    }
    ${sortable(t("lead.player_name"), "name")}
    ${columns.map((one) => {
      const [text, , kind] = COLUMNS[one];
      return one in ORDERS
        ? sortable(t(text), /** @type {keyof typeof ORDERS} */ (one), kind)
        : html`<span role="columnheader" class=${kind}>${t(text)}</span>`;
    })}
    <span role="columnheader"><span class="unseen">${t("call")}</span></span>
  </div>`;
}

/**
 * @typedef {{ lead: LeadRow, columns: Column[], center: string | undefined, isCurrent: boolean,
 *   isSelected: boolean, onSelect: ((id: number) => void) | null }} RowProps
 */

/**
 * Drawn again only when something in it changed, so that a long list scrolls smoothly.
 * @extends {Component<RowProps>}
 */
export class Row extends Component {
  /** @param {RowProps} next */
  shouldComponentUpdate(next) {
    const { lead, columns, center, isCurrent, isSelected } = this.props;
    return (
      next.lead !== lead ||
      String(next.columns) !== String(columns) ||
      next.center !== center ||
      next.isCurrent !== isCurrent ||
      next.isSelected !== isSelected
    );
  }

  /** @param {RowProps} props */
  render({ lead, columns, center, isCurrent, isSelected, onSelect }) {
    const name = title(lead);
    const issue = lead.phone_issue && label("phone_issue", lead.phone_issue);
    const about = [phoneText(lead), lead.player_age_category].filter(Boolean).join(" · ");
    const from = lead.campaign ?? label("source", lead.source);
    const next = lead.next_followup_date && since(lead.next_followup_date);
    const where = [center, lead.owner, next].filter(Boolean).join(" · ");
    const below = [!columns.includes("owner") && lead.owner, !columns.includes("source") && from];
    /** @type {Record<Column, () => Child>} */
    const cells = {
      center: () =>
        html`<span role="cell" class="wide">${center ?? ""}<small>${below
          .filter(Boolean)
          .join(" · ")}</small></span>`,
      owner: () => html`<span role="cell" class="wide">${lead.owner ?? ""}</span>`,
      source: () => html`<span role="cell" class="wide">${from}</span>`,
      status: () =>
        html`<span role="cell" class="state"><${Status} value=${lead.status} />${
          lead.attempts > 0 && html`<small>${t("attempts", { count: lead.attempts })}</small>`
        }${
          (lead.call_by ?? lead.handed_over_at) && html`<small><${TimeLeft} lead=${lead} /></small>`
        }</span>`,
      due: () => html`<span role="cell" class="wide date">${
        lead.next_followup_date &&
        html`<span class=${isOverdue(lead) ? "late" : ""}>${since(lead.next_followup_date)}</span>`
      }
      </span>`,
      last_call: () => html`<span role="cell" class="wide last date">${
        lead.last_attempt_at &&
        html`<span title=${label("outcome_of", lead.last_outcome)}>
          ${since(lead.last_attempt_at)}</span>`
      }
      </span>`,
      created: () => html`<span role="cell" class="date">${when(lead.created_time)}</span>`,
    };
    return html`<div class="row" role="row" aria-selected=${isSelected}
        data-at=${isCurrent ? "" : undefined}>
      ${
        onSelect &&
        html`<label class="check" role="cell"><input type="checkbox"
        checked=${isSelected} aria-label=${t("leads.select", { name })}
        onChange=${() => onSelect(lead.id)} /></label>`
      }
      <a role="cell" class="who" href=${address(`lead/${lead.id}`)}><${Avatar} name=${name} />
        <span><b>${name}${lead.is_test && html`<${TestBadge} />`}</b><small>${
          issue &&
          html`<span class="late" title=${issue}><${Icon} name="triangle-alert" size=${13} />
          <span class="unseen">${issue}</span></span> `
        }${
          lead.do_not_contact && html`<span class="late">${t("contact.refused")}</span> · `
        }${about}</small><small class="narrow">${where}</small></span></a>
      ${columns.map((one) => cells[one]())}
      <span role="cell">${
        lead.phone_e164 &&
        !lead.do_not_contact &&
        html`<a class="button plain" href=${phoneLink(lead.phone_e164, lead.phone_extension)}
        onClick=${() => onSelect && claimOnce(lead.id)}
        aria-label=${t("call.name", { name })}><${Icon} name="phone" /></a>
        <a class="button plain narrow" href=${whatsappLink(lead.phone_e164)} target="_blank"
        rel="noreferrer" aria-label=${t("whatsapp.name", { name })}>
        <${Icon} name="message-circle" /></a>`
      }</span>
    </div>`;
  }
}
