// The other names (aliases) of a center in forms and spreadsheets. A wrong one is reverted with the
// leads that came in by it.
import { html, useState } from "../html.js";
import { ask, post } from "../api.js";
import { CenterSelect } from "../centers.js";
import { count, t } from "../texts.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { undoChange } from "./center-changes.js";

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

/**
 * Says what reverting an alias would move, and does it.
 * @param {{ path: string, text: string, centers: Center[], onDone: () => void }} props
 */
function Revert({ path, text, centers, onDone }) {
  const use = useLoad(/** @type {`/centers/${string}/aliases/use`} */ (`${path}/use`), { text });
  const form = useForm({ center_id: "" }, async ({ center_id }) => {
    const wanted = { text, center_id: center_id ? Number(center_id) : null };
    const { id, moved, kept } = await post(
      /** @type {`/centers/${string}/aliases/revert`} */ (`${path}/revert`),
      wanted,
    );
    const numbers = { count: moved, kept: count(kept.length) };
    toast(t(kept.length ? "aliases.partly_reverted" : "aliases.reverted", numbers), {
      undo: () => undoChange(id, onDone),
    });
    onDone();
  });
  return html`<form class="revert" onSubmit=${form.submit}>
    ${loaded(
      use,
      ({ leads, worked_on: kept }) =>
        html`<p>${t("aliases.use", { count: leads })}
        ${kept.length > 0 && t("aliases.use.kept", { count: kept.length })}</p>`,
    )}
    <label class="inline">${t("aliases.right_center")}
      <${CenterSelect} centers=${centers} value=${form.values.center_id}
        empty=${t("aliases.wait")}
        onChange=${(/** @type {string} */ id) => form.set("center_id", id)} /></label>
    <${Submit} form=${form} text=${t("aliases.revert")} /></form>`;
}
