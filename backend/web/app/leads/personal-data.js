// A lead's rights: whether it may be contacted, its consents, a copy of its data, and its erasure.
import { html, useState } from "../html.js";
import { download, post, put } from "../api.js";
import { moment } from "../format.js";
import { address, go, replace } from "../router.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, errorText, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";
import { DeleteLeads } from "./delete-leads.js";
import { title } from "./lead.js";

/** @typedef {(lead: LeadDetail) => void} OnChange */

/**
 * @param {{ lead: LeadDetail, path: `/leads/${string}`, mayEdit: boolean, isTeamLead: boolean,
 *   onChange: OnChange }} props
 */
export function PersonalData({ lead, path, mayEdit, isTeamLead, onChange }) {
  const [open, setOpen] = useState(/** @type {"consent" | "delete" | "erase" | null} */ (null));
  const close = () => setOpen(null);
  if (!mayEdit && lead.consents.length === 0) return null;
  const contact = () =>
    orToast(async () => {
      const { data } = await put(`${path}/contact`, { do_not_contact: !lead.do_not_contact });
      onChange(/** @type {LeadDetail} */ (data));
    });
  /** @type {(kind: "json" | "csv") => Child} */
  const save = (
    kind,
  ) => html`<button onClick=${() => orToast(() => download(`${path}/data.${kind}`))}>
    <${Icon} name="download" />${t(`person.export.${kind}`)}</button>`;
  return html`<section class="panel" aria-label=${t("person")}><h2>${t("person")}</h2>
    ${
      mayEdit &&
      html`<label class="pick"><input type="checkbox" checked=${lead.do_not_contact}
        onChange=${contact} /> <span>${t("contact.refused")}<br />
        <small class="quiet">${t("contact.hint")}</small></span></label>`
    }
    <${Consents} lead=${lead} path=${path} mayEdit=${mayEdit} onChange=${onChange}
      onAdd=${() => setOpen("consent")} />
    ${
      isTeamLead &&
      html`<h3>${t("person.copy")}</h3><p class="quiet">${t("person.copy.hint")}</p>
      <div class="buttons">${save("json")}${save("csv")}
        <button onClick=${() => setOpen("delete")}>${t("delete")}</button>
        <button onClick=${() => setOpen("erase")}>${t("erase")}</button></div>`
    }
    ${
      open === "consent" &&
      html`<${ConsentDialog} path=${path} onChange=${onChange} onClose=${close} />`
    }
    ${
      open === "delete" &&
      html`<${DeleteLeads} ids=${[lead.id]} onDone=${() => replace("leads")}
        onRestored=${(/** @type {number} */ restored) => restored > 0 && back(lead.id)}
        onClose=${close} />`
    }
    ${open === "erase" && html`<${EraseDialog} lead=${lead} path=${path} onClose=${close} />`}
  </section>`;
}

/**
 * Open a lead that was restored, unless another page has been opened since it was deleted. Returns
 * whether it did.
 * @param {number} id
 */
function back(id) {
  const isThere = location.hash === address("leads");
  if (isThere) replace(`lead/${id}`);
  return isThere;
}

/**
 * The consents of a lead, the newest first: boxes of forms, and those that people recorded.
 * @param {{ lead: LeadDetail, path: `/leads/${string}`, mayEdit: boolean, onChange: OnChange,
 *   onAdd: () => void }} props
 */
function Consents({ lead, path, mayEdit, onChange, onAdd }) {
  const counts = lead.consents.filter(isGiven);
  /** @param {`/leads/${string}/withdraw`} at */
  const withdraw = (at) =>
    orToast(async () => {
      onChange(/** @type {LeadDetail} */ (await post(at)));
      toast(t("consent.withdrawn"));
    });
  return html`<h3>${t("lead.consents")}</h3>
    ${lead.consents.length === 0 && html`<p class="quiet">${t("consent.none")}</p>`}
    <ul class="list consents">${lead.consents.map(
      (one) => html`<li key=${one.id} class=${isGiven(one) ? "good" : "quiet"}>
        <${Icon} name=${isGiven(one) ? "circle-check" : "x"} size=${16} />
        <span>${one.text ?? one.key.replaceAll("_", " ")}<br /><small>${about(one)}</small></span>
        ${
          mayEdit &&
          isGiven(one) &&
          html`<button class="link" aria-label=${t("consent.withdraw.name", { key: one.key })}
            onClick=${() => withdraw(`${path}/consents/${one.id}/withdraw`)}>
            ${t("consent.withdraw")}</button>`
        }</li>`,
    )}</ul>
    ${
      mayEdit &&
      html`<div class="buttons"><button onClick=${onAdd}>${t("consent.add")}</button>
      ${
        counts.length > 0 &&
        html`<button onClick=${() => withdraw(`${path}/consents/withdraw`)}>
        ${t("consent.withdraw_all")}</button>`
      }</div>`
    }`;
}

/** @param {Consent} one */
const isGiven = (one) => one.granted && one.withdrawn_at === null;

/** @param {Consent} one */
function about(one) {
  const at = moment(one.at);
  const parts = [
    one.channel
      ? t(one.granted ? "consent.given" : "consent.refused", { at, channel: one.channel })
      : t(one.granted ? "consent.ticked" : "consent.not_ticked", { at }),
    one.version && t("consent.version", { version: one.version }),
    one.withdrawn_at && t("consent.withdrawn_on", { at: moment(one.withdrawn_at) }),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** @param {{ path: `/leads/${string}`, onChange: OnChange, onClose: () => void }} props */
function ConsentDialog({ path, onChange, onClose }) {
  const empty = { key: "", text: "", channel: "", version: "" };
  const form = useForm(empty, async (values) => {
    const given = { ...values, version: values.version || null };
    onChange(/** @type {LeadDetail} */ (await post(`${path}/consents`, given)));
    onClose();
  });
  /** @type {(name: string, more?: object) => Child} */
  const field = (name, more = {}) => html`<${Field} form=${form} name=${name}
    label=${t(`consent.${name}`)} ...${more} />`;
  return html`<${Dialog} title=${t("consent.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      ${field("key", { required: true, hint: t("consent.key.hint") })}
      ${field("text", { required: true, type: "textarea", rows: 4 })}
      ${field("channel", { required: true, hint: t("consent.channel.hint") })}
      ${field("version", { label: t("consent.version.label") })}
      <${Submit} form=${form} text=${t("action.save")} />
    </form><//>`;
}

/** @param {{ lead: LeadDetail, path: `/leads/${string}`, onClose: () => void }} props */
function EraseDialog({ lead, path, onClose }) {
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const erase = async () => {
    setBusy(true);
    try {
      const { destroy_at: at } = await post(`${path}/erase`, { at_once: false });
      toast(t("erase.done", { at: moment(at) }));
      go("leads");
    } catch (problem) {
      setError(errorText(problem));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("erase.title", { name: title(lead) })} onClose=${onClose}>
    <p>${t("erase.what")}</p><p>${t("erase.later")}</p>
    <p>${t("erase.deleted")}</p>
    ${lead.household.length > 0 && html`<p class="notice">${t("erase.household")}</p>`}
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    <footer class="buttons"><button onClick=${onClose}>${t("erase.keep")}</button>
      <button class="primary" disabled=${isBusy} onClick=${erase}>${t("erase.go")}</button></footer>
  <//>`;
}
