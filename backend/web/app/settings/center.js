// The form of a center, its aliases, and what else can be done with it.
import { html } from "../html.js";
import { patch, post } from "../api.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { Aliases } from "./aliases.js";
import { CenterChanges } from "./center-changes.js";

/**
 * @param {{ center: Center | null, centers?: Center[], onClose: () => void, onSave: () => void,
 *   onChange?: () => void }} props `center` is null for a new one; `onChange` is called when
 *   something else than the form has changed, and closes the dialog.
 */
export function CenterDialog({ center, centers = [], onClose, onSave, onChange = onClose }) {
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
    ${
      center &&
      html`<${Aliases} center=${center} centers=${centers} onChange=${onChange} />
      <${CenterChanges} center=${center} centers=${centers} onDone=${onChange} />`
    }<//>`;
}
