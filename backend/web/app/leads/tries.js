// How often someone tried to reach a lead, and when the next try would be.
import { html } from "../html.js";
import { moment, when } from "../format.js";
import { label, t } from "../texts.js";
import { useLoad } from "../ui/load.js";

/** @type {[string, string][]} How a call can go, and its key. */
export const OUTCOMES = [
  ["spoke", "s"],
  ["no_answer", "n"],
  ["busy", "b"],
  ["switched_off", "o"],
  ["wrong_number", "u"],
  ["call_back", "l"],
  ["whatsapp", "m"],
];

/**
 * Return how often someone tried to reach a lead, when last, and how it went.
 * @param {LeadRow} lead
 */
export const tried = ({ attempts, last_attempt_at, last_outcome }) =>
  attempts > 0 &&
  t("attempts.last", {
    attempts: t("attempts", { count: attempts }),
    at: when(last_attempt_at),
    outcome: label("outcome_of", last_outcome),
  });

/** @param {{ lead: LeadRow }} props */
export function Tries({ lead }) {
  const { data } = useLoad(/** @type {`/leads/${number}/calls/`} */ (`/leads/${lead.id}/calls/`));
  const isWrong = lead.wrong_phone !== null && lead.wrong_phone === lead.phone_e164;
  // Until it is known, a line of the same length keeps its place: the buttons below don't move.
  const next =
    !data || data.next_try
      ? t("attempts.next", { at: moment(data?.next_try ?? new Date().toISOString()) })
      : t("attempts.no_next");
  const known = [
    isWrong && t("attempts.wrong_phone"),
    tried(lead),
    lead.unreachable_since && t("attempts.unreachable"),
  ].filter(Boolean);
  const said = known.length > 0 ? `${known.join(" · ")} · ` : "";
  if (lead.unreachable_since) return html`<p class="quiet">${known.join(" · ")}</p>`;
  return html`<p class="quiet">${said}<span class=${data ? "" : "later"}>${next}</span></p>`;
}
