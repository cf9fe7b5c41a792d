// What is done to all leads that are chosen, with one undo.
import { html } from "../html.js";
import { post } from "../api.js";
import { Field, said, useForm } from "./form.js";
import { Icon } from "./icon.js";
import { NEXT, StatusMore, firstTrial, statusChange, statusOptions } from "./lead.js";
import { toast } from "./toast.js";
import { count, t } from "../words.js";

/** The server takes no more at once. */
const MOST = 1000;

export function Together({ ids, onDone, onLeave }) {
  const first = { status: "", next: "", lost_reason: "", trial_at: firstTrial() };
  const form = useForm(first, async (values) => {
    const change = values.status ? statusChange(values) : {};
    const at = NEXT.find(([name]) => name === values.next)?.[1]();
    if (at) change.next_followup_date = at;
    if (values.next === "clear") change.next_followup_date = null;
    const done = await post("/leads/bulk", { ids, ...change });
    toast(t("leads.changed", { count: count(done.changed) }), { undo: () => undo(done.id, onDone) });
    onDone();
  });
  const nothing = !form.values.status && !form.values.next;
  const tooMany = ids.length > MOST;
  return html`<form class="together" onSubmit=${form.submit}>
    <b>${t("leads.chosen", { count: count(ids.length) })}</b>
    <${Field} form=${form} name="status" label=${t("lead.status")} options=${statusOptions(t("keep"))} />
    <${StatusMore} form=${form} />
    <${Field} form=${form} name="next" label=${t("lead.due")} options=${[["", t("keep")],
      ...NEXT.map(([name]) => [name, t(name)]), ["clear", t("next.clear")]]} />
    ${(form.wrong || tooMany) && html`<p class="wrong" role="alert">
      ${form.wrong || t("leads.most", { count: count(MOST) })}</p>`}
    <button class="primary" disabled=${form.busy || nothing || tooMany}>${t("leads.apply")}</button>
    <button type="button" class="plain" aria-label=${t("leads.leave")} onClick=${onLeave}>
      <${Icon} name="x" /></button>
  </form>`;
}

async function undo(id, onDone) {
  try {
    const told = await post(`/leads/bulk/${id}/undo`);
    const key = told.kept.length ? "leads.undone.but" : "leads.undone";
    toast(t(key, { count: count(told.restored), kept: count(told.kept.length) }));
    onDone();
  } catch (problem) {
    toast(said(problem), { wrong: true });
  }
}
