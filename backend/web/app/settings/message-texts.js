// The WhatsApp texts that team leads edit: a list, and the form of one with a preview.
import { html, useRef, useState } from "../html.js";
import { patch, post } from "../api.js";
import { STATUSES } from "../leads/lead.js";
import { label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

const PLACEHOLDERS = ["name", "center", "trial", "caller"];

/** @param {{ session: Session }} props */
export function MessageTexts({ session }) {
  const texts = useLoad("/message-texts/");
  const [open, setOpen] = useState(/** @type {{ text: MessageText | null } | null} */ (null));
  const close = () => setOpen(null);
  const changed = () => {
    texts.again();
    close();
  };
  return html`<section class="panel"><div class="head"><h2>${t("message_texts")}</h2>
      <button class="primary" onClick=${() => setOpen({ text: null })}>
        <${Icon} name="plus" />${t("message_texts.add")}</button></div>
    <p class="quiet">${t("message_texts.hint")}</p>
    ${loaded(
      texts,
      (list) =>
        list.length > 0 &&
        html`<${Texts} texts=${list} centers=${session.centers}
          onOpen=${(/** @type {MessageText} */ text) => setOpen({ text })} />`,
    )}</section>
    ${
      open &&
      html`<${TextDialog} text=${open.text} session=${session} onClose=${close}
        onChange=${changed} />`
    }`;
}

/**
 * @param {{ texts: MessageText[], centers: Center[], onOpen: (text: MessageText) => void }} props
 */
function Texts({ texts, centers, onOpen }) {
  const names = ["label", "status", "center_id"].map((one) => t(`message_texts.${one}`));
  /** @param {number | null} id */
  const centerOf = (id) =>
    id === null
      ? t("message_texts.all_centers")
      : centers.find((one) => one.id === id)?.display_name;
  return html`<div class="scroll"><table class="cards">
    <thead><tr>${names.map((one) => html`<th scope="col" key=${one}>${one}</th>`)}</tr></thead>
    <tbody>${texts.map(
      (one) => html`<tr key=${one.id} class=${one.archived ? "off" : ""}><th scope="row">
      <button class="link" onClick=${() => onOpen(one)}>${one.label}</button>${
        one.archived && html` <span class="badge">${t("centers.archived")}</span>`
      }</th>
      <td data-label=${names[1]}>
        ${one.status ? label("status", one.status) : t("message_texts.any_status")}</td>
      <td data-label=${names[2]}>${centerOf(one.center_id)}</td></tr>`,
    )}</tbody></table></div>`;
}

/**
 * @param {{ text: MessageText | null, session: Session, onClose: () => void,
 *   onChange: () => void }} props `text` is null for a new one.
 */
function TextDialog({ text, session, onClose, onChange }) {
  const path = text && /** @type {`/message-texts/${number}`} */ (`/message-texts/${text.id}`);
  const first = {
    label: text?.label ?? "",
    status: text?.status ?? "",
    center_id: String(text?.center_id ?? ""),
    message: text?.message ?? "",
  };
  const form = useForm(first, async (values) => {
    const center_id = Number(values.center_id) || null;
    const given = { ...values, status: values.status || null, center_id };
    await (path ? patch(path, given) : post("/message-texts/", given));
    toast(t("saved"));
    onChange();
  });
  const own = useRef(/** @type {HTMLFormElement | null} */ (null));
  /** @param {string} name */
  const insert = (name) => {
    const field = own.current?.querySelector("textarea");
    if (!field) return;
    field.setRangeText(`{${name}}`, field.selectionStart, field.selectionEnd, "end");
    form.set("message", field.value);
    field.focus();
  };
  const name = text?.label ?? "";
  const restore = () =>
    orToast(async () => {
      await post(`/message-texts/${text?.id}/restore`);
      toast(t("centers.restore_done", { name }));
      onChange();
    });
  const archive = () =>
    orToast(async () => {
      await post(`/message-texts/${text?.id}/archive`);
      toast(t("centers.archive_done", { name }), { undo: restore });
      onChange();
    });
  const centers = session.centers.filter(
    (one) => !one.archived || String(one.id) === first.center_id,
  );
  return html`<${Dialog} title=${text?.label ?? t("message_texts.add")} onClose=${onClose}>
    <form ref=${own} onSubmit=${form.submit}>
      <${Field} form=${form} name="label" label=${t("message_texts.label")} required autofocus
        hint=${t("message_texts.label_hint")} />
      <${Field} form=${form} name="status" label=${t("message_texts.status")} options=${[
        ["", t("message_texts.any_status")],
        ...STATUSES.map((one) => [one, label("status", one)]),
      ]} />
      <${Field} form=${form} name="center_id" label=${t("message_texts.center_id")} options=${[
        ["", t("message_texts.all_centers")],
        ...centers.map((one) => [String(one.id), one.display_name]),
      ]} />
      <${Field} form=${form} name="message" type="textarea" rows="5" maxlength="1000" required
        label=${t("message_texts.message")} hint=${t("message_texts.message_hint")} />
      <div class="picks" role="group" aria-label=${t("message_texts.insert")}>
        ${PLACEHOLDERS.map(
          (one) => html`<button type="button" key=${one} onClick=${() => insert(one)}>
          <${Icon} name="plus" size=${14} />${t(`placeholder.${one}`)}</button>`,
        )}</div>
      <h3>${t("message_texts.preview")}</h3>
      <pre>${preview(form.values.message)}</pre>
      <${Submit} form=${form} text=${t("action.save")}>
        ${
          text &&
          html`<button type="button"
          onClick=${text.archived ? restore : archive}>
          ${t(text.archived ? "centers.restore" : "centers.archive")}</button>`
        }<//></form><//>`;
}

/**
 * Return a message as an example lead would get it. What is no placeholder stays as it is.
 * @param {string} message
 */
const preview = (message) =>
  message.replace(/\{([^{}]*)\}/g, (found, name) =>
    PLACEHOLDERS.includes(name) ? t(`placeholder.${name}.example`) : found,
  );
