// Texts by their keys, and dates, numbers and phones as people read them.

/** The languages that there is a file of texts for; the first stands in for all others. */
const LANGUAGES = ["en"];
const language = navigator.languages.map((one) => one.split("-")[0])
  .find((one) => LANGUAGES.includes(one)) ?? LANGUAGES[0];
const texts = (await import(`./texts/${language}.js`)).default;
document.documentElement.lang = language;

/**
 * A text of the catalogue, with its {places} filled.
 * @param {string} key
 * @param {Record<string, string|number>} [values]
 */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** A text that may not be in the catalogue: of a status or a kind that an installation has itself. */
export function named(group, value) {
  return texts[`${group}.${value}`] ?? String(value ?? "");
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const number = new Intl.NumberFormat();

export const count = (value) => number.format(value);
export const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");

/** A moment: its clock today, else its day. */
export function when(text) {
  if (!text) return "";
  const at = new Date(text);
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  return (at.getFullYear() === now.getFullYear() ? day : year).format(at);
}

/** A day of the calendar, `2026-12-05`, as its day and month. */
export const dayMonth = (text) => (text ? day.format(new Date(`${text}T00:00`)) : "");

export const moment = (text) => (text ? full.format(new Date(text)) : "");

/** @type {["day" | "hour" | "minute", number][]} */
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** How long ago, or in how long: `3 hr. ago`. */
export function since(text) {
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return ago.format(Math.round(seconds / size), unit);
  }
  return ago.format(0, "minute");
}

/** Seconds as a span: `4 min`. */
export function span(seconds) {
  if (seconds === null) return "–";
  const [unit, size] = STEPS.find(([, one]) => seconds >= one) ?? STEPS[2];
  return new Intl.NumberFormat(undefined, {
    style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1,
  }).format(seconds / size);
}

/** The value of a `datetime-local` field. */
export function local(text) {
  if (!text) return "";
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** What a `datetime-local` field holds, as the API takes it. */
export const utc = (value) => (value ? new Date(value).toISOString() : null);

/** WhatsApp's own address of a phone, which it knows by its digits with those of the country. */
export const whatsapp = (lead) => `https://wa.me/${(lead.phone_e164 ?? lead.phone).replace(/\D/g, "")}`;

export const tel = (phone) => `tel:${phone.replace(/[^\d+]/g, "")}`;
