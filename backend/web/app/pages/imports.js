// A spreadsheet on its way in: drop it, look at the plan row by row, commit, and undo if need be.
import { html, useEffect, useState } from "../html.js";
import { get } from "../api.js";
import { said } from "../components/form.js";
import { Icon } from "../components/icon.js";
import { Mapping, header, plan } from "../components/mapping.js";
import { Empty, Loaded, useLoad } from "../components/load.js";
import { Plan } from "../components/plan.js";
import { Progress } from "../components/progress.js";
import { address } from "../router.js";
import { count, moment, t } from "../words.js";

export default function Imports({ params }) {
  return params[0] ? html`<${Plan} key=${params[0]} id=${params[0]} />` : html`<${All} />`;
}

function All() {
  const imports = useLoad("/imports/");
  return html`<div class="head"><h1>${t("nav.imports")}</h1></div>
    <${Drop} />
    <${Loaded} from=${imports}>${(list) => (list.length === 0
      ? html`<${Empty} icon="file-spreadsheet" title=${t("imports.none")}><p>${t("imports.none.more")}</p><//>`
      : html`<section class="panel"><h2>${t("imports.before")}</h2><div class="scroll"><table>
        <thead><tr>${["file", "state", "when"].map((one) => html`<th scope="col" key=${one}>
          ${t(`imports.${one}`)}</th>`)}<th scope="col" class="number">${t("imports.rows")}</th>
          <th scope="col" class="number">${t("verdict.create")}</th></tr></thead>
        <tbody>${list.map((one) => html`<tr key=${one.id}>
          <th scope="row"><a href=${address(`imports/${one.id}`)}>${one.filename || `#${one.id}`}</a></th>
          <td><span class=${`badge ${one.state}`}>${t(`import.${one.state}`)}</span></td>
          <td>${moment(one.created_at)}</td><td class="number">${count(one.rows_done)}</td>
          <td class="number">${count(one.totals.create ?? 0)}</td></tr>`)}</tbody></table></div></section>`)}<//>`;
}

/** Where a file is dropped or chosen. Until it is planned, its progress shows. */
function Drop() {
  const [busy, setBusy] = useState(null);
  const [wrong, setWrong] = useState(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(async () => {
      const [newest] = await get("/imports/", { limit: 1 });
      if (newest?.state === "planning") setBusy({ ...busy, done: newest.rows_done, total: newest.rows_total });
    }, 700);
    return () => clearInterval(timer);
  }, [busy !== null]);
  const take = async (file, mapping = {}) => {
    if (!file) return;
    setWrong(null);
    setBusy({ name: file.name });
    try {
      await plan(file, mapping);
    } catch (problem) {
      setWrong({ file, mapping, text: said(problem), columns: await header(file) });
    }
    setBusy(null);
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return html`<label class=${over ? "drop over" : "drop"} onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <${Icon} name="upload" size=${26} />
      <b>${t("imports.drop")}</b><span class="quiet">${t("imports.drop.more")}</span>
      <input type="file" accept=".csv,.xlsx,.xls" onChange=${(event) => {
        take(event.target.files[0]);
        // The same file, mended, is a change too.
        event.target.value = "";
      }} />
    </label>
    ${busy && html`<${Progress} text=${t("imports.planning", { name: busy.name })} done=${busy.done}
      total=${busy.total} />`}
    ${wrong && html`<section class="panel" role="alert"><p class="wrong">${wrong.text}</p>
      ${wrong.columns.length > 0 && html`<${Mapping} columns=${wrong.columns} mapping=${wrong.mapping} proposed=${[]}
        onGo=${(mapping) => take(wrong.file, mapping)} />`}</section>`}`;
}
