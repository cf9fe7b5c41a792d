// The values of a list's filter, as the address of the page has them: one text for each name.

/** @typedef {Record<string, string>} Filter */

/** Filters whose values can have commas: the API takes these names several times. */
const REPEATED = ["campaign", "age_category", "lost_reason", "phone_issue"];

/** @param {string} name */
const separator = (name) => (REPEATED.includes(name) ? "\n" : ",");

/**
 * @param {string} name
 * @param {string | undefined} text
 */
export const valuesOf = (name, text) => (text ? text.split(separator(name)) : []);

/**
 * @param {string} name
 * @param {string[]} values
 */
export const textOf = (name, values) => values.join(separator(name));

/**
 * Return a filter as a query of the API.
 * @param {Filter} filter
 * @returns {import("../api.js").Query}
 */
export function queryOf(filter) {
  /** @type {[string, string | string[]][]} */
  const all = Object.entries(filter).map(([name, text]) =>
    REPEATED.includes(name) ? [name, valuesOf(name, text)] : [name, text],
  );
  return Object.fromEntries(all);
}
