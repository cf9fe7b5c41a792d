// The form after a call: the status, the next follow-up, a comment. Two keys are enough.
import { html, useRef, useState } from "../html.js";
import { Problem, patch } from "../api.js";
import { toUtc } from "../format.js";
import { label, t } from "../texts.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { useKeys } from "../ui/keys.js";
import { STATUSES, tone } from "./lead.js";
import { FOLLOW_UPS, StatusFields, statusChange, suggestedTrial } from "./status-fields.js";

const FOLLOW_UP_KEYS = ["q", "w", "e", "r"];

/** @typedef {ReturnType<typeof emptyValues>} Values */
const emptyValues = () => ({
  status: "",
  follow_up: "",
  date: "",
  comment: "",
  lost_reason: "",
  trial_at: suggestedTrial(),
});

/**
 * Return the change of a lead that these values make.
 * @param {Values} values
 */
function changeOf(values) {
  const change = values.status ? statusChange(values) : {};
  const chosen = FOLLOW_UPS.find(([name]) => name === values.follow_up);
  const at = chosen ? chosen[1]() : toUtc(values.date);
  if (at) change.next_followup_date = at;
  if (values.comment.trim()) change.comment = values.comment;
  return change;
}

/**
 * @param {{ lead: LeadRow & { version?: number }, submit: string, onSkip?: () => void,
 *   onSave: (lead: LeadDetail) => void, onConflict: () => void }} props `onConflict`: someone else
 *   changed the lead; what was typed stays.
 */
export function CallOutcome({ lead, submit, onSave, onConflict, onSkip }) {
  const own = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [isConflict, setConflict] = useState(false);
  const form = useForm(emptyValues(), async (values) => {
    const change = changeOf(values);
    if (Object.keys(change).length === 0) return;
    try {
      /** @type {Record<string, string>} */
      const headers = lead.version === undefined ? {} : { "if-match": `"${lead.version}"` };
      const { data } = await patch(`/leads/${lead.id}`, change, headers);
      setConflict(false);
      form.setValues(emptyValues());
      onSave(/** @type {LeadDetail} */ (data));
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      setConflict(true);
      onConflict();
    }
  });
  const { values, set } = form;
  useKeys({
    ...Object.fromEntries([
      ...STATUSES.map((one, index) => [String(index + 1), () => set("status", one)]),
      ...FOLLOW_UPS.map(([one], index) => [FOLLOW_UP_KEYS[index], () => set("follow_up", one)]),
    ]),
    c: () => own.current?.querySelector("textarea")?.focus(),
    ...(onSkip ? { x: onSkip } : {}),
    Enter: () => own.current?.requestSubmit(),
  });
  /** @type {(name: "status" | "follow_up", value: string) => (event: MouseEvent) => void} */
  const click = (name, value) => (event) => {
    set(name, values[name] === value ? "" : value);
    // After a click Enter saves; with the focus from the keyboard, Enter presses the button.
    if (event.detail > 0) /** @type {HTMLElement} */ (event.currentTarget).blur();
  };
  /**
   * @param {"status" | "follow_up"} name
   * @param {string} value
   * @param {string} text
   * @param {string | number | undefined} key
   * @param {string} [kind]
   */
  const option = (name, value, text, key, kind = "") => html`<button type="button" key=${value}
    class=${kind} aria-pressed=${values[name] === value} onClick=${click(name, value)}>
    ${text}<kbd aria-hidden="true">${key}</kbd></button>`;
  /** @param {PageEvent} event */
  const pressed = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) own.current?.requestSubmit();
    if (event.key === "Escape") event.target.blur();
  };
  /** @param {PageEvent} event */
  const pickDate = (event) => {
    set("follow_up", "");
    set("date", event.target.value);
  };
  return html`<form class="outcome" ref=${own} onSubmit=${form.submit} onKeyDown=${pressed}>
    <fieldset><legend>${t("outcome.title")}</legend><div class="picks">
      ${STATUSES.map((one, index) =>
        option("status", one, label("status", one), index + 1, `pill ${tone(one)}`),
      )}
    </div></fieldset>
    <${StatusFields} form=${form} />
    <fieldset><legend>${t("outcome.follow_up")}</legend><div class="picks">
      ${FOLLOW_UPS.map(([one], index) => option("follow_up", one, t(one), FOLLOW_UP_KEYS[index]))}
      <label class="inline">${t("outcome.date")}
        <input type="datetime-local" value=${values.date} onInput=${pickDate} /></label>
    </div></fieldset>
    <${Field} form=${form} name="comment" type="textarea" label=${t("lead.comment")} rows="2" />
    ${isConflict && html`<p class="wrong" role="alert">${t("outcome.conflict")}</p>`}
    <${Submit} form=${form} text=${html`${submit}<kbd aria-hidden="true">↵</kbd>`}>
      ${
        onSkip &&
        html`<button type="button" onClick=${onSkip}>
        ${t("outcome.skip")}<kbd aria-hidden="true">x</kbd></button>`
      }<//>
  </form>`;
}
