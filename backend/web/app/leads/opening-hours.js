// When a center is open, for the dates that forms propose. The server knows weeks and holidays.
import { useEffect, useState } from "../html.js";
import { get } from "../api.js";
import { dayFromToday, toUtc } from "../format.js";

/** Milliseconds until the hours are read again. */
const GOOD_FOR = 3_600_000;

/** @typedef {number | null} CenterId Null for what counts for all centers. */
/** @type {Map<CenterId, { openings: Opening[], at: number }>} */
const known = new Map();

/**
 * Read the hours of a center, so that they are known when a date is chosen. A date that was chosen
 * before that is shown as it will be saved.
 * @param {CenterId} center
 */
export function useOpeningHours(center) {
  const [, show] = useState(/** @type {Opening[]} */ ([]));
  useEffect(() => {
    if (Date.now() - (known.get(center)?.at ?? 0) < GOOD_FOR) return;
    get("/opening-hours/", { center_id: center }).then(
      (openings) => {
        known.set(center, { openings, at: Date.now() });
        show(openings);
      },
      // The usual hours are proposed instead.
      () => {},
    );
  }, [center]);
}

/** @param {CenterId} center */
const openingsOf = (center) => known.get(center)?.openings ?? [];

/**
 * Return a time so many hours from now, or when the center next opens.
 * @param {CenterId} center
 * @param {number} hours
 */
export function inHours(center, hours) {
  const at = Date.now() + hours * 3_600_000;
  const next = openingsOf(center).find((one) => Date.parse(one.ends) > at);
  return new Date(next ? Math.max(at, Date.parse(next.begins)) : at).toISOString();
}

/**
 * Return when the center opens so many days from today, or on the next day on which it does.
 * @param {CenterId} center
 * @param {number} days
 */
export function inDays(center, days) {
  const day = dayFromToday(days);
  const next = openingsOf(center).find((one) => one.day >= day);
  return next?.begins ?? toUtc(`${day}T10:00`) ?? "";
}
