// What came of a call: the status, the next date, a comment. Two keys are enough.
import { html, useRef, useState } from "../html.js";
import { Problem, ask } from "../api.js";
import { Field, Send, useForm } from "./form.js";
import { useKeys } from "./keys.js";
import {
  NEXT, STATUSES, StatusMore, firstTrial, statusChange, tone,
} from "./lead.js";
import { named, t, utc } from "../words.js";

const NEXT_KEYS = ["q", "w", "e", "r"];

/**
 * @param {{ lead: Lead, onDone: (lead: Lead) => void,
 *   onStale: () => void, onPass?: () => void, send: string }} props  `onStale`: somebody else has
 *   changed the lead meanwhile; what was typed stays, to be saved on what is now
 */
export function Outcome({ lead, onDone, onStale, onPass, send }) {
  const own = useRef(null);
  const [stale, setStale] = useState(false);
  const first = {
    status: "", next: "", date: "", comment: "", lost_reason: "", trial_at: firstTrial(),
  };
  const form = useForm(first, async (values) => {
    const change = values.status ? statusChange(values) : {};
    const at = NEXT.find(([name]) => name === values.next)?.[1]() ?? utc(values.date);
    if (at) change.next_followup_date = at;
    if (values.comment.trim()) change.comment = values.comment;
    if (Object.keys(change).length === 0) return;
    try {
      const headers = lead.version !== undefined ? { "if-match": `"${lead.version}"` } : {};
      const done = await ask("PATCH", `/leads/${lead.id}`, { json: change, headers });
      setStale(false);
      form.setValues(first);
      onDone(done.data);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
      setStale(true);
      onStale();
    }
  });
  const { values, set } = form;
  const flip = (name, value) => set(name, values[name] === value ? "" : value);
  const keys = Object.fromEntries([
    ...STATUSES.map((status, index) => [String(index + 1), () => set("status", status)]),
    ...NEXT.map(([name], index) => [NEXT_KEYS[index], () => set("next", name)]),
  ]);
  useKeys({
    ...keys,
    c: () => own.current?.querySelector("textarea").focus(),
    ...(onPass ? { x: onPass } : {}),
    Enter: () => own.current?.requestSubmit(),
  });
  const click = (name, value) => (event) => {
    flip(name, value);
    // Enter saves after a click; who goes by the keyboard presses the button with it.
    if (event.detail > 0) event.currentTarget.blur();
  };
  const option = (name, value, text, key, more = "") => html`<button type="button" key=${value}
    class=${more} aria-pressed=${values[name] === value} onClick=${click(name, value)}>
    ${text}<kbd aria-hidden="true">${key}</kbd></button>`;
  return html`<form class="outcome" ref=${own} onSubmit=${form.submit}
    onKeyDown=${(event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) own.current.requestSubmit();
      if (event.key === "Escape") event.target.blur();
    }}>
    <fieldset><legend>${t("next.outcome")}</legend><div class="picks">
      ${STATUSES.map((status, index) =>
        option("status", status, named("status", status), index + 1, `pill ${tone(status)}`))}
    </div></fieldset>
    <${StatusMore} form=${form} />
    <fieldset><legend>${t("next.when")}</legend><div class="picks">
      ${NEXT.map(([name], index) => option("next", name, t(name), NEXT_KEYS[index]))}
      <label class="inline">${t("next.date")}
        <input type="datetime-local" value=${values.date}
          onInput=${(event) => { set("next", ""); set("date", event.target.value); }} /></label>
    </div></fieldset>
    <${Field} form=${form} name="comment" type="textarea" label=${t("comment")} rows="2" />
    ${stale && html`<p class="wrong" role="alert">${t("next.stale")}</p>`}
    <${Send} form=${form} text=${html`${send}<kbd aria-hidden="true">↵</kbd>`}>
      ${onPass && html`<button type="button" onClick=${onPass}>${t("next.pass")}<kbd aria-hidden="true">x</kbd></button>`}<//>
  </form>`;
}
