// Two people changed one lead at once: choose field by field. Nothing that was typed is lost.
import { html, useState } from "../html.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";

/** @typedef {Record<string, string | number>} Values */

/**
 * @param {{ before: Values, theirs: Values, mine: Values,
 *   onChoose: (values: Values) => void }} props `before` is what both started from.
 */
export function EditConflict({ before, theirs, mine, onChoose }) {
  const differs =
    (/** @type {Values} */ one, /** @type {Values} */ other) => (/** @type {string} */ name) =>
      String(one[name]) !== String(other[name]);
  const changed = Object.keys(before).filter(differs(mine, before));
  const disputed = changed.filter(differs(theirs, before)).filter(differs(mine, theirs));
  const [chosen, setChosen] = useState(/** @type {Record<string, string>} */ ({}));
  const go = () => {
    const values = { ...theirs };
    for (const name of changed) {
      if (chosen[name] !== "theirs") values[name] = mine[name] ?? "";
    }
    onChoose(values);
  };
  /** @param {string} name */
  const choice = (name) => html`<fieldset key=${name}><legend>${t(`lead.${name}`)}</legend>
    ${["mine", "theirs"].map(
      (one) => html`<label class="pick" key=${one}>
      <input type="radio" name=${`conflict-${name}`} checked=${(chosen[name] ?? "mine") === one}
        onChange=${() => setChosen({ ...chosen, [name]: one })} />
      ${t(`conflict.${one}`)}: <b>${(one === "mine" ? mine : theirs)[name] || "–"}</b></label>`,
    )}
  </fieldset>`;
  return html`<${Dialog} title=${t("conflict.title")}>
    <p>${t("conflict.same_fields")}</p>
    ${disputed.map(choice)}
    <div class="buttons"><button type="button" class="primary" onClick=${go}>
      ${t("action.continue")}</button></div>
  <//>`;
}
