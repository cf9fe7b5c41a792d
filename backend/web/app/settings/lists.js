// The lists that team leads edit: lost reasons, age categories and sources of leads.
import { html, useEffect, useRef, useState } from "../html.js";
import { ask, patch, post } from "../api.js";
import { OTHER } from "../leads/lead.js";
import { undoBulk } from "../leads/undo.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

/** @typedef {ChoiceList["kind"]} Kind */
/** @typedef {{ kind: Kind, center_id: number | null }} Place */

/** @type {Kind[]} */
const KINDS = ["lost_reason", "age_group", "source"];

/** @param {{ session: Session }} props */
export function Lists({ session }) {
  const choices = useLoad("/choices/");
  const [center, setCenter] = useState("");
  const changed = async () => {
    await choices.again();
    // What forms offer.
    await session.reload();
  };
  const open = session.centers.filter((one) => !one.archived);
  const places = [
    ["", t("message_texts.all_centers")],
    ...open.map((one) => [String(one.id), one.display_name]),
  ];
  const center_id = Number(center) || null;
  return html`<section class="panel"><div class="head"><h2>${t("lists")}</h2>
      <select aria-label=${t("hours.center")} value=${center}
        onChange=${(/** @type {PageEvent} */ event) => setCenter(event.target.value)}>
        ${places.map(([id, name]) => html`<option value=${id} key=${id}>${name}</option>`)}
      </select></div>
    <p class="quiet">${t("lists.hint")}</p>
    ${loaded(
      choices,
      ({ lists }) =>
        html`<div class="lists">${KINDS.map(
          (kind) => html`<${List} key=${`${kind} ${center}`} lists=${lists}
          place=${{ kind, center_id }} onChange=${changed} />`,
        )}</div>`,
    )}</section>`;
}

/** @param {{ lists: ChoiceList[], place: Place, onChange: () => Promise<void> }} props */
function List({ lists, place, onChange }) {
  const { kind, center_id: center } = place;
  const [renamed, setRenamed] = useState("");
  const area = useRef(/** @type {HTMLElement | null} */ (null));
  // The button that was pressed, and where its entry moves: it moves along and keeps the focus.
  const pressed = useRef({ entry: "", by: 0, to: 0 });
  /** @param {ChoiceList[]} from */
  const own = (from) => from.find((one) => one.kind === kind && one.center_id === center);
  const list = own(lists);
  const of = list ?? lists.find((one) => one.kind === kind);
  const texts = (of?.entries ?? []).map((one) => one.text);
  // What always stays.
  const fixed = kind === "lost_reason" ? OTHER : "";
  const entries = texts.filter((one) => one !== fixed);
  // A center without a list of its own has that of all.
  const isInherited = list === undefined;
  useEffect(() => {
    const { entry, by, to } = pressed.current;
    // The lists may be those of the press before: an effect comes late, and so may an answer.
    if (!entry || entries.indexOf(entry) !== to) return;
    pressed.current = { entry: "", by: 0, to: 0 };
    const row = area.current?.querySelector(`[data-entry="${CSS.escape(entry)}"]`);
    const wanted = row?.querySelector(`[data-by="${by}"]:enabled`);
    const other = row?.querySelector("[data-by]:enabled");
    /** @type {HTMLElement | null | undefined} */ (wanted ?? other)?.focus();
  }, [lists]);
  /**
   * Return the ids of the entries. A usual list is made one of its own first, since it has none.
   * @returns {Promise<Map<string, number>>}
   */
  const ids = async () => {
    let from = list;
    if (!list?.own) {
      const made = await post("/choices/own", { ...place, own: true });
      from = own(/** @type {ChoiceLists} */ (made).lists);
    }
    return new Map(from?.entries.map((one) => [one.text, one.id ?? 0]));
  };
  /** @param {string[]} order */
  const reorder = async (order) => {
    const known = await ids();
    await post("/choices/order", { ...place, ids: order.map((one) => known.get(one)) });
    await onChange();
  };
  /**
   * @param {string} text
   * @param {number} by
   */
  const move = (text, by) => {
    const order = entries.filter((one) => one !== text);
    const to = entries.indexOf(text) + by;
    order.splice(to, 0, text);
    pressed.current = { entry: text, by, to };
    return orToast(() => reorder(order));
  };
  /** @param {string} text */
  const remove = (text) =>
    orToast(async () => {
      await ask("DELETE", `/choices/${(await ids()).get(text)}`);
      const undo = () =>
        orToast(async () => {
          const added = /** @type {Choice} */ (await post("/choices/", { ...place, text }));
          const known = (await ids()).set(text, added.id ?? 0);
          await post("/choices/order", { ...place, ids: entries.map((one) => known.get(one)) });
          await onChange();
        });
      toast(t("lists.removed", { name: text }), { undo });
      await onChange();
    });
  /** @param {boolean} isOwn */
  const setOwn = (isOwn) =>
    orToast(async () => {
      await post("/choices/own", { ...place, own: isOwn });
      await onChange();
    });
  /** @type {(text: string, by: number) => Child} */
  const mover = (text, by) => html`<button type="button" class="plain" data-by=${by}
    disabled=${entries.indexOf(text) === (by < 0 ? 0 : entries.length - 1)}
    aria-label=${`${t(by < 0 ? "lists.up" : "lists.down")}: ${text}`}
    onClick=${() => move(text, by)}>
    <${Icon} name=${by < 0 ? "arrow-up" : "arrow-down"} size=${16} /></button>`;
  return html`<section ref=${area} aria-label=${t(`lists.${kind}`)}>
    <h3>${t(`lists.${kind}`)}</h3>
    ${texts.length === 0 && html`<p class="quiet">${t(`lists.none.${kind}`)}</p>`}
    <ol class="entries">${texts.map((one) =>
      isInherited || one === fixed
        ? html`<li key=${one} class="quiet"><span>${one}</span></li>`
        : html`<li key=${one} data-entry=${one}>
            <button type="button" class="link" onClick=${() => setRenamed(one)}>${one}</button>
            ${mover(one, -1)}${mover(one, 1)}
            <button type="button" class="plain" aria-label=${`${t("lists.remove")}: ${one}`}
              onClick=${() => remove(one)}><${Icon} name="x" size=${16} /></button></li>`,
    )}</ol>
    ${
      isInherited && texts.length > 0
        ? html`<p class="quiet">${t("hours.inherited")}</p>
          <button type="button" onClick=${() => setOwn(true)}>${t("lists.own")}</button>`
        : html`<${AddEntry} place=${place} onAdd=${onChange} />`
    }
    ${
      list?.own &&
      (center !== null || fixed) &&
      html`<button type="button" class="link" onClick=${() => setOwn(false)}>
        ${t(center === null ? "lists.usual" : "lists.as_all")}</button>`
    }
    ${
      renamed &&
      html`<${Rename} was=${renamed} place=${place} ids=${ids} onChange=${onChange}
        onClose=${() => setRenamed("")} />`
    }</section>`;
}

