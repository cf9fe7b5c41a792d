// The form of a person: their role, and the centers whose leads they see.
import { html, useState } from "../html.js";
import { HandOver, ResetPassword } from "../account/password-link.js";
import { OwnPassword } from "../account/second-factor.js";
import { SessionList } from "../account/session-list.js";
import { Problem, patch, post } from "../api.js";
import { label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, FieldError, Submit, orToast, useForm } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";
import { WorkingHours } from "./working-hours.js";

/** @type {RoleName[]} */
export const ROLES = ["team_member", "team_lead", "observer"];

/**
 * @param {{ user: User | null, centers: Center[], onClose: () => void, onSave: () => void }} props
 *   `user` is null for someone new.
 */
export function PersonDialog({ user, centers, onClose, onSave }) {
  const first = {
    full_name: user?.full_name ?? "",
    email: user?.email ?? "",
    role: user?.role ?? "team_member",
    password: "",
    center_ids: user?.center_ids ?? [],
    disabled: user?.disabled ?? false,
    current_password: "",
    leads_to: /** @type {number[]} */ ([]),
    leads_by_rule: false,
  };
  const owners = useLoad("/leads/owners");
  const rules = useLoad("/assignment-rules/");
  const form = useForm(first, async (given) => {
    const { email, password, disabled, current_password, leads_to, leads_by_rule, ...rest } = given;
    if (rest.role !== "team_lead" && rest.center_ids.length === 0 && !disabled) {
      const msg = t("people.choose_center");
      throw new Problem(422, msg, [{ type: "missing", loc: ["body", "center_ids"], msg }]);
    }
    if (user) {
      const own = needsOwn() ? { current_password } : {};
      const secret = password ? { password } : {};
      const to = leads_by_rule ? { leads_by_rule } : { leads_to };
      const leads = isLeaving() ? to : {};
      const address = isMoved() ? { email } : {};
      const change = { ...rest, disabled, ...address, ...secret, ...own, ...leads };
      const { data } = await patch(`/users/${user.id}`, change);
      onSave();
      tellReleased(/** @type {ChangedUser} */ (data), first, onSave);
      return;
    } else if (password) {
      await post("/users/", { ...rest, email, password });
    } else {
      setLink(await post("/users/invitations", { ...rest, email }));
      return;
    }
    onSave();
  });
  const [link, setLink] = useState(/** @type {PasswordLink | null} */ (null));
  const { values, set } = form;
  const isMoved = () => form.values.email !== first.email;
  const needsOwn = () =>
    user !== null && (form.values.password !== "" || form.values.role !== first.role || isMoved());
  /** Whether they may own fewer leads than before. */
  const isLeaving = () => {
    const { role, disabled, center_ids: now } = form.values;
    const has = (/** @type {number} */ id) => role === "team_lead" || now.includes(id);
    const loses = first.role === "team_lead" ? role !== "team_lead" : !first.center_ids.every(has);
    return user !== null && !first.disabled && (disabled || role === "observer" || loses);
  };
  /**
   * Whether someone else may own leads that they lose. Otherwise the leads would stay in the
   * queue.
   * @param {Owner} one
   */
  const mayInherit = (one) => {
    const { role, disabled, center_ids: now } = form.values;
    if (one.id === user?.id) return false;
    if (first.role === "team_lead" || one.center_ids === null) return true;
    const givesUpAll = disabled || role === "observer";
    const left = first.center_ids.filter((id) => givesUpAll || !now.includes(id));
    return left.some((id) => one.center_ids?.includes(id));
  };
  const unlock = () =>
    orToast(async () => {
      await post(`/users/${user?.id}/unlock`);
      toast(t("people.unlocked", { name: user?.full_name ?? "" }));
    });
  /**
   * @param {"center_ids" | "leads_to"} name
   * @param {number} id
   */
  const toggle = (name, id) => {
    const others = values[name].filter((one) => one !== id);
    set(name, values[name].includes(id) ? others : [...others, id]);
  };
  /**
   * @param {"center_ids" | "leads_to"} name
   * @param {number} id
   * @param {string} text
   */
  const pick = (name, id, text) => html`<label class="pick" key=${id}><input type="checkbox"
    checked=${values[name].includes(id)} onChange=${() => toggle(name, id)} /> ${text}</label>`;
  // An archived one stays with the people who have it.
  const offered = centers.filter((one) => !one.archived || first.center_ids.includes(one.id));
  if (link) {
    return html`<${Dialog} title=${values.full_name} onClose=${onSave}>
      <${HandOver} link=${link} email=${values.email} /><//>`;
  }
  return html`<${Dialog} title=${user?.full_name ?? t("people.add")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="full_name" label=${t("people.full_name")} required autofocus />
      <${Field} form=${form} name="email" type="email" label=${t("people.email")} required
        hint=${user && t("people.email_hint")} />
      <${Field} form=${form} name="role" label=${t("people.role")}
        options=${ROLES.map((one) => [one, label("role", one)])} />
      ${
        values.role !== "team_lead" &&
        html`<fieldset><legend>${t("people.centers")}</legend>
        ${
          offered.length > 0
            ? offered.map((one) => pick("center_ids", one.id, one.display_name))
            : html`<p class="quiet">${t("centers.none")}</p>`
        }
        <${FieldError} form=${form} name="center_ids" /></fieldset>`
      }
      <${Field} form=${form} name="password" type="password" autocomplete="new-password"
        label=${t(user ? "people.new_password" : "password")}
        hint=${t(user ? "people.password_hint" : "people.invite_hint")} />
      ${
        needsOwn() &&
        html`<${Field} form=${form} name="current_password" type="password" required
          autocomplete="current-password" label=${t("people.own_password")}
          hint=${t("people.own_password_hint")} />`
      }
      ${
        user &&
        html`<label class="pick"><input type="checkbox" checked=${values.disabled}
        onChange=${(event) => set("disabled", event.target.checked)} />
        ${t("people.disable")}</label>`
      }
      ${
        isLeaving() &&
        html`<fieldset><legend>${t("people.leads_to")}</legend>
        ${
          rules.data?.some((one) => one.active) &&
          html`<label class="pick"><input type="checkbox" checked=${values.leads_by_rule}
            onChange=${(event) => set("leads_by_rule", event.target.checked)} />
            ${t("people.leads_by_rule")}</label>`
        }
        ${
          !values.leads_by_rule &&
          (owners.data ?? [])
            .filter(mayInherit)
            .map((one) => pick("leads_to", one.id, one.full_name))
        }
        <${FieldError} form=${form} name="leads_to" hint=${t(
          values.leads_by_rule ? "people.leads_by_rule.hint" : "people.leads_to.hint",
        )} /></fieldset>`
      }
      <${Submit} form=${form} text=${t("action.save")} />
    </form>
    ${
      user &&
      html`${
        user.role !== "observer" &&
        html`<details><summary>${t("work")}</summary>
          <${WorkingHours} path=${`/users/${user.id}/presence`} /></details>`
      }
      <h3>${t("link.reset")}</h3>
      <${ResetPassword} user=${user} />
      <h3>${t("sessions.of")}</h3>
      <${SessionList} path=${`/users/${user.id}/sessions`} />
      <p class="line"><span class="grow quiet">${t("people.unlock_hint")}</span>
        <button type="button" onClick=${unlock}>${t("people.unlock")}</button></p>
      <h3>${t("factor.lost")}</h3><p class="quiet">${t("factor.lost_hint")}</p>
      <${OwnPassword} text=${t("factor.turn_off")} send=${async (/** @type {object} */ own) => {
        await post(`/users/${user.id}/second-factor/remove`, own);
        toast(t("factor.off"));
      }} />`
    }<//>`;
}

/**
 * Say how many leads others have got, with an undo that lets the person work again, too.
 * @param {ChangedUser} user
 * @param {{ center_ids: number[], disabled: boolean, role: RoleName }} before
 * @param {() => void} onUndo
 */
function tellReleased(user, before, onUndo) {
  const { released } = user;
  if (!released) return;
  const undo = () =>
    orToast(async () => {
      const { center_ids, disabled } = before;
      await patch(`/users/${user.id}`, { center_ids, disabled });
      const { restored } = await post(`/leads/bulk/${released.id}/undo`);
      onUndo();
      toast(t("bulk.undone", { count: restored }));
      return "told";
    });
  const text = t("people.released", { name: user.full_name, count: released.changed });
  // Another role takes the password of the team lead.
  toast(text, { undo: user.role === before.role ? undo : undefined });
}
