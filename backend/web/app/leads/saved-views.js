// Saved views: lists of leads with a name, your own and those that team leads share.
import { ask, get, patch, post, queryText } from "../api.js";
import { openOnes } from "../centers/choice.js";
import { html, useState } from "../html.js";
import { address } from "../router.js";
import { count, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Field, Submit, orToast, useForm } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { useLoad } from "../ui/load.js";
import { Menu } from "../ui/menu.js";
import { toast } from "../ui/toast.js";
import { queryOf, textOf } from "./filter-values.js";

/** @typedef {Record<string, string>} Filter */

/** Who sees a view, beside the ids of centers. */
const ME = "me";
const ALL = "all";

/**
 * Return the filter of a view, as the address of the page has it.
 * @param {string} query
 * @returns {Filter}
 */
function filterOf(query) {
  const all = new URLSearchParams(query);
  return Object.fromEntries([...all.keys()].map((name) => [name, textOf(name, all.getAll(name))]));
}

/** @param {{ filter: Filter, session: Session }} props */
export function SavedViews({ filter, session }) {
  const views = useLoad("/saved-views/");
  const [counts, setCounts] = useState(/** @type {ViewCount[]} */ ([]));
  const [asked, setAsked] = useState("");
  const known = views.data ?? [];
  const mayEdit = session.me.role !== "observer";
  const isLead = session.me.role === "team_lead";
  const own = known.filter((one) => one.mine || (isLead && one.shared));
  /** @param {SavedView} view */
  const named = ({ id, name }) => {
    const found = counts.find((one) => one.id === id);
    const many = found && found.count !== null ? count(found.count) : "";
    return many ? `${name} (${many}${found?.more ? "+" : ""})` : name;
  };
  const items = known.map((view) => ({
    id: view.id,
    text: named(view),
    icon: view.shared ? "users" : "list-filter",
    onSelect: () => void (location.hash = address("leads", filterOf(view.query))),
  }));
  const more = [
    { text: t("views.save"), icon: "plus", apart: true, onSelect: () => setAsked("save") },
    ...(own.length
      ? [{ text: t("views.manage"), icon: "pencil", onSelect: () => setAsked("manage") }]
      : []),
  ];
  if (!mayEdit && !known.length) return null;
  const close = () => setAsked("");
  const name = html`<${Icon} name="list-filter" />${t("views")}`;
  // An open menu doesn't change, so it isn't opened before the views are known.
  if (!views.data && !views.problem) return html`<button disabled>${name}</button>`;
  return html`<${Menu} items=${[...items, ...(mayEdit ? more : [])]}
      onOpen=${() => get("/saved-views/counts").then(setCounts, () => {})} trigger=${name} />
    ${
      asked === "save" &&
      html`<${SaveView} filter=${filter} onClose=${close}
      centers=${isLead ? openOnes(session.centers) : null}
      onDone=${() => {
        close();
        views.again();
      }} />`
    }
    ${
      asked === "manage" &&
      html`<${Dialog} title=${t("views.manage")} onClose=${close}>
      ${own.map((one) => html`<${View} key=${one.id} view=${one} onDone=${views.again} />`)}<//>`
    }`;
}

/**
 * @param {{ filter: Filter, centers: Center[] | null, onDone: () => void,
 *   onClose: () => void }} props
 *   With `centers`, the view can be shared.
 */
function SaveView({ filter, centers, onDone, onClose }) {
  const form = useForm({ name: "", whose: ME }, async ({ name, whose }) => {
    const { q, ...kept } = filter;
    const center_id = Number(whose) || null;
    const query = queryText(queryOf(kept));
    await post("/saved-views/", { name, query, shared: whose !== ME, center_id });
    toast(t("views.saved", { name }));
    onDone();
  });
  return html`<${Dialog} title=${t("views.save")} onClose=${onClose}><form onSubmit=${form.submit}>
    <${Field} form=${form} name="name" label=${t("views.name")} required autofocus maxlength="60" />
    ${filter.q && html`<p class="quiet">${t("views.no_search")}</p>`}
    ${
      centers &&
      html`<${Field} form=${form} name="whose" label=${t("views.whose")}
      options=${[
        [ME, t("views.me")],
        [ALL, t("views.all")],
        ...centers.map((one) => [one.id, one.display_name]),
      ]} />`
    }
    <${Submit} form=${form} text=${t("action.save")} /></form><//>`;
}

/**
 * A view that can be renamed and removed.
 * @param {{ view: SavedView, onDone: () => void }} props
 */
function View({ view, onDone }) {
  const form = useForm({ name: view.name }, async ({ name }) => {
    await patch(`/saved-views/${view.id}`, { name });
    toast(t("saved"));
    onDone();
  });
  const remove = () =>
    orToast(async () => {
      await ask("DELETE", `/saved-views/${view.id}`);
      const { name, query, shared, center_id } = view;
      const undo = () =>
        orToast(async () => {
          await post("/saved-views/", { name, query, shared, center_id });
          onDone();
        });
      toast(t("views.removed", { name }), { undo });
      onDone();
    });
  return html`<form class="view" onSubmit=${form.submit}>
    <${Field} form=${form} name="name" label=${t("views.name")} required maxlength="60" />
    <button disabled=${form.isBusy || form.values.name === view.name}>${t("views.rename")}</button>
    <button type="button" aria-label=${t("views.remove", { name: view.name })} onClick=${remove}>
      <${Icon} name="x" /></button>
    ${form.error && html`<p class="wrong" role="alert">${form.error}</p>`}</form>`;
}
