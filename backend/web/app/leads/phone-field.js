// The field for a phone, which says what number is read while someone types it.
import { html, useEffect, useRef, useState } from "../html.js";
import { Problem, get } from "../api.js";
import { label, t } from "../texts.js";
import { Field } from "../ui/form.js";

/** How long it waits for another digit before it asks the server, in milliseconds. */
const PAUSE = 300;

/**
 * Whatever is typed can be saved: a person who can read it may call it.
 * @param {{ form: import("../ui/form.js").Form<Record<string, unknown>> }} props
 */
export function PhoneField({ form }) {
  const read = usePhoneCheck(String(form.values.phone ?? ""));
  return html`<${Field} form=${form} name="phone" label=${t("lead.phone")} type="tel" live
    hint=${read && hintOf(read)} />`;
}

/**
 * Return what was read from a text once the typing pauses; nothing for the first text.
 * @param {string} text
 */
function usePhoneCheck(text) {
  const [read, setRead] = useState(/** @type {PhoneCheck | null} */ (null));
  const checked = useRef(text);
  useEffect(() => {
    if (text === checked.current) return undefined;
    checked.current = text;
    setRead(null);
    const timer = setTimeout(async () => {
      try {
        const found = await get("/leads/phone-check", { phone: text });
        // The answer to an earlier text may arrive late.
        if (checked.current === text) setRead(found);
      } catch (problem) {
        // It is only a hint: saving tells what is wrong with the connection.
        if (!(problem instanceof Problem)) throw problem;
      }
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return read;
}

/** @param {PhoneCheck} read */
function hintOf(read) {
  if (read.issue) return t("phone.issue", { issue: label("phone_issue", read.issue) });
  if (!read.shown) return "";
  return t("phone.read", { numbers: [read.shown, ...read.others_shown].join(" · ") });
}
