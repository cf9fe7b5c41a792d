// The form after a call: the status, the next follow-up, a comment. Two keys are enough.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { CONFLICTS, Problem, get, newKey } from "../api.js";
import { duration, moment, toUtc } from "../format.js";
import { label, t } from "../texts.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { useKeys } from "../ui/keys.js";
import { reloadOnline } from "../ui/load.js";
import { History } from "./history.js";
import { LOST, STATUSES, TRIAL, TRIAL_OUTCOMES, dialled, title, tone } from "./lead.js";
import { useOpeningHours } from "./opening-hours.js";
import { OUTCOMES, Tries } from "./tries.js";
import { undoCall, undoKept, undoOf } from "./undo.js";
import {
  FOLLOW_UPS,
  StatusFields,
  followUpAt,
  statusChange,
  suggestedTrial,
} from "./status-fields.js";

const FOLLOW_UP_KEYS = ["q", "w", "e", "r"];
/** Nothing more needs to be asked after these: they are saved at once. */
const AT_ONCE = new Set(["no_answer", "busy", "switched_off", "wrong_number", "whatsapp"]);
/** The longest time that a call can take, in seconds. */
const LONGEST = 86_400;
/** How many events are read to find out who was faster. */
const EVENTS = 20;
/** What says that something is wrong. */
const WRONG = "[role=alert], small.wrong";

/** @typedef {ReturnType<typeof emptyValues>} Values */
/** @typedef {"outcome" | "status" | "follow_up" | "trial_outcome"} Pick By a click. */
/** @param {number | null} center */
const emptyValues = (center) => ({
  outcome: "",
  seconds: /** @type {number | null} */ (null),
  client_key: "",
  at: "",
  status: "",
  follow_up: "",
  date: "",
  comment: "",
  lost_reason: "",
  lost_reason_text: "",
  trial_outcome: "",
  trial_at: suggestedTrial(center),
});

/** Return the outbox, which is loaded after the first page. */
export const withOutbox = () =>
  import("../outbox.js").catch(() => {
    reloadOnline();
    throw new Problem(0, "");
  });

/**
 * Return the change of a lead that these values make.
 * @param {Values} values
 * @param {number | null} center
 */
function changeOf(values, center) {
  const change = values.status ? statusChange(values) : {};
  const at = followUpAt(values.follow_up, center) || toUtc(values.date);
  if (at) change.next_followup_date = at;
  if (values.trial_outcome) change.trial_outcome = values.trial_outcome;
  if (values.comment.trim()) change.comment = values.comment;
  return change;
}

/**
 * Return whether a person has made all of some events.
 * @param {HistoryEvent[]} events
 * @param {Me} me
 */
const areOwn = (events, me) => events.every((one) => one.who === me.full_name);

/**
 * Return what happened to a lead since a version, and whether that was this change itself: its
 * answer may have been lost on the way. `hasCall`: this call is recorded since `base`, from another
 * tab, or before more was typed.
 * @param {number} id
 * @param {number} version
 * @param {Record<string, string | null>} change
 * @param {Me} me
 * @param {number} base
 * @param {string} outcome
 */
async function findOut(id, version, change, me, base, outcome) {
  const [now, events] = await Promise.all([
    get(`/leads/${id}`),
    get(`/leads/${id}/history`, { limit: EVENTS }),
  ]);
  const since = events.filter((one) => one.id > version);
  // The newest one says whether it was undone.
  const call = events.find((one) => one.id > base && one.kind === "call" && areOwn([one], me));
  const hasCall = call?.data.outcome === outcome && !call.data.undone;
  const isOwn = since.length > 0 && areOwn(since, me);
  const isSaved =
    isOwn &&
    now.id === id &&
    (change.status ?? now.status) === now.status &&
    (!change.comment || since.some((one) => one.data.text === change.comment));
  return { now, isOwn, isSaved, hasCall };
}

/**
 * @param {{ lead: LeadRow & { version: number }, events: HistoryEvent[], session: Session,
 *   submit: string, onSkip?: () => void, onTouch?: () => void,
 *   onConflict: () => Promise<unknown>, onSave: OnSave }} props `events`: the newest of the lead's
 *   history. `onConflict`: the lead was changed meanwhile, and is read again; what was typed stays.
 */
