// A lead that was merged while it was open: nothing is saved until someone has seen which lead it
// is now. What was typed goes on with that one.
import { html } from "../html.js";
import { readDraft, writeDraft } from "../drafts.js";
import { t } from "../texts.js";
import { Avatar, Status, phoneText, title } from "./lead.js";

/**
 * Keep what was typed about a merged lead as a draft of the lead that it is part of now.
 * @param {number | string} from
 * @param {LeadDetail} to
 */
export function moveDraft(from, to) {
  const typed = readDraft(`outcome/${from}`);
  if (!typed) return;
  const there = readDraft(`outcome/${to.id}`)?.values;
  const comment = [there?.comment, typed.values.comment].filter(Boolean).join("\n");
  const values = { ...typed.values, ...there, ...(comment && { comment }) };
  writeDraft(`outcome/${to.id}`, { values, title: title(to) });
  writeDraft(`outcome/${from}`, null);
}

/**
 * @param {{ before: string, lead: LeadDetail, onContinue: () => void }} props `before`: the name
 *   that was shown.
 */
export function MergedAway({ before, lead, onContinue }) {
  const name = title(lead);
  return html`<article class="card" aria-label=${name}>
    <header><${Avatar} name=${name} large />
      <div><h2>${name}</h2>
        <span class="quiet">${[phoneText(lead), lead.center_name].filter(Boolean).join(" · ")}
        </span></div>
      <${Status} value=${lead.status} /></header>
    <p class="notice" role="alert"><span>${t("merge.became", { before, name })}</span></p>
    <button class="primary" onClick=${onContinue}>${t("merge.continue", { name })}</button>
  </article>`;
}
