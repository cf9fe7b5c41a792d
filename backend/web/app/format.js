// Dates, durations and shares, written for the reader's region; the links of phone numbers.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** @type {["day" | "hour" | "minute", number][]} Units and their seconds, the longest first. */
const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * @param {number} part
 * @param {number} whole
 */
export const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "–");

/**
 * Return the time if it is today, otherwise the day.
 * @param {string | null} text
 */
export function when(text) {
  if (!text) return "";
  const at = new Date(text);
  const now = new Date();
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  return (at.getFullYear() === now.getFullYear() ? day : dayOfYear).format(at);
}

/**
 * Return day and month of a calendar day such as `2026-12-05`.
 * @param {string | undefined} text
 */
export const dayMonth = (text) => (text ? day.format(new Date(`${text}T00:00`)) : "");

/**
 * Return a calendar day such as `2026-12-05` with its year.
 * @param {string | null | undefined} text
 */
export const dayOf = (text) => (text ? dayOfYear.format(new Date(`${text}T00:00`)) : "");

/** @param {string | null | undefined} text */
export const moment = (text) => (text ? full.format(new Date(text)) : "");

/**
 * Return how long ago or how far ahead: `3 hr. ago`.
 * @param {string} text
 */
export function since(text) {
  const seconds = (Date.parse(text) - Date.now()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(0, "minute");
}

/**
 * Return a number of seconds as a duration: `4 min`.
 * @param {number | null} seconds
 */
export function duration(seconds) {
  if (seconds === null) return "–";
  const [unit, size] = UNITS.find(([, one]) => seconds >= one) ?? ["minute", 60];
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 1,
  }).format(seconds / size);
}

/**
 * Return a time as the value of a `datetime-local` field.
 * @param {string | null} text
 */
export function toLocal(text) {
  if (!text) return "";
  const at = new Date(text);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Return the value of a `datetime-local` field as the API takes it.
 * @param {string} value
 */
export const toUtc = (value) => (value ? new Date(value).toISOString() : null);

/**
 * Return the day so many days from today, in the reader's zone, as `2026-12-05`.
 * @param {number} days
 */
export function dayFromToday(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/**
 * Return the link that calls a number in E.164, with its extension (RFC 3966).
 * @param {string} e164
 * @param {string | null} [extension]
 */
export const phoneLink = (e164, extension) => `tel:${e164}${extension ? `;ext=${extension}` : ""}`;

/**
 * Return the link that opens a WhatsApp chat; WhatsApp needs the digits with the country code.
 * @param {string} e164
 */
export const whatsappLink = (e164) => `https://wa.me/${e164.slice(1)}`;
