// The dialogs of the account menu: changing the password, and the list of keyboard shortcuts.
import { html } from "../html.js";
import { keepToken, put, signOut } from "../api.js";
import { forgetDrafts, listDrafts } from "../drafts.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";

const SHORTCUTS = [
  "find",
  "search",
  "down",
  "up",
  "enter",
  "add",
  "select",
  "navigation",
  "save",
  "leave",
  "help",
  "call",
  "outcome",
  "board",
  "undo",
  "actions",
];

/** @param {{ onClose: () => void }} props */
export function Shortcuts({ onClose }) {
  return html`<${Dialog} title=${t("shortcuts")} onClose=${onClose}>
    <dl class="keys">${SHORTCUTS.map(
      (one) => html`<div key=${one}>
      <dt><kbd>${t(`shortcut.${one}.keys`)}</kbd></dt><dd>${t(`shortcut.${one}.does`)}</dd>
    </div>`,
    )}</dl>
  <//>`;
}

/** @param {{ onClose: () => void }} props */
export function ChangePassword({ onClose }) {
  const form = useForm({ current_password: "", password: "" }, async (values) => {
    const { data } = await put("/users/me/password", values);
    keepToken(/** @type {SignedIn} */ (data));
    toast(t("password.changed"));
    onClose();
  });
  return html`<${Dialog} title=${t("password.change")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="current_password" type="password" required
        label=${t("password.current")} autocomplete="current-password" />
      <${Field} form=${form} name="password" type="password" required
        label=${t("password.new")} autocomplete="new-password" />
      <${Submit} form=${form} text=${t("action.save")} />
    </form>
  <//>`;
}

/**
 * Asks what becomes of what isn't saved yet: others may use this device, too.
 * @param {{ onClose: () => void }} props
 */
export function SignOut({ onClose }) {
  const names = listDrafts().map((one) => one.title);
  const forget = () => {
    forgetDrafts();
    signOut();
  };
  return html`<${Dialog} title=${t("account.sign_out")} onClose=${onClose}>
    <p>${t("draft.leaving", { names: names.join(", ") })}</p>
    <div class="buttons"><button onClick=${forget}>${t("draft.forget")}</button>
      <button class="primary" onClick=${signOut}>${t("draft.keep")}</button></div>
  <//>`;
}
