// The other names (aliases) of a center in forms and spreadsheets. A wrong one is reverted with the
// leads that came in by it.
import { html, useState } from "../html.js";
import { ask, post } from "../api.js";
import { Revert } from "../centers/revert.js";
import { t } from "../texts.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";

/** @param {{ center: Center, centers: Center[], onChange: () => void }} props */
export function Aliases({ center, centers, onChange }) {
  const path = /** @type {`/centers/${string}/aliases`} */ (`/centers/${center.id}/aliases`);
  const aliases = useLoad(path);
  const [reverting, setReverting] = useState(/** @type {string | null} */ (null));
  const form = useForm({ text: "" }, async (values) => {
    await post(path, values);
    form.set("text", "");
    aliases.again();
  });
  const changed = () => {
    aliases.again();
    setReverting(null);
    onChange();
  };
  /** @param {string} text */
  const remove = (text) =>
    orToast(async () => {
      await ask("DELETE", path, { query: { text } });
      aliases.again();
    });
  return html`<h3>${t("aliases")}</h3>
    ${loaded(
      aliases,
      (list) =>
        html`<ul class="list">${list.map(
          ({ text }) => html`<li class="line" key=${text}><span>${text}</span>
      <button class="plain" aria-label=${t("aliases.remove", { name: text })}
        onClick=${() => remove(text)}><${Icon} name="x" size=${15} /></button>
      <button aria-label=${t("aliases.revert.name", { name: text })}
        onClick=${() => setReverting(text)}>${t("aliases.revert")}</button>
      ${
        reverting === text &&
        html`<${Revert} path=${path} text=${text} onDone=${changed}
        centers=${centers.filter((one) => one.id !== center.id)} />`
      }</li>`,
        )}</ul>`,
    )}
    <form class="line" onSubmit=${form.submit}>
      <${Field} form=${form} name="text" label=${t("aliases.new")} required />
      <${Submit} form=${form} text=${t("aliases.add")} /></form>`;
}
