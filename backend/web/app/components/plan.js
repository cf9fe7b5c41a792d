// The plan of an import: what becomes of each row, and then of all.
import { html, useEffect, useState } from "../html.js";
import { download, get, post } from "../api.js";
import { said } from "./form.js";
import { Icon } from "./icon.js";
import { Loaded, useLoad } from "./load.js";
import { Mapping, atHand, plan } from "./mapping.js";
import { Progress } from "./progress.js";
import { toast } from "./toast.js";
import { address } from "../router.js";
import { count, moment, t } from "../words.js";

const VERDICTS = ["create", "sibling", "join", "known", "waiting", "reject"];
/** What runs, here or elsewhere, and what is said of it. */
const RUNNING = { planning: "planning", committing: "commit", uploading: "commit" };
const PAGE = 200;

export function Plan({ id }) {
  const path = `/imports/${encodeURIComponent(id)}`;
  const found = useLoad(path);
  const [verdict, setVerdict] = useState("");
  const [doing, setDoing] = useState("");
  const [wrong, setWrong] = useState("");
  const [kept, setKept] = useState([]);
  const [mark, setMark] = useState(0);
  useEffect(() => {
    if (!doing && !RUNNING[found.data?.state]) return undefined;
    const timer = setInterval(found.again, 700);
    return () => clearInterval(timer);
  }, [doing, found.data?.state]);
  const run = async (what) => {
    setDoing(what);
    setWrong("");
    try {
      const told = await post(`${path}/${what}`);
      if (what === "undo") {
        setKept(told.kept);
        toast(t("imports.undone", { count: count(told.leads_removed) }));
      } else toast(t("imports.committed"));
    } catch (problem) {
      setWrong(said(problem));
    }
    setDoing("");
    setMark(mark + 1);
    found.again();
  };
  return html`<${Loaded} from=${found}>${(one) => html`
    <div class="head"><a class="button plain" href="#/imports" aria-label=${t("imports.back")}>
        <${Icon} name="chevron-left" /></a>
      <h1>${one.filename || `#${one.id}`}</h1><span class=${`badge ${one.state}`}>${t(`import.${one.state}`)}</span>
      <span class="quiet">${moment(one.created_at)}</span>
      <div class="tools">
        ${one.totals.reject > 0 && html`<button onClick=${() => download(`${path}/errors.csv`)}>
          <${Icon} name="download" />${t("imports.errors")}</button>`}
        ${one.state === "committed" && html`<button disabled=${doing} onClick=${() => run("undo")}>
          <${Icon} name="undo-2" />${t("imports.undo")}</button>`}
        ${one.state === "planned" && html`<button class="primary" disabled=${doing}
          onClick=${() => run("commit")}><${Icon} name="check" />${t("imports.commit")}</button>`}
      </div></div>
    ${one.problem && html`<p>${one.problem.message}</p>`}
    ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
    ${(doing || RUNNING[one.state]) && html`<${Progress} text=${t(`imports.${doing || RUNNING[one.state]}.now`)}
      done=${one.rows_done} total=${RUNNING[one.state] ? one.rows_total : undefined} />`}
    ${kept.length > 0 && html`<p role="status">${t("imports.kept")}
      ${kept.map((lead) => html` <a key=${lead.lead_id} href=${address(`lead/${lead.lead_id}`)}>#${lead.lead_id}</a>`)}</p>`}
    <${Columns} one=${one} onWrong=${setWrong} />
    <div class="verdicts" role="group" aria-label=${t("imports.verdict")}>
      ${[["", one.rows_total ?? one.rows_done], ...VERDICTS.map((name) => [name, one.totals[name] ?? 0])].map(([name, many]) => html`
        <button key=${name} class=${`verdict ${name}`} aria-pressed=${verdict === name} onClick=${() => setVerdict(name)}>
          ${t(`verdict.${name || "all"}`)} <b class="number">${count(many)}</b></button>`)}
    </div>
    <${Rows} path=${path} verdict=${verdict} key=${`${verdict}${mark}`} />`}<//>`;
}

/** Which columns were understood as what; to be changed while the file is at hand. */
function Columns({ one, onWrong }) {
  const held = atHand(one.id);
  if (one.state !== "planned" || !held) return null;
  const again = (mapping) => plan(held.file, mapping).catch((problem) => onWrong(said(problem)));
  return html`<details class="panel" open=${held.proposed.length > 0}><summary>${t("imports.columns")}</summary>
    <${Mapping} columns=${one.columns} mapping=${one.mapping} proposed=${held.proposed} onGo=${again} /></details>`;
}

function Rows({ path, verdict }) {
  const first = useLoad(`${path}/rows`, { verdict, limit: PAGE });
  const [more, setMore] = useState([]);
  const next = async (after) => setMore([...more, ...await get(`${path}/rows`, { verdict, limit: PAGE, after })]);
  return html`<${Loaded} from=${first}>${(rows) => {
    const all = [...rows, ...more];
    if (all.length === 0) return html`<p class="quiet pad">${t("imports.norows")}</p>`;
    return html`<section class="panel"><div class="scroll"><table><thead><tr>
        ${["row", "verdict", "name", "phone", "center", "reason"].map((one) => html`
          <th scope="col" key=${one}>${t(`imports.${one}`)}</th>`)}</tr></thead>
      <tbody>${all.map((one) => html`<tr key=${one.row}><td class="number quiet">${one.row}</td>
        <td><span class=${`badge ${one.verdict}`}>${t(`verdict.${one.verdict}`)}</span></td>
        <td>${one.lead_id ? html`<a href=${address(`lead/${one.lead_id}`)}>${one.fields.player_name ?? "–"}</a>`
          : one.fields.player_name}</td>
        <td class="whole">${one.fields.phone}</td><td>${one.fields.center}</td><td class="quiet">${one.reasons.map((why) => why.message).join("; ")}</td></tr>`)}
      </tbody></table></div>
      ${all.length % PAGE === 0 && html`<button onClick=${() => next(all.at(-1).row)}>${t("more")}</button>`}
    </section>`;
  }}<//>`;
}
