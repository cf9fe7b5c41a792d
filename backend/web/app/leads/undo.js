// Take back what was done to leads: calls, edits, changes of several leads, merges and skips.
import { post } from "../api.js";
import { readDraft, writeDraft } from "../drafts.js";
import { go } from "../router.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { toast } from "../ui/toast.js";

/** How long a skipped lead stays out of the call queue, in milliseconds: it isn't forgotten. */
const SKIP_FOR = 4 * 3_600_000;
/** The draft that has them, so that they outlast the page. */
const SKIPPED = "skipped";

/** @typedef {{ id: number, name: string, at: string }} Skip */

/** Return the leads that this person has skipped in the call queue. */
export const listSkipped = () =>
  /** @type {Skip[]} */ (readDraft(SKIPPED)?.values.leads ?? []).filter(
    // One in the future comes from a clock that was wrong then.
    ({ at }) => Math.abs(Date.now() - Date.parse(at)) < SKIP_FOR,
  );

/** @param {Skip[]} leads */
export const keepSkipped = (leads) =>
  writeDraft(SKIPPED, leads.length > 0 ? { values: { leads } } : null);

/** @param {number} id */
export const unskip = (id) => keepSkipped(listSkipped().filter((one) => one.id !== id));

/**
 * Take a call back, and do what follows. Returns whether it was.
 * @param {number} leadId
 * @param {number} id
 * @param {() => void} then
 */
export const undoCall = (leadId, id, then) =>
  orToast(async () => {
    await post(`/leads/${leadId}/calls/${id}/undo`);
    then();
  });

/**
 * Take an edit of a lead back, and do what follows with the lead. Returns whether it was.
 * @param {number} leadId
 * @param {number} id
 * @param {(lead: LeadDetail) => void} then
 */
export const undoEdit = (leadId, id, then) =>
  orToast(async () => {
    const { lead } = await post(`/leads/${leadId}/edits/${id}/undo`);
    then(lead);
  });

/**
 * Return how an edit is taken back, if it has changed anything that can be.
 * @param {EditedLead} lead The answer to the edit.
 * @returns {((then: (lead: LeadDetail) => void) => Promise<boolean | "told">) | undefined}
 */
export const undoOf = ({ id, edit_id: editId }) =>
  editId ? (then) => undoEdit(id, editId, then) : undefined;

/**
 * Take back what was kept without a network, or undo it if it has been sent meanwhile.
 * @param {Promise<any>} taken What `takeBack` of the outbox returns.
 * @param {boolean} isCall
 * @param {() => void} then
 */
export async function undoKept(taken, isCall, then) {
  /** @type {any} */
  let sent;
  const isTaken = await orToast(async () => {
    sent = await taken;
  });
  if (!isTaken || sent === undefined) {
    if (isTaken) then();
    return isTaken;
  }
  if (isCall) return undoCall(sent.lead.id, sent.id, then);
  return (await undoOf(sent)?.(then)) ?? true;
}

/**
 * Undo a change of several leads, or their deletion, and say so.
 * @param {number} id
 * @param {(restored: number) => unknown} onDone Returns true if it has opened the only lead.
 * @param {"bulk" | "delete"} kind
 * @param {number} [only] The lead that was deleted, if it's one.
 */
export const undoBulk = (id, onDone, kind = "bulk", only) =>
  orToast(async () => {
    const { restored, kept } = await post(`/leads/bulk/${id}/undo`);
    const key = kept.length ? "partly_undone" : "undone";
    const said = { count: restored, kept: kept.length };
    const isOpen = onDone(restored) === true;
    const open = only && restored && !isOpen ? () => go(`lead/${only}`) : undefined;
    toast(kind === "delete" ? t(`delete.${key}`, said) : t(`bulk.${key}`, said), { open });
    return "told";
  });

/**
 * Have the change of a whole list undone in the background, and say so.
 * @param {number} id
 */
export const undoList = (id) =>
  orToast(async () => {
    await post(`/list-changes/${id}/undo`);
    toast(t("list_change.undoing"));
    return "told";
  });

/**
 * Undo a merge, and say so.
 * @param {number} id
 * @param {() => void} onDone
 */
export const undoMerge = (id, onDone) =>
  orToast(async () => {
    const { restored } = await post(`/leads/merges/${id}/undo`);
    const name = restored.player_name || restored.phone_shown || `#${restored.id}`;
    toast(t("merge.undone", { name }));
    onDone();
    return "told";
  });
