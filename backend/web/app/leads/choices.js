// What leads can be lost for, age categories and sources, as team leads list them for each center.
import { label } from "../texts.js";
import { SOURCES } from "./lead.js";

/** @type {ChoiceList[]} */
let lists = [];

/** @param {ChoiceLists | undefined} from A session that was kept by an older version has none. */
export const setChoices = (from) => {
  lists = from?.lists ?? [];
};

/**
 * Return what is offered for the leads of a center.
 * @param {ChoiceList["kind"]} kind
 * @param {number | null} center
 */
export function offered(kind, center) {
  const of = (/** @type {number | null} */ id) =>
    lists.find((one) => one.kind === kind && one.center_id === id);
  const found = (center && of(center)) || of(null);
  return (found?.entries ?? []).map((one) => one.text);
}

/** @type {Record<ChoiceList["kind"], string>} The texts that name the values of each kind. */
const GROUPS = { lost_reason: "reason", age_group: "age", source: "source" };

/**
 * Return the options of a select: what is offered, and what the lead has already. None if nothing
 * is offered, and any text can be typed.
 * @param {ChoiceList["kind"]} kind
 * @param {number | null} center
 * @param {[string, string]} first
 * @param {unknown} [now]
 * @returns {[string, string][] | undefined}
 */
export function optionsOf(kind, center, first, now) {
  const texts = offered(kind, center);
  if (texts.length === 0) return undefined;
  const kept = now && now !== first[0] ? [String(now)] : [];
  /** @type {(text: string) => [string, string]} */
  const option = (text) => [text, label(GROUPS[kind], text)];
  return [first, ...[...new Set([...texts, ...kept])].map(option)];
}

/**
 * Return the options for the source of a lead that someone added; none for any other lead.
 * @param {number | null} center
 * @param {unknown} now
 */
export function sourcesOf(center, now) {
  const manual = "manual";
  if (!now || (now !== manual && SOURCES.includes(String(now)))) return undefined;
  return optionsOf("source", center, [manual, label("source", manual)], now);
}
