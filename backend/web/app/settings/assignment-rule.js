// The dialog of an assignment rule: which leads it is for, and who gets them.
import { html } from "../html.js";
import { patch, post } from "../api.js";
import { label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, FieldError, Submit, useForm } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

/** What is picked as one source; a backfill is Meta's, too. */
const SOURCES = [["meta", "backfill"], ["webhook"], ["upload"], ["manual"]];
const PLATFORMS = ["ig", "fb"];
const WEIGHTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** @typedef {{ id: number | null, name: string }} Place A center, or all of them. */
/** @typedef {{ weight: number, cap: string }} Chosen */

/**
 * @param {{ rule: AssignmentRule | null, people: Present[], places: Place[],
 *   onClose: () => void, onChange: () => void }} props
 */
export function RuleDialog({ rule, people, places, onClose, onChange }) {
  const options = useLoad("/leads/filter-options");
  const first = {
    center_id: String(rule?.center_id ?? (rule ? "" : (places[0]?.id ?? ""))),
    sources: rule?.conditions.sources ?? [],
    platforms: rule?.conditions.platforms ?? [],
    campaigns: rule?.conditions.campaigns ?? [],
    age_categories: rule?.conditions.age_categories ?? [],
    question: rule?.conditions.question ?? "",
    answers: rule?.conditions.answers.join(", ") ?? "",
    shares: /** @type {Record<string, Chosen>} */ (
      Object.fromEntries(
        (rule?.shares ?? []).map((one) => [
          one.user_id,
          { weight: one.weight, cap: String(one.cap ?? "") },
        ]),
      )
    ),
    active: rule?.active ?? true,
  };
  const form = useForm(first, async (values) => {
    const { center_id, shares, active, question, answers, ...lists } = values;
    const said = answers.split(",").flatMap((one) => one.trim() || []);
    const given = {
      conditions: { ...lists, question: question.trim() || null, answers: said },
      shares: Object.entries(shares).map(([id, { weight, cap }]) => ({
        user_id: Number(id),
        weight,
        cap: Number(cap) || null,
      })),
    };
    if (rule) await patch(`/assignment-rules/${rule.id}`, { ...given, active });
    else await post("/assignment-rules/", { ...given, center_id: Number(center_id) || null });
    toast(t("saved"));
    onChange();
  });
  const { values, set } = form;
  /**
   * @param {number} id
   * @param {Chosen | undefined} own
   */
  const choose = (id, own) => {
    const { [id]: _, ...others } = values.shares;
    set("shares", own ? { ...others, [id]: own } : others);
  };
  /** @typedef {"sources" | "platforms" | "campaigns" | "age_categories"} Listed */
  /**
   * @param {Listed} name
   * @param {string[]} some Values that are chosen together.
   * @param {string} text
   */
  const pick = (name, some, text) => {
    const isOn = some.some((one) => values[name].includes(one));
    const others = values[name].filter((one) => !some.includes(one));
    return html`<label class="pick" key=${text}><input type="checkbox" checked=${isOn}
      onChange=${() => set(name, isOn ? others : [...others, ...some])} />${text}</label>`;
  };
  /**
   * The known values of a list, and those that the rule has.
   * @param {"campaigns" | "age_categories"} name
   */
  const known = (name) => [...new Set([...values[name], ...(options.data?.[name] ?? [])])];
  /**
   * @param {"campaigns" | "age_categories"} name
   * @param {string} legend
   */
  const picks = (name, legend) =>
    known(name).length > 0 &&
    html`<details open=${values[name].length > 0}><summary>${legend}</summary>
      <div class="picks">${known(name).map((one) => pick(name, [one], one))}</div></details>`;
  const center = Number(values.center_id) || null;
  const able = people.filter(
    (one) =>
      one.id in values.shares ||
      center === null ||
      one.center_ids === null ||
      one.center_ids.includes(center),
  );
  return html`<${Dialog} title=${t(rule ? "assignment.edit" : "assignment.add")}
    onClose=${onClose}><form onSubmit=${form.submit}>
      <${Field} form=${form} name="center_id" label=${t("hours.center")} disabled=${rule !== null}
        options=${places.map(({ id, name }) => [String(id ?? ""), name])} />
      <fieldset><legend>${t("assignment.where")}</legend>
        <div class="picks">${SOURCES.map((some) => pick("sources", some, label("source", some[0])))}
        ${PLATFORMS.map((one) => pick("platforms", [one], label("platform", one)))}</div>
        <small>${t("assignment.any")}</small></fieldset>
      ${picks("age_categories", t("assignment.age"))}
      ${picks("campaigns", t("assignment.campaign"))}
      <${Field} form=${form} name="question" label=${t("assignment.question")}
        hint=${t("assignment.question_hint")} />
      ${
        values.question &&
        html`<${Field} form=${form} name="answers" label=${t("assignment.answers")}
        hint=${t("assignment.answers_hint")} />`
      }
      <fieldset><legend>${t("assignment.people")}</legend>
        ${able.map(
          (one) => html`<${Person} key=${one.id} person=${one} own=${values.shares[one.id]}
          onChange=${(/** @type {Chosen | undefined} */ own) => choose(one.id, own)} />`,
        )}
        <${FieldError} form=${form} name="shares" /></fieldset>
      ${
        rule &&
        html`<label class="pick"><input type="checkbox" checked=${values.active}
        onChange=${() => set("active", !values.active)} />${t("assignment.use")}</label>`
      }
      <${Submit} form=${form} text=${t("action.save")} /></form><//>`;
}

/**
 * @param {{ person: Present, own: Chosen | undefined, onChange: (own?: Chosen) => void }} props
 */
function Person({ person, own, onChange }) {
  const { full_name: name } = person;
  const chosen = own ?? { weight: 1, cap: "" };
  return html`<div class="line"><label class="pick grow"><input type="checkbox"
      checked=${own !== undefined}
      onChange=${() => onChange(own ? undefined : chosen)} />${name}
      ${person.away && html` <span class="badge">${t("away")}</span>`}</label>
    ${
      own &&
      html`<select aria-label=${t("assignment.weight", { name })} value=${own.weight}
        onInput=${(/** @type {PageEvent} */ event) =>
          onChange({ ...own, weight: Number(event.target.value) })}>
        ${WEIGHTS.map((one) => html`<option value=${one} key=${one}>×${one}</option>`)}</select>
      <input type="number" min="1" max="1000" value=${own.cap}
        aria-label=${t("assignment.most", { name })} placeholder=${t("assignment.most_short")}
        onInput=${(/** @type {PageEvent} */ event) =>
          onChange({ ...own, cap: event.target.value })} />`
    }</div>`;
}
