// Fields with their labels and what is wrong with them, and forms that keep what was typed.
import { html, useEffect, useRef, useState } from "../html.js";
import { Problem } from "../api.js";
import { t } from "../words.js";

/** What went wrong, in words. */
export function said(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 0) return t("offline.failed");
  return problem.message || t("failed");
}

/**
 * What a form holds, and how it is sent: `values`, `set(name, value)`, `submit`, `busy`. What was
 * typed stays until it is sent. `fields` has what is wrong with each field, and `wrong` the whole
 * sentence, where it tells more than the fields that are `shown`.
 */
export function useForm(first, send) {
  const [values, show] = useState(first);
  // What counts when it is sent: keys may come faster than the page is drawn.
  const now = useRef(first);
  const setValues = (next) => show((now.current = next));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const set = (name, value) => setValues({ ...now.current, [name]: value });
  const submit = async (event) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await send(now.current);
    } catch (found) {
      setProblem(found);
    }
    setBusy(false);
  };
  const fields = problem?.fields ?? {};
  const { current: shown } = useRef(new Set());
  const names = Object.keys(fields);
  const isShown = names.length > 0 && names.every((name) => shown.has(name));
  const wrong = problem && !isShown ? said(problem) : "";
  return { values, set, setValues, submit, busy, fields, shown, wrong };
}

/** What is wrong with a field of a form, at the field; else a hint. */
export function Wrong({ form, name, hint = "", id = undefined }) {
  useEffect(() => {
    form.shown.add(name);
    return () => form.shown.delete(name);
  }, [name]);
  const wrong = form.fields[name];
  return (wrong || hint) && html`<small id=${id} class=${wrong ? "wrong" : ""}>${wrong ?? hint}</small>`;
}

/**
 * @param {{ label: string, name: string, form: ReturnType<typeof useForm>, type?: string,
 *   options?: [string|number, string][], hint?: string, required?: boolean, rest?: object }} props
 */
export function Field({ label, name, form, type = "text", options, hint, required, ...rest }) {
  const wrong = form.fields[name];
  const id = `field-${name}`;
  const common = {
    id, name, required,
    value: form.values[name] ?? "",
    "aria-invalid": wrong ? "true" : undefined,
    "aria-describedby": wrong || hint ? `${id}-more` : undefined,
    onInput: (event) => form.set(name, event.target.value),
    ...rest,
  };
  let control;
  if (options) {
    control = html`<select ...${common}>
      ${options.map(([value, text]) => html`<option value=${value} key=${value}>${text}</option>`)}
    </select>`;
  } else if (type === "textarea") {
    control = html`<textarea rows="3" ...${common}></textarea>`;
  } else {
    control = html`<input type=${type} ...${common} />`;
  }
  return html`<div class="field">
    <label for=${id}>${label}${required ? "" : ""}</label>
    ${control}
    <${Wrong} form=${form} name=${name} hint=${hint} id=${`${id}-more`} />
  </div>`;
}

/** The button that sends a form, with what went wrong above it. */
export function Send({ form, text, children }) {
  return html`${form.wrong && html`<p class="wrong" role="alert">${form.wrong}</p>`}
    <footer>${children}<button class="primary" disabled=${form.busy}>${text}</button></footer>`;
}