export function CallOutcome({ lead, events, session, submit, ...on }) {
  const own = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [conflict, setConflict] = useState("");
  // Whether a click since the last save was the first of its series: what comes before that belongs
  // to a double tap, whose first one was for the lead before.
  const isBegun = useRef(false);
  useOpeningHours(lead.center_id);
  // The version that was shown when the first letter was typed.
  const base = useRef(lead.version);
  const draft = {
    name: `outcome/${lead.id}`,
    title: title(lead),
    more: () => base.current,
  };
  /**
   * @param {LeadRow & { version: number }} saved
   * @param {(then: () => void) => unknown} [undo]
   * @param {boolean} [isKept]
   */
  const done = (saved, undo, isKept) => {
    setConflict("");
    base.current = saved.version;
    isBegun.current = false;
    const hasMore = form.reset(emptyValues(lead.center_id));
    on.onSave(/** @type {LeadDetail} */ (saved), undo, { isKept, hasMore });
    if (hasMore) on.onConflict();
  };
  /** @param {Values} values */
  const send = async (values) => {
    const change = changeOf(values, lead.center_id);
    if (Object.keys(change).length === 0 && !values.outcome) {
      throw new Problem(422, t("outcome.nothing"));
    }
    // What this person has just done may be in the history before the lead is read again.
    const seen = events.filter((one) => one.id > lead.version);
    const ids = areOwn(seen, session.me) ? seen.map(({ id }) => id) : [];
    const version = Math.max(lead.version, ...ids);
    try {
      const { outcome, seconds, client_key, at } = values;
      const path = `/leads/${lead.id}`;
      const call = { ...change, outcome, seconds, client_key };
      const { save, takeBack } = await withOutbox();
      const saved = await save({
        lead: lead.id,
        ...(outcome
          ? { method: "POST", path: `${path}/calls/`, json: call, at }
          : { method: "PATCH", path, json: change }),
        version,
        draft: { name: draft.name, title: draft.title, values, more: version },
      });
      const { kept } = saved;
      if (kept) {
        done(lead, (then) => undoKept(takeBack(kept), Boolean(outcome), then), true);
        return;
      }
      const data = /** @type {any} */ (saved.data);
      if (!outcome) done(data, undoOf(data));
      else done(data.lead, (then) => undoCall(data.lead.id, data.id, then));
    } catch (problem) {
      if (!(problem instanceof Problem) || !CONFLICTS.has(problem.status)) throw problem;
      const { outcome } = values;
      const found = await findOut(lead.id, version, change, session.me, base.current, outcome);
      if (!found.hasCall && problem.status !== 412) throw problem;
      // A call that was recorded already would have been answered as one.
      if (found.isSaved && !outcome) {
        done(found.now);
        return;
      }
      // It isn't recorded again; the rest is saved by itself.
      if (found.hasCall) form.setValues({ outcome: "", seconds: null, client_key: "" });
      setConflict(t(`outcome.conflict${found.hasCall ? "_call" : found.isOwn ? "_own" : ""}`));
      // Saving before the lead has been read again would say the same once more.
      await on.onConflict();
    }
  };
  const form = useForm(emptyValues(lead.center_id), send, draft);
  const { values } = form;
  const isTouched =
    values.outcome !== "" || Object.keys(changeOf(values, lead.center_id)).length > 0;
  useEffect(() => {
    // It has to be there before the network is gone.
    if (isTouched) withOutbox().catch(() => {});
  }, [isTouched]);
  const restored = useRef(form.isRestored);
  if (restored.current) {
    restored.current = false;
    base.current = /** @type {number | undefined} */ (form.more) ?? lead.version;
  } else if (!isTouched) base.current = lead.version;
  const meanwhile = events.filter(
    (one) => one.id > base.current && one.who !== session.me.full_name,
  );
  /** @type {typeof form.set} */
  const set = (name, value) => {
    on.onTouch?.();
    form.set(name, value);
  };
  useEffect(() => {
    const returned = () => {
      if (document.hidden || dialled.id !== lead.id) return;
      dialled.id = 0;
      const seconds = Math.round((Date.now() - dialled.at) / 1000);
      set("seconds", Math.min(seconds, LONGEST));
      own.current?.querySelector("button")?.focus();
    };
    document.addEventListener("visibilitychange", returned);
    return () => document.removeEventListener("visibilitychange", returned);
  }, [lead.id]);
  /** @param {string} outcome */
  const record = (outcome) => {
    if (form.isBusy) return;
    const key = form.values.client_key || newKey();
    const isOff = form.values.outcome === outcome && !AT_ONCE.has(outcome);
    on.onTouch?.();
    form.setValues({ outcome: isOff ? "" : outcome, client_key: key });
    if (AT_ONCE.has(outcome)) own.current?.requestSubmit();
  };
  useEffect(() => {
    // The button is always in reach on a phone, and what is wrong may be out of sight.
    if (!form.isBusy) own.current?.querySelector(WRONG)?.scrollIntoView({ block: "nearest" });
  }, [form.isBusy]);
  const byKey = useRef(false);
  useLayoutEffect(() => {
    // A lost lead needs its reason next.
    if (byKey.current && values.status === LOST) own.current?.querySelector("select")?.focus();
    byKey.current = false;
  }, [values.status]);
  /** @param {string} status */
  const pick = (status) => {
    byKey.current = true;
    set("status", status);
  };
  const { onSkip } = on;
  useKeys({
    ...Object.fromEntries([
      ...OUTCOMES.map(([one, key]) => [key, () => record(one)]),
      ...STATUSES.map((one, index) => [String(index + 1), () => pick(one)]),
      ...FOLLOW_UPS.map(([one], index) => [FOLLOW_UP_KEYS[index], () => set("follow_up", one)]),
    ]),
    c: () => own.current?.querySelector("textarea")?.focus(),
    ...(onSkip ? { x: onSkip } : {}),
    Enter: () => own.current?.requestSubmit(),
  });
  /** @param {MouseEvent} event */
  const clicked = (event) => {
    isBegun.current ||= event.detail < 2;
    if (isBegun.current) return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** @type {(name: Pick, value: string) => (event: MouseEvent) => void} */
  const click = (name, value) => (event) => {
    // A double tap chooses, rather than choosing and dropping.
    if (event.detail > 1) return;
    if (name === "outcome") record(value);
    else set(name, values[name] === value ? "" : value);
    // After a click Enter saves; with the focus from the keyboard, Enter presses the button.
    if (event.detail > 0) /** @type {HTMLElement} */ (event.currentTarget).blur();
  };
  /**
   * @param {Pick} name
   * @param {string} value
   * @param {string} text
   * @param {string | number} [key]
   * @param {string} [kind]
   */
  const option = (name, value, text, key, kind = "") => html`<button type="button" key=${value}
    class=${kind} aria-pressed=${values[name] === value} onClick=${click(name, value)}>
    ${text}${key && html`<kbd aria-hidden="true">${key}</kbd>`}</button>`;
  const back = values.seconds === null ? "" : duration(values.seconds);
  const isTrialOver = lead.status === TRIAL && Date.parse(lead.trial_at ?? "") < Date.now();
  /** @param {PageEvent} event */
  const pressed = (event) => {
    const isSelect = event.target.tagName === "SELECT";
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || isSelect)) {
      event.preventDefault();
      own.current?.requestSubmit();
    }
    if (event.key === "Escape") event.target.blur();
  };
  /** @param {PageEvent} event */
  const pickDate = (event) => {
    set("follow_up", "");
    set("date", event.target.value);
  };
  return html`<form class="outcome" ref=${own} onSubmit=${form.submit} onKeyDown=${pressed}
    onClickCapture=${clicked}>
    ${conflict && html`<p class="wrong" role="alert">${conflict}</p>`}
    ${
      meanwhile.length > 0 &&
      html`<div class="meanwhile" role="status"><b>${t("outcome.meanwhile")}</b>
        <${History} kind="list" events=${meanwhile} centers=${session.centers} /></div>`
    }
    <fieldset><legend>${t("outcome.title")}
      ${back && html`<b>${t("outcome.seconds", { time: back })}</b>`}
      </legend><div class="picks">
      ${OUTCOMES.map(([one, key]) => option("outcome", one, label("outcome_of", one), key))}</div>
      <${Tries} key=${lead.attempts} lead=${lead} /></fieldset>
    ${
      isTrialOver &&
      html`<fieldset><legend>${t("outcome.trial")}</legend><div class="picks">
      ${TRIAL_OUTCOMES.map((one) => option("trial_outcome", one, label("trial_outcome", one)))}
    </div></fieldset>`
    }
    <fieldset><legend>${t("lead.status")}</legend><div class="picks">
      ${STATUSES.map((one, index) =>
        option("status", one, label("status", one), index + 1, `pill ${tone(one)}`),
      )}
    </div></fieldset>
    <${StatusFields} form=${{ ...form, set }} center=${lead.center_id} />
    <fieldset><legend>${t("outcome.follow_up")}${" "}
      <b>${moment(followUpAt(values.follow_up, lead.center_id))}</b>
      </legend><div class="picks">
      ${FOLLOW_UPS.map(([one], index) => option("follow_up", one, t(one), FOLLOW_UP_KEYS[index]))}
      <label class="inline">${t("outcome.date")}
        <input type="datetime-local" value=${values.date} onInput=${pickDate} /></label>
    </div></fieldset>
    <${Field} form=${{ ...form, set }} name="comment" type="textarea"
      label=${t("lead.comment")} rows="2" />
    <${Submit} form=${form} text=${html`${submit}<kbd aria-hidden="true">↵</kbd>`}>
      <b class="whose" aria-hidden="true">${title(lead)}</b>
      ${
        onSkip &&
        html`<button type="button" onClick=${onSkip}>
        ${t("outcome.skip")}<kbd aria-hidden="true">x</kbd></button>`
      }<//>
  </form>`;
}
