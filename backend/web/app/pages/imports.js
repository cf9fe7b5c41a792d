// A spreadsheet on its way in: drop it, look at the plan row by row, commit, and undo if need be.
import { html, useEffect, useState } from "/web/html.js";
import { ask, download, get, post } from "/web/api.js";
import { said } from "/web/components/form.js";
import { Empty, Loaded, useLoad } from "/web/components/load.js";
import { toast } from "/web/components/toast.js";
import { address, go } from "/web/router.js";
import { count, moment, t } from "/web/words.js";

const FIELDS = ["created_time", "player_name", "player_age_category", "phone", "email", "address",
  "center", "leadgen_id"];
const VERDICTS = ["create", "sibling", "join", "known", "waiting", "reject"];
/** The file whose plan is shown: to plan it anew by another mapping, it is sent again. */
let held = null;

export default function Imports({ params }) {
  return params[0] ? html`<${Plan} key=${params[0]} id=${params[0]} />` : html`<${All} />`;
}

async function plan(file, mapping) {
  const form = new FormData();
  form.append("file", file);
  if (mapping) form.append("mapping", JSON.stringify(mapping));
  const planned = (await ask("POST", "/imports/", { form })).data;
  held = { id: planned.id, file, proposed: planned.proposed };
  go(`imports/${planned.id}`);
}

function All() {
  const imports = useLoad("/imports/");
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
  const take = async (file, mapping) => {
    if (!file) return;
    setWrong(null);
    setBusy({ name: file.name });
    try {
      await plan(file, mapping);
    } catch (problem) {
      setWrong({ file, text: said(problem), columns: await header(file) });
    }
    setBusy(null);
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return html`<div class="head"><h1>${t("nav.imports")}</h1></div>
    <label class=${over ? "drop over" : "drop"} onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <b>${t("imports.drop")}</b><span class="quiet">${t("imports.drop.more")}</span>
      <input type="file" accept=".csv,.xlsx,.xls" onChange=${(event) => take(event.target.files[0])} />
    </label>
    ${busy && html`<p role="status">${t("imports.planning", { name: busy.name })}
      <progress max=${busy.total ?? undefined} value=${busy.total ? busy.done : undefined}></progress></p>`}
    ${wrong && html`<div class="wrong" role="alert"><p>${wrong.text}</p>
      ${wrong.columns.length > 0 && html`<${Mapping} columns=${wrong.columns} mapping=${{}} proposed=${[]}
        onGo=${(mapping) => take(wrong.file, mapping)} />`}</div>`}
    <${Loaded} from=${imports}>${(list) => (list.length === 0
      ? html`<${Empty} title=${t("imports.none")}><p>${t("imports.none.more")}</p><//>`
      : html`<div class="scroll"><table><thead><tr>${["file", "state", "when", "rows"].map((one) => html`
          <th scope="col" key=${one}>${t(`imports.${one}`)}</th>`)}</tr></thead>
        <tbody>${list.map((one) => html`<tr key=${one.id}>
          <th scope="row"><a href=${address(`imports/${one.id}`)}>${one.filename || `#${one.id}`}</a></th>
          <td>${t(`import.${one.state}`)}</td><td>${moment(one.created_at)}</td>
          <td>${count(one.rows_done)}</td></tr>`)}</tbody></table></div>`)}<//>`;
}

/** The names in the first line of a text file; of another kind of file the server alone knows them. */
async function header(file) {
  if (!/\.csv$/i.test(file.name)) return [];
  const bytes = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  const [line] = new TextDecoder(wide).decode(bytes).split(/\r?\n/);
  const mark = ["\t", ";", ","].find((one) => line.includes(one)) ?? ",";
  return line.split(mark).map((name) => name.replace(/^"|"$/g, "").trim()).filter(Boolean);
}

function Mapping({ columns, mapping, proposed, onGo }) {
  const [fields, set] = useState(Object.fromEntries(columns.map((name) => [name, mapping[name] ?? ""])));
  return html`<form class="mapping" onSubmit=${(event) => {
    event.preventDefault();
    onGo(Object.fromEntries(columns.map((name) => [name, fields[name] || "ignore"])));
  }}>
    ${columns.map((name) => html`<label key=${name}>${name}
      ${proposed.includes(name) && html`<small>${t("imports.guessed")}</small>`}
      <select value=${fields[name]} onChange=${(event) => set({ ...fields, [name]: event.target.value })}>
        <option value="">${t("imports.answer")}</option>
        ${FIELDS.map((field) => html`<option key=${field} value=${field}>${t(`field.${field}`)}</option>`)}
      </select></label>`)}
    <footer><button class="primary">${t("imports.replan")}</button></footer></form>`;
}

