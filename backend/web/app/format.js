// Dates, durations and shares, written for the reader's region; the links of phone numbers.
// Days and times are those of the academy's zone, wherever the browser is.

/** @type {Intl.DateTimeFormatOptions} */
const DAY_MONTH = { day: "numeric", month: "short" };
/** @type {Intl.DateTimeFormatOptions} */
const DAY_OF_YEAR = { ...DAY_MONTH, year: "numeric" };
// A calendar day is the same everywhere.
const calendarDay = new Intl.DateTimeFormat(undefined, { ...DAY_MONTH, timeZone: "UTC" });
const calendarDate = new Intl.DateTimeFormat(undefined, { ...DAY_OF_YEAR, timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** @param {string} [timeZone] */
function formatsIn(timeZone) {
  /** @param {Intl.DateTimeFormatOptions} options */
  const format = (options) => new Intl.DateTimeFormat(undefined, { ...options, timeZone });
  return {
    clock: format({ hour: "2-digit", minute: "2-digit" }),
    day: format(DAY_MONTH),
    dayOfYear: format(DAY_OF_YEAR),
    full: format({ dateStyle: "medium", timeStyle: "short" }),
    // Sweden writes them as ISO 8601 does, but for the T.
    iso: new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "medium" }),
  };
}

const ofBrowser = formatsIn();
// Until the academy's zone is known.
let formats = ofBrowser;
let zone = "";

/** @param {string} name As IANA names it. */
export function setZone(name) {
  try {
    formats = formatsIn(name);
    zone = name;
  } catch {
    // An old browser may not know a new zone.
  }
}

/** Return the academy's zone, `Asia/Kolkata, GMT+5:30`, if the browser's clock differs from it. */
export function otherZone() {
  const now = new Date();
  if (formats.iso.format(now) === ofBrowser.iso.format(now)) return "";
  const named = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" });
  const offset = named.formatToParts(now).find((one) => one.type === "timeZoneName");
  return `${zone}, ${offset?.value}`;
}

/**
 * Return what the academy's clocks show: `2026-12-05T16:30:00`.
 * @param {Date | number} at
 */
const wallClock = (at) => formats.iso.format(at).replace(" ", "T");

/** @param {Date | number} at */
const dayAt = (at) => wallClock(at).slice(0, 10);

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
  if (dayAt(at) === dayAt(now)) return formats.clock.format(at);
  const isThisYear = dayAt(at).slice(0, 4) === dayAt(now).slice(0, 4);
  return (isThisYear ? formats.day : formats.dayOfYear).format(at);
}

/**
 * Return day and month of a calendar day such as `2026-12-05`.
 * @param {string | undefined} text
 */
export const dayMonth = (text) => (text ? calendarDay.format(new Date(text)) : "");

/**
 * Return a calendar day such as `2026-12-05` with its year.
 * @param {string | null | undefined} text
 */
export const dayOf = (text) => (text ? calendarDate.format(new Date(text)) : "");

/** @param {string | null | undefined} text */
export const moment = (text) => (text ? formats.full.format(new Date(text)) : "");

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
export const toLocal = (text) => (text ? wallClock(new Date(text)).slice(0, 16) : "");

/**
 * Return the value of a `datetime-local` field as the API takes it.
 * @param {string} value
 */
export function toUtc(value) {
  if (!value) return null;
  const wall = Date.parse(`${value}Z`);
  // How far the academy's clocks are ahead of UTC, a second time for the days on which they change.
  let at = wall;
  for (let times = 0; times < 2; times += 1) {
    // The first years of the calendar have fewer digits there.
    at = wall - (Date.parse(`${wallClock(at)}Z`) - at || 0);
  }
  return new Date(at).toISOString();
}

/**
 * Return the day so many days from today, as `2026-12-05`.
 * @param {number} days
 */
export function dayFromToday(days) {
  const today = new Date(dayAt(Date.now()));
  today.setUTCDate(today.getUTCDate() + days);
  return today.toISOString().slice(0, 10);
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
