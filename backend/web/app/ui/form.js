// Forms that keep what was typed until it is saved, and fields that say what is wrong with them.
import { html, useEffect, useRef, useState } from "../html.js";
import { Problem } from "../api.js";
import { readDraft, writeDraft } from "../drafts.js";
import { toast } from "./toast.js";
import { t } from "../texts.js";

/**
 * Return a sentence that says what went wrong. Anything but a `Problem` is a fault of the web app.
 * @param {unknown} problem
 */
export function errorText(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 0) return t("error.offline");
  return problem.message || t("error.unexpected");
}

/**
 * Run an action; show a message if it fails. Returns whether it succeeded, or that it has `told`.
 * @param {() => Promise<unknown>} action
 * @returns {Promise<boolean | "told">}
 */
export async function orToast(action) {
  try {
    return (await action()) === "told" ? "told" : true;
  } catch (problem) {
    toast(errorText(problem), { wrong: true });
    return false;
  }
}

/**
 * @template {Record<string, unknown>} Values
 * @typedef {object} Form
 * @property {Values} values
 * @property {(name: string, value: unknown) => void} set
 * @property {(some: Partial<Values>) => void} setValues Those not named stay as typed.
 * @property {(next?: Values) => boolean} reset What was submitted is saved: show these values, or
 *   the ones that the form began with, and drop the draft. Returns whether something was typed
 *   meanwhile, which stays.
 * @property {boolean} isRestored Whether it shows what was typed before the page was left.
 * @property {unknown} more What the draft had beside its values.
 * @property {(event?: Event) => Promise<void>} submit
 * @property {boolean} isBusy
 * @property {Record<string, string>} errors What is wrong with each field.
 * @property {Set<string>} shown The fields that show their own error.
 * @property {string} error The whole message, if the fields don't show all of it.
 */

/**
 * Hold what a form contains and submit it. With a `draft`, what is typed survives the page.
 * @template {Record<string, unknown>} Values
 * @param {Values} first
 * @param {(values: Values) => Promise<unknown>} send
 * @param {import("../drafts.js").DraftOf} [draft]
 * @returns {Form<Values>}
 */
export function useForm(first, send, draft) {
  const base = useRef(first);
  const [kept, setKept] = useState(() => readDraft(draft?.name));
  const [values, show] = useState(/** @type {Values} */ ({ ...first, ...kept?.values }));
  // The values to submit: someone may type faster than the page is drawn.
  const now = useRef(values);
  const [isBusy, setBusy] = useState(false);
  // What is on its way: someone may go on typing until the answer comes.
  const sent = useRef(/** @type {Values | null} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  /** @param {Partial<Values>} some */
  const setValues = (some) => {
    const next = { ...now.current, ...some };
    now.current = next;
    show(next);
    if (!draft) return;
    const typed = Object.entries(next).filter(([name, value]) => value !== base.current[name]);
    const { name, title, more } = draft;
    const content = { values: Object.fromEntries(typed), title, more: more?.() };
    writeDraft(name, typed.length > 0 ? content : null);
  };
  const reset = (next = base.current) => {
    const before = sent.current;
    const since = Object.entries(now.current).filter(
      ([name, value]) => before !== null && value !== before[name],
    );
    sent.current = null;
    base.current = next;
    setKept(null);
    setValues({ ...next, ...Object.fromEntries(since) });
    return since.length > 0;
  };
  /** @type {Form<Values>["set"]} */
  const set = (name, value) => setValues(/** @type {Partial<Values>} */ ({ [name]: value }));
  /** @param {Event} [event] */
  const submit = async (event) => {
    event?.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    sent.current = now.current;
    try {
      await send(now.current);
    } catch (found) {
      setProblem(found);
    }
    sent.current = null;
    setBusy(false);
  };
  const errors = problem instanceof Problem ? problem.fields : {};
  const { current: shown } = useRef(/** @type {Set<string>} */ (new Set()));
  const names = Object.keys(errors);
  const isShown = names.length > 0 && names.every((name) => shown.has(name));
  const error = problem && !isShown ? errorText(problem) : "";
  const restored = { isRestored: kept !== null, more: kept?.more };
  return { values, set, setValues, reset, ...restored, submit, isBusy, errors, shown, error };
}

let lastId = 0;

/**
 * Return an id that no other element of the page has.
 * @param {string} name
 */
export const useId = (name) => useState(() => `${name}-${(lastId += 1)}`)[0];

/**
 * What is wrong with a field of a form, or a hint. A `live` hint is read out when it changes.
 * @param {{ form: Form<Record<string, unknown>>, name: string, hint?: string | null, id?: string,
 *   live?: boolean }} props
 */
export function FieldError({ form, name, hint, id, live }) {
  useEffect(() => {
    form.shown.add(name);
    return () => void form.shown.delete(name);
  }, [name]);
  const error = form.errors[name];
  if (!error && !hint && !live) return null;
  return html`<small id=${id} class=${error ? "wrong" : ""} role=${live ? "status" : undefined}>
    ${error ?? hint}</small>`;
}

/**
 * A field with its label. Other props go to the control itself.
 * @param {{ label: string, name: string, form: Form<Record<string, unknown>>, type?: string,
 *   hint?: string | null, live?: boolean, options?: [string | number, string][],
 *   required?: boolean }} props
 */
export function Field({
  label,
  name,
  form,
  type = "text",
  options,
  hint,
  live,
  required,
  ...rest
}) {
  const id = useId(name);
  const [isSeen, setSeen] = useState(false);
  const isSecret = type === "password";
  const error = form.errors[name];
  const common = {
    id,
    name,
    required,
    "value": form.values[name] ?? "",
    "aria-invalid": error ? "true" : undefined,
    "aria-describedby": error || hint ? `${id}-more` : undefined,
    "onInput": (/** @type {PageEvent} */ event) => form.set(name, event.target.value),
    ...rest,
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${control(isSeen ? "text" : type, options, common)}
    ${
      isSecret &&
      html`<label class="see"><input type="checkbox" checked=${isSeen}
        onChange=${() => setSeen(!isSeen)} />${t("password.show")}</label>`
    }
    <${FieldError} form=${form} name=${name} hint=${hint} id=${`${id}-more`} live=${live} />
  </div>`;
}

/**
 * @param {string} type
 * @param {[string | number, string][] | undefined} options
 * @param {object} attributes
 */
function control(type, options, attributes) {
  if (options) {
    return html`<select ...${attributes}>
      ${options.map(([value, text]) => html`<option value=${value} key=${value}>${text}</option>`)}
    </select>`;
  }
  if (type === "textarea") return html`<textarea rows="3" ...${attributes}></textarea>`;
  return html`<input type=${type} ...${attributes} />`;
}

/**
 * Says that what was typed before the page was left is back, and lets someone discard it.
 * @param {{ form: Form<Record<string, unknown>> }} props
 */
export function Restored({ form }) {
  if (!form.isRestored) return null;
  return html`<p class="notice calm" role="status"><span>${t("draft.restored")}</span>
    <button type="button" onClick=${() => form.reset()}>${t("action.discard")}</button></p>`;
}

/**
 * The button that submits a form, below what went wrong.
 * @param {{ form: Form<Record<string, unknown>>, text: Child, children?: Child }} props
 */
export function Submit({ form, text, children }) {
  return html`<${Restored} form=${form} />
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}
    <footer>${children}<button class="primary" disabled=${form.isBusy}>${text}</button></footer>`;
}
