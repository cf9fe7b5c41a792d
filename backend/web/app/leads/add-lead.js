// The form for a lead who called or walked in.
import { html } from "../html.js";
import { post } from "../api.js";
import { go } from "../router.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { optionsOf, sourcesOf } from "./choices.js";
import { title } from "./lead.js";
import { PhoneField } from "./phone-field.js";

/** @param {{ centers: Center[], onClose: () => void }} props */
export function AddLead({ centers, onClose }) {
  const first = {
    player_name: "",
    phone: "",
    email: "",
    player_age_category: "",
    address: "",
    comment: "",
    center_id: centers[0]?.id ?? "",
    source: "manual",
  };
  const form = useForm(
    first,
    async (values) => {
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
      const added = await post("/leads/", { ...given, center_id: Number(values.center_id) });
      form.reset();
      const name = title(added.lead);
      toast(t(added.joined ? "leads.merged" : "leads.added", { name }));
      go(`lead/${added.lead.id}`);
    },
    { name: "new", title: t("leads.add") },
  );
  /**
   * @param {string} name
   * @param {object} [more]
   */
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  if (centers.length === 0) {
    return html`<${Dialog} title=${t("leads.add")} onClose=${onClose}>
      <p>${t("centers.none")}</p><//>`;
  }
  const { center_id: id, player_age_category: age, source } = form.values;
  const sources = sourcesOf(Number(id), source);
  return html`<${Dialog} title=${t("leads.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("player_name", { required: true, autofocus: true })}
      <div class="two"><${PhoneField} form=${form} />${field("email", { type: "email" })}
        ${field("player_age_category", {
          options: optionsOf("age_group", Number(id), ["", "–"], age),
        })}
        ${field("center_id", { options: centers.map((one) => [one.id, one.display_name]) })}
        ${sources && field("source", { options: sources })}</div>
      ${field("address")}${field("comment", { type: "textarea", rows: 2 })}
      <${Submit} form=${form} text=${t("leads.add")} />
    </form>
  <//>`;
}