/** @param {{ place: Place, onAdd: () => Promise<void> }} props */
function AddEntry({ place, onAdd }) {
  const form = useForm({ text: "" }, async ({ text }) => {
    await post("/choices/", { ...place, text });
    form.reset();
    await onAdd();
  });
  return html`<form class="add" onSubmit=${form.submit}>
    <${Field} form=${form} name="text" required maxlength="100"
      label=${t(`lists.add.${place.kind}`)} />
    <button disabled=${form.isBusy}><${Icon} name="plus" />${t("lists.add")}</button>
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}</form>`;
}

/**
 * @param {{ was: string, place: Place, ids: () => Promise<Map<string, number>>,
 *   onChange: () => Promise<void>, onClose: () => void }} props
 */
function Rename({ was, place, ids, onChange, onClose }) {
  const found = useLoad("/choices/leads", { ...place, was });
  const [isMeant, setMeant] = useState(false);
  const count = found.data?.leads ?? 0;
  const form = useForm({ text: was }, async ({ text }) => {
    const id = (await ids()).get(was);
    await patch(`/choices/${id}`, { text });
    /** @type {number[]} */
    const done = [];
    for (let left = isMeant ? count : 0; left > 0;) {
      const step = await post(`/choices/${id}/leads`, { was });
      if (step.id) done.push(step.id);
      left = step.left;
    }
    const undo = async () => {
      for (const one of done) await undoBulk(one, () => {});
    };
    toast(t("saved"), done.length > 0 ? { undo } : {});
    onClose();
    await onChange();
  });
  return html`<${Dialog} title=${was} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="text" label=${t("lists.text")} required autofocus
        maxlength="100" hint=${t("lists.text_hint")} />
      ${
        count > 0 &&
        html`<label class="pick"><input type="checkbox" checked=${isMeant}
          onChange=${() => setMeant(!isMeant)} />${t("lists.leads", { count })}</label>`
      }
      <${Submit} form=${form} text=${t("action.save")} /></form><//>`;
}
