// The rules that say who gets new leads, as team leads edit them.
import { html, useState } from "../html.js";
import { ask, post, put } from "../api.js";
import { label, t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { lazyDialog, loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

const RuleDialog = lazyDialog(() => import("./assignment-rule.js"), "RuleDialog");
const list = new Intl.ListFormat(undefined, { style: "short", type: "unit" });

/** @typedef {import("./assignment-rule.js").Place} Place */

/** @param {{ session: Session }} props */
export function AssignmentPanel({ session }) {
  const rules = useLoad("/assignment-rules/");
  const people = useLoad("/presence/");
  const [open, setOpen] = useState(/** @type {{ rule: AssignmentRule | null } | null} */ (null));
  const close = () => setOpen(null);
  const changed = () => {
    rules.again();
    close();
  };
  const centers = session.centers.filter((one) => !one.archived);
  const places = [
    ...centers.map((one) => ({ id: one.id, name: one.display_name })),
    { id: null, name: t("message_texts.all_centers") },
  ];
  return html`<section class="panel"><div class="head"><h2>${t("assignment")}</h2>
      <button class="primary" onClick=${() => setOpen({ rule: null })}>
        <${Icon} name="plus" />${t("assignment.add")}</button></div>
      <p class="quiet">${t("assignment.hint")}</p>
      ${loaded(rules, (all) =>
        loaded(
          people,
          (known) => html`<${Rules} rules=${all} people=${known} places=${places}
          onOpen=${(/** @type {AssignmentRule} */ rule) => setOpen({ rule })}
          onChange=${changed} />`,
        ),
      )}</section>
    ${
      open &&
      html`<${RuleDialog} rule=${open.rule} people=${people.data ?? []} places=${places}
        onClose=${close} onChange=${changed} />`
    }`;
}

/**
 * Return the source or the platforms as people call them, each once.
 * @param {Conditions} conditions
 */
const origins = ({ sources, platforms }) => [
  ...new Set([
    ...sources.map((one) => label("source", one)),
    ...platforms.map((one) => label("platform", one)),
  ]),
];

/**
 * Say which leads a rule is for: `Leads from Instagram aged U9`.
 * @param {Conditions} conditions
 */
function which(conditions) {
  const { campaigns, age_categories: ages, question, answers } = conditions;
  /** @type {[string, string[]][]} */
  const asked = [
    ["assignment.from", origins(conditions)],
    ["assignment.campaigns", campaigns],
    ["assignment.ages", ages],
    ["assignment.answered", answers],
  ];
  const parts = asked
    .filter(([, names]) => names.length > 0)
    .map(([key, names]) => t(key, { names: list.format(names), question: question ?? "" }));
  return parts.length > 0 ? t("assignment.leads", { parts: parts.join(" ") }) : t("assignment.all");
}

/**
 * Say who gets them: `Asha (2), Ravi (1, at most 20 a day)`.
 * @param {Share[]} shares
 * @param {Present[]} people
 */
function who(shares, people) {
  const weighted = shares.some((one) => one.weight !== shares[0]?.weight);
  return shares
    .map(({ user_id: id, weight, cap }) => {
      const name = people.find((one) => one.id === id)?.full_name ?? `#${id}`;
      const parts = [weighted && `${weight}`, cap && t("assignment.cap", { cap: `${cap}` })];
      const said = parts.filter(Boolean).join(", ");
      return said ? t("assignment.share", { name, parts: said }) : name;
    })
    .join(", ");
}

/**
 * @param {{ rules: AssignmentRule[], people: Present[], places: Place[],
 *   onOpen: (rule: AssignmentRule) => void, onChange: () => void }} props
 */
function Rules({ rules, people, places, onOpen, onChange }) {
  if (rules.length === 0) return html`<p class="quiet">${t("assignment.none")}</p>`;
  /** @param {AssignmentRule} rule */
  const remove = ({ id, center_id, conditions, shares }) =>
    orToast(async () => {
      await ask("DELETE", `/assignment-rules/${id}`);
      const undo = () =>
        orToast(async () => {
          await post("/assignment-rules/", { center_id, conditions, shares });
          onChange();
        });
      toast(t("assignment.removed"), { undo });
      onChange();
    });
  /**
   * @param {AssignmentRule[]} own
   * @param {number} index
   */
  const up = (own, index) =>
    orToast(async () => {
      const ids = own.map((one) => one.id);
      ids.splice(index - 1, 2, ...ids.slice(index - 1, index + 1).reverse());
      const center_id = own[0]?.center_id ?? null;
      await put("/assignment-rules/order", { center_id, rule_ids: ids });
      onChange();
    });
  return places.map(({ id, name }) => {
    const own = rules.filter((one) => one.center_id === id);
    if (own.length === 0) return null;
    return html`<h3 key=${id}>${name}</h3><ol class="list">${own.map((rule, index) => {
      const what = which(rule.conditions);
      return html`<li class=${`line${rule.active ? "" : " off"}`} key=${rule.id}>
        <span class="grow">
          <button class="link" aria-label=${`${t("assignment.edit")}: ${what}`}
            onClick=${() => onOpen(rule)}>${what}</button>
          ${` → ${who(rule.shares, people)}`}
          ${!rule.active && html` <span class="badge">${t("assignment.off")}</span>`}</span>
        <span class="picks">${
          index > 0 &&
          html`<button class="plain" aria-label=${`${t("assignment.up")}: ${what}`}
            onClick=${() => up(own, index)}><${Icon} name="arrow-up" /></button>`
        }
        <button class="plain" aria-label=${`${t("assignment.remove")}: ${what}`}
          onClick=${() => remove(rule)}><${Icon} name="x" /></button></span></li>`;
    })}</ol>`;
  });
}
