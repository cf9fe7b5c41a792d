// The form of a center, and the other names (aliases) that forms and spreadsheets use for it.
import { html } from "../html.js";
import { ask, patch, post } from "../api.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";

/**
 * @param {{ center: Center | null, onClose: () => void, onSave: () => void }} props `center` is
 *   null for a new one.
 */
export function CenterDialog({ center, onClose, onSave }) {
  const first = {
    display_name: center?.display_name ?? "",
    meta_tag_name: center?.meta_tag_name ?? "",
    city: center?.city ?? "",
    location: center?.location ?? "",
  };
  const form = useForm(first, async (values) => {
    await (center ? patch(`/centers/${center.id}`, values) : post("/centers/", values));
    onSave();
  });
  /**
   * @param {string} name
   * @param {object} [more]
   */
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`centers.${name}`)} ...${more} />`;
  return html`<${Dialog} title=${center?.display_name ?? t("centers.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("display_name", { required: true, autofocus: true })}
      ${field("meta_tag_name", { required: true, hint: t("centers.meta_tag_hint") })}
      ${field("city")}${field("location")}
      <${Submit} form=${form} text=${t("action.save")} /></form>
    ${center && html`<${Aliases} path=${`/centers/${center.id}/aliases`} />`}<//>`;
}

/** @param {{ path: `/centers/${string}/aliases` }} props */
function Aliases({ path }) {
  const aliases = useLoad(path);
  const form = useForm({ text: "" }, async (values) => {
    await post(path, values);
    form.set("text", "");
    aliases.again();
  });
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
          ({ text }) => html`<li key=${text}>
      ${text} <button class="plain" aria-label=${t("aliases.remove", { name: text })}
        onClick=${() => remove(text)}><${Icon} name="x" size=${15} /></button></li>`,
        )}</ul>`,
    )}
    <form class="line" onSubmit=${form.submit}>
      <${Field} form=${form} name="text" label=${t("aliases.new")} required />
      <${Submit} form=${form} text=${t("aliases.add")} /></form>`;
}
