// The texts of the web app, in the language of the browser.

/** There is a file `texts/LANGUAGE.js` for each; the first is for everyone else. */
const LANGUAGES = ["en"];
const language =
  navigator.languages
    .map((one) => one.split("-")[0] ?? "")
    .find((one) => LANGUAGES.includes(one)) ?? LANGUAGES[0];
/** @type {Record<string, string | Record<string, string>>} */
const texts = (await import(`./texts/${language}.js`)).default;
const plurals = new Intl.PluralRules(language);
const number = new Intl.NumberFormat();
document.documentElement.lang = language ?? "";

/** @param {number} value */
export const count = (value) => number.format(value);

/**
 * Return a text of the catalogue with its {placeholders} filled in. A text with plural forms is
 * chosen by `values.count`. Numbers are written with the separators of the reader's region.
 * @param {string} key
 * @param {Record<string, string | number | undefined>} [values]
 */
export function t(key, values = {}) {
  const found = texts[key];
  if (found === undefined) throw new Error(`No text for ${key}`);
  return fill(typeof found === "string" ? found : pluralForm(found, values.count), values);
}

/**
 * Return the name of a code, or the code itself if the catalogue has none: an installation may have
 * statuses and sources of its own.
 * @param {string} group
 * @param {unknown} code
 */
export function label(group, code) {
  const found = texts[`${group}.${code}`];
  return typeof found === "string" ? found : String(code ?? "");
}

/**
 * Return the text of a code with its parameters; for a code that the catalogue doesn't have, the
 * server's own text.
 * @param {string} group
 * @param {{ code: string, message: string }} told
 * @param {Record<string, string | number | undefined>} [values]
 */
export const labelOr = (group, { code, message }, values) =>
  texts[`${group}.${code}`] === undefined ? message : t(`${group}.${code}`, values);

/**
 * @param {Record<string, string>} forms
 * @param {string | number | undefined} many
 */
const pluralForm = (forms, many) => forms[plurals.select(Number(many))] ?? forms.other ?? "";

/**
 * @param {string} text
 * @param {Record<string, string | number | undefined>} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? count(value) : String(value ?? "");
  });
}