function Plan({ id }) {
  const found = useLoad(`/imports/${encodeURIComponent(id)}`);
  const [verdict, setVerdict] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [kept, setKept] = useState([]);
  const [mark, setMark] = useState(0);
  const run = async (what) => {
    setBusy(true);
    setWrong("");
    try {
      const told = await post(`/imports/${id}/${what}`);
      if (what === "undo") {
        setKept(told.kept);
        toast(t("imports.undone", { count: count(told.leads_removed) }));
      } else toast(t("imports.committed"));
    } catch (problem) {
      setWrong(said(problem));
    }
    setBusy(false);
    setMark(mark + 1);
    found.again();
  };
  return html`<${Loaded} from=${found}>${(one) => html`
    <div class="head"><h1>${one.filename}</h1><span class="quiet">${t(`import.${one.state}`)},
      ${moment(one.created_at)}</span><a href="#/imports">${t("nav.imports")}</a></div>
    ${one.note && html`<p>${one.note}</p>`}
    <div class="picks" role="group" aria-label=${t("imports.verdict")}>
      ${[["", one.rows_done], ...VERDICTS.map((name) => [name, one.totals[name] ?? 0])].map(([name, many]) => html`
        <button key=${name} aria-pressed=${verdict === name} onClick=${() => setVerdict(name)}>
          ${t(`verdict.${name || "all"}`)} <b>${count(many)}</b></button>`)}
    </div>
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    ${busy && html`<progress aria-label=${t("loading")}></progress>`}
    <div class="tools">
      ${one.state === "planned" && html`<button class="primary" disabled=${busy}
        onClick=${() => run("commit")}>${t("imports.commit")}</button>`}
      ${one.state === "committed" && html`<button disabled=${busy} onClick=${() => run("undo")}>
        ${t("imports.undo")}</button>`}
      ${one.totals.reject > 0 && html`<button onClick=${() => download(`/imports/${id}/errors.csv`)}>
        ${t("imports.errors")}</button>`}
    </div>
    ${kept.length > 0 && html`<p role="status">${t("imports.kept")}
      ${kept.map((lead) => html` <a key=${lead.lead_id} href=${address(`lead/${lead.lead_id}`)}>#${lead.lead_id}</a>`)}</p>`}
    ${one.state === "planned" && held?.id === one.id && html`<details open=${held.proposed.length > 0}>
      <summary>${t("imports.columns")}</summary>
      <${Mapping} columns=${one.columns} mapping=${one.mapping} proposed=${held.proposed}
        onGo=${(mapping) => plan(held.file, mapping).catch((problem) => setWrong(said(problem)))} /></details>`}
    <${Rows} id=${id} verdict=${verdict} key=${`${verdict}${mark}`} />`}<//>`;
}

function Rows({ id, verdict }) {
  const first = useLoad(`/imports/${encodeURIComponent(id)}/rows`, { verdict, limit: 200 });
  const [more, setMore] = useState([]);
  const next = async (after) => setMore([...more,
    ...await get(`/imports/${id}/rows`, { verdict, limit: 200, after })]);
  return html`<${Loaded} from=${first}>${(rows) => {
    const all = [...rows, ...more];
    if (all.length === 0) return html`<p class="quiet">${t("imports.norows")}</p>`;
    return html`<div class="scroll"><table><thead><tr>
        ${["row", "verdict", "name", "phone", "center", "reason"].map((one) => html`
          <th scope="col" key=${one}>${t(`imports.${one}`)}</th>`)}</tr></thead>
      <tbody>${all.map((one) => html`<tr key=${one.row}><td>${one.row}</td>
        <td><span class=${`verdict ${one.verdict}`}>${t(`verdict.${one.verdict}`)}</span></td>
        <td>${one.lead_id ? html`<a href=${address(`lead/${one.lead_id}`)}>${one.fields.player_name ?? "–"}</a>`
          : one.fields.player_name}</td>
        <td>${one.fields.phone}</td><td>${one.fields.center}</td><td>${one.reason}</td></tr>`)}
      </tbody></table></div>
      ${all.length % 200 === 0 && html`<button onClick=${() => next(all.at(-1).row)}>${t("more")}</button>`}`;
  }}<//>`;
}
