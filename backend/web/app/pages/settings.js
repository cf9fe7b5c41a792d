// People, centers, their hours and WhatsApp texts, for team leads.
import { html, useState } from "../html.js";
import { AssignmentPanel } from "../settings/assignment.js";
import { CallingRulesPanel } from "../settings/calling-rules.js";
import { CenterDialog } from "../settings/center.js";
import { ChangeList } from "../settings/center-changes.js";
import { Erasures } from "../settings/erasures.js";
import { Lists } from "../settings/lists.js";
import { MessageTexts } from "../settings/message-texts.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { lazyDialog, loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

const PersonDialog = lazyDialog(() => import("../settings/person.js"), "PersonDialog");

/** @typedef {{ user: User | null } | { center: Center | null }} Open What is edited, or new. */

/** @param {PageProps} props */
export default function Settings({ session }) {
  const users = useLoad("/users/");
  const centers = useLoad("/centers/");
  const changes = useLoad("/centers/changes/");
  const [open, setOpen] = useState(/** @type {Open | null} */ (null));
  const close = () => setOpen(null);
  const changed = () => {
    for (const one of [users, centers, changes]) one.again();
    session.reload();
    close();
  };
  const saved = () => {
    toast(t("saved"));
    changed();
  };
  return html`<div class="head"><h1>${t("nav.settings")}</h1>
      <span class="tools"><a class="button" href="#/audit">
        <${Icon} name="history" />${t("nav.audit")}</a><a class="button" href="#/onboarding">
        <${Icon} name="rocket" />${t("nav.onboarding")}</a></span></div>
    <section class="panel"><div class="head"><h2>${t("people")}</h2>
      <button class="primary" onClick=${() => setOpen({ user: null })}>
        <${Icon} name="user-plus" />${t("people.add")}</button></div>
      ${loaded(
        users,
        (list) => html`<${People} users=${list} centers=${session.centers}
        onOpen=${(/** @type {User} */ user) => setOpen({ user })} />`,
      )}</section>
    <section class="panel"><div class="head"><h2>${t("centers")}</h2>
      <button class="primary" onClick=${() => setOpen({ center: null })}>
        <${Icon} name="plus" />${t("centers.add")}</button></div>
      ${loaded(
        centers,
        (list) => html`<${Centers} centers=${list}
        onOpen=${(/** @type {Center} */ center) => setOpen({ center })} />`,
      )}</section>
    ${loaded(
      changes,
      (list) => html`<${ChangeList} changes=${list} centers=${session.centers}
      onDone=${changed} />`,
    )}
    ${
      open &&
      "user" in open &&
      html`<${PersonDialog} user=${open.user}
      centers=${session.centers} onClose=${close} onSave=${saved} />`
    }
    <${CallingRulesPanel} session=${session} />
    <${AssignmentPanel} session=${session} />
    <${Lists} session=${session} />
    <${MessageTexts} session=${session} />
    <${Erasures} />
    ${
      open &&
      "center" in open &&
      html`<${CenterDialog} center=${open.center} centers=${session.centers} onClose=${close}
      onSave=${saved} onChange=${changed} />`
    }`;
}

/** @param {string[]} names */
const head = (names) =>
  html`<thead><tr>${names.map(
    (one) => html`
  <th scope="col" key=${one}>${one}</th>`,
  )}</tr></thead>`;

/** @param {{ users: User[], centers: Center[], onOpen: (user: User) => void }} props */
function People({ users, centers, onOpen }) {
  /** @param {User} user */
  const centersOf = (user) =>
    user.role === "team_lead"
      ? t("people.all_centers")
      : centers
          .filter((one) => user.center_ids.includes(one.id))
          .map((one) => one.display_name)
          .join(", ");
  const names = ["full_name", "email", "role", "centers"].map((one) => t(`people.${one}`));
  return html`<div class="scroll"><table class="cards">${head(names)}<tbody>
    ${users.map(
      (one) => html`<tr key=${one.id} class=${one.disabled ? "off" : ""}>
      <th scope="row"><button class="link" onClick=${() => onOpen(one)}>${one.full_name}</button>
      </th><td data-label=${names[1]}>${one.email}</td>
      <td data-label=${names[2]}>${label("role", one.role)}${
        one.disabled &&
        html` <span class="badge">
        ${t("people.disabled")}</span>`
      }</td>
      <td data-label=${names[3]}>${centersOf(one)}</td></tr>`,
    )}</tbody></table></div>`;
}

/**
 * @param {Center} center
 * @param {Center[]} centers
 */
function stateOf({ archived, merged_into: id }, centers) {
  if (!archived) return null;
  const name = centers.find((one) => one.id === id)?.display_name ?? "";
  return html`<span class="badge">${
    id ? t("centers.merged_into", { name }) : t("centers.archived")
  }</span>`;
}

/** @param {{ centers: Center[], onOpen: (center: Center) => void }} props */
function Centers({ centers, onOpen }) {
  const names = ["display_name", "meta_tag_name", "city"].map((one) => t(`centers.${one}`));
  return html`<div class="scroll"><table class="cards">${head(names)}<tbody>
    ${centers.map(
      (one) => html`<tr key=${one.id} class=${one.archived ? "off" : ""}><th scope="row">
      ${
        one.merged_into
          ? one.display_name
          : html`<button class="link" onClick=${() => onOpen(one)}>${one.display_name}</button>`
      } ${stateOf(one, centers)}</th>
      <td data-label=${names[1]}>${one.meta_tag_name}</td>
      <td data-label=${names[2]}>${one.city}</td></tr>`,
    )}</tbody></table></div>`;
}
