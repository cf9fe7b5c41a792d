// Your passkeys: adding, naming and removing them.
import { html, useState } from "../html.js";
import { patch, post } from "../api.js";
import { since } from "../format.js";
import { t } from "../texts.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";
import { canUsePasskeys, make } from "../ui/passkey.js";
import { toast } from "../ui/toast.js";
import { Codes, OwnPassword } from "./second-factor.js";

/** @param {{ onChange: () => void }} props */
export function MyPasskeys({ onChange }) {
  const state = useLoad("/users/me/passkeys");
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  const again = () => {
    state.again();
    onChange();
  };
  if (codes?.length) return html`<${Codes} codes=${codes} onDone=${() => setCodes(null)} />`;
  return loaded(state, ({ host, passkeys }) => {
    const isHere = location.hostname === host || location.hostname.endsWith(`.${host}`);
    const problem = t(isHere ? "passkey.unknown" : "passkey.elsewhere", { host });
    return html`<p class="quiet">${t("passkey.hint")}</p>
      <div class="sessions">${passkeys.map(
        (one) => html`<${Passkey} key=${one.id} passkey=${one} again=${again} />`,
      )}</div>
      ${
        isHere && canUsePasskeys
          ? html`<${NewPasskey} onAdd=${(/** @type {string[]} */ made) => {
              toast(t("passkey.added"));
              setCodes(made);
              again();
            }} />`
          : html`<p class="quiet">${problem}</p>`
      }`;
  });
}

/** @param {{ onAdd: (codes: string[]) => void }} props */
function NewPasskey({ onAdd }) {
  const form = useForm({ label: "", current_password: "" }, async ({ label, ...own }) => {
    const credential = await make(await post("/users/me/passkeys/options", own));
    if (!credential) return;
    const added = await post("/users/me/passkeys", { label, credential });
    form.set("label", "");
    form.set("current_password", "");
    onAdd(added.recovery_codes);
  });
  return html`<form class="line" onSubmit=${form.submit}>
    <${Field} form=${form} name="label" label=${t("passkey.label")} required maxlength="100" />
    <${Field} form=${form} name="current_password" type="password" required
      autocomplete="current-password" label=${t("people.own_password")} />
    <${Submit} form=${form} text=${t("passkey.add")} /></form>`;
}

/** @param {{ passkey: MyPasskey, again: () => void }} props */
function Passkey({ passkey, again }) {
  const { id, label, last_used_at: used } = passkey;
  const [open, setOpen] = useState(/** @type {"" | "name" | "remove"} */ (""));
  const form = useForm({ label }, async (values) => {
    await patch(`/users/me/passkeys/${id}`, values);
    setOpen("");
    again();
  });
  const remove = async (/** @type {object} */ own) => {
    await post(`/users/me/passkeys/${id}/remove`, own);
    toast(t("passkey.removed"));
    again();
  };
  const when = used ? t("passkey.used", { since: since(used) }) : t("passkey.unused");
  return html`<div><div class="line">
      <span class="grow"><b>${label}</b> <small>${when}</small></span>
      <button type="button" aria-label=${t("passkey.rename.name", { name: label })}
        onClick=${() => setOpen("name")}>${t("passkey.rename")}</button>
      <button type="button" aria-label=${t("passkey.remove.name", { name: label })}
        onClick=${() => setOpen("remove")}>${t("passkey.remove")}</button></div>
    ${
      open === "name" &&
      html`<form class="line" onSubmit=${form.submit}>
      <${Field} form=${form} name="label" label=${t("passkey.label")} required autofocus
        maxlength="100" />
      <${Submit} form=${form} text=${t("action.save")} /></form>`
    }
    ${open === "remove" && html`<${OwnPassword} text=${t("passkey.remove")} send=${remove} />`}
  </div>`;
}
