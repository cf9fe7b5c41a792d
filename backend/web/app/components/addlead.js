// A lead that somebody has called in, or walked in.
import { html } from "../html.js";
import { post } from "../api.js";
import { Dialog } from "./dialog.js";
import { Field, Send, useForm } from "./form.js";
import { title } from "./lead.js";
import { toast } from "./toast.js";
import { go } from "../router.js";
import { t } from "../words.js";

export function AddLead({ centers, onClose }) {
  const first = {
    player_name: "", phone: "", email: "", player_age_category: "", address: "", comment: "",
    center_id: centers[0]?.id ?? "",
  };
  const form = useForm(first, async (values) => {
    const given = Object.entries(values).filter(([, value]) => value !== "");
    const added = await post("/leads/", { ...Object.fromEntries(given), center_id: Number(values.center_id) });
    toast(t(added.joined ? "leads.joined" : "leads.added", { name: title(added.lead) }));
    go(`lead/${added.lead.id}`);
  });
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`lead.${name}`)} ...${more} />`;
  return html`<${Dialog} title=${t("leads.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("player_name", { required: true, autofocus: true })}
      <div class="two">${field("phone", { type: "tel" })}${field("email", { type: "email" })}
        ${field("player_age_category")}
        ${field("center_id", { options: centers.map((one) => [one.id, one.display_name]) })}</div>
      ${field("address")}${field("comment", { type: "textarea", rows: 2 })}
      <${Send} form=${form} text=${t("leads.add")} />
    </form>
  <//>`;
}
