// The plan of an import: what happens to each row, and the buttons that commit or undo it.
import { html, useEffect, useState } from "../html.js";
import { download, post } from "../api.js";
import { readDraft, writeDraft } from "../drafts.js";
import { moment } from "../format.js";
import { address } from "../router.js";
import { count, label, labelOr, t } from "../texts.js";
import { errorText, orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { loaded, useLoad } from "../ui/load.js";
import { Progress } from "../ui/progress.js";
import { toast } from "../ui/toast.js";
import { ColumnMapping, plan, plannedFile } from "./column-mapping.js";
import { Layout } from "./layout.js";
import { ImportRows } from "./rows.js";
import { UndoDialog } from "./undo-dialog.js";

/** @typedef {"" | "commit" | "undo"} Action */

export const VERDICTS = ["create", "sibling", "join", "known", "waiting", "reject"];
/** @type {Record<string, "plan" | "commit">} What the server is doing in some states. */
export const RUNNING = { planning: "plan", committing: "commit", uploading: "commit" };
/** How often the progress is read, in milliseconds. */
const EVERY = 700;

/** @param {{ id: string }} props */
export function Plan({ id }) {
  const path = /** @type {`/imports/${string}`} */ (`/imports/${encodeURIComponent(id)}`);
  const found = useLoad(path);
  const [verdict, setVerdict] = useState("");
  const [doubt, setDoubt] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [action, setAction] = useState(/** @type {Action} */ (""));
  const [error, setError] = useState("");
  const [kept, setKept] = useState(/** @type {{ lead_id: number }[]} */ ([]));
  const [version, setVersion] = useState(0);
  const isRunning = action !== "" || (found.data?.state ?? "") in RUNNING;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(found.again, EVERY);
    return () => clearInterval(timer);
  }, [isRunning]);
  /** @param {"commit" | "undo"} what */
  const run = async (what) => {
    setAction(what);
    setError("");
    try {
      if (what === "undo") {
        const undone = await post(`${path}/undo`, undefined, { patient: true });
        setKept(undone.kept);
        toast(t("import.undone", { count: undone.leads_removed }));
      } else {
        await post(`${path}/commit`, undefined, { patient: true });
        toast(t("import.committed"));
      }
    } catch (problem) {
      setError(errorText(problem));
    }
    setAction("");
    setVersion(version + 1);
    found.again();
  };
  return loaded(
    found,
    (one) => html`
    <${Head} one=${one} path=${path} isBusy=${action !== ""} onCommit=${() => run("commit")}
      onUndo=${() => setAsking(true)} />
    ${
      isAsking &&
      html`<${UndoDialog} path=${path} name=${one.filename || `#${one.id}`}
      onClose=${() => setAsking(false)} onUndo=${() => {
        setAsking(false);
        run("undo");
      }} />`
    }
    ${one.problem && html`<p class="wrong">${labelOr("import_problem", one.problem)}</p>`}
    ${error && html`<p class="wrong" role="alert">${error}</p>`}
    ${
      isRunning &&
      html`<${Progress} text=${t(`import.running.${action || RUNNING[one.state]}`)}
      done=${one.rows_done} total=${one.state in RUNNING ? one.rows_total : null} />`
    }
    ${
      kept.length > 0 &&
      html`<p role="status">${t("import.kept", { count: kept.length })}
      ${kept.map(
        (lead) => html` <a key=${lead.lead_id}
        href=${address(`lead/${lead.lead_id}`)}>#${lead.lead_id}</a>`,
      )}</p>`
    }
    <${Table} one=${one} onError=${setError} />
    <${Columns} key=${one.id} one=${one} onError=${setError} />
    <div class="picks verdicts" role="group" aria-label=${t("import_rows.verdict")}>
      ${["", ...VERDICTS].map(
        (name) => html`<button key=${name} class=${`verdict ${name}`}
        aria-pressed=${verdict === name && !doubt} onClick=${() => {
          setVerdict(name);
          setDoubt("");
        }}>
        ${t(`verdict.${name || "all"}`)}${" "}
        <b class="number">${count(countOf(one, name))}</b></button>`,
      )}
    </div>
    <${Doubts} doubts=${one.doubts} chosen=${doubt} onChoose=${(/** @type {string} */ code) => {
      setDoubt(code);
      setVerdict("");
    }} />
    <${ImportRows} path=${path} verdict=${verdict} reason=${doubt} key=${version}
      sheets=${one.layout?.sheets ?? []} />`,
  );
}

/**
 * @param {Import} one
 * @param {string} verdict
 */
const countOf = (one, verdict) =>
  verdict ? (one.totals[verdict] ?? 0) : (one.rows_total ?? one.rows_done);

/**
 * What to look at before the commit: how many rows have each warning, and which these are.
 * @param {{ doubts: Record<string, number>, chosen: string,
 *   onChoose: (code: string) => void }} props
 */
function Doubts({ doubts, chosen, onChoose }) {
  const codes = Object.keys(doubts);
  if (codes.length === 0) return null;
  return html`<div class="picks verdicts" role="group" aria-label=${t("import_doubts")}>
    <span class="quiet">${t("import_doubts")}</span>
    ${codes.map(
      (code) => html`<button key=${code} class="verdict doubt" aria-pressed=${chosen === code}
      onClick=${() => onChoose(chosen === code ? "" : code)}>
      ${label("import_doubt", code)}${" "}
      <b class="number">${count(doubts[code] ?? 0)}</b></button>`,
    )}</div>`;
}

/**
 * @param {{ one: Import, path: string, isBusy: boolean, onCommit: () => void,
 *   onUndo: () => void }} props
 */
function Head({ one, path, isBusy, onCommit, onUndo }) {
  return html`<div class="head">
    <a class="button plain" href="#/imports" aria-label=${t("import.back")}>
      <${Icon} name="chevron-left" /></a>
    <h1>${one.filename || `#${one.id}`}</h1>
    <span class=${`badge ${one.state}`}>${t(`import_state.${one.state}`)}</span>
    <span class="quiet">${moment(one.created_at)}</span>
    <div class="tools">
      ${
        (one.totals.reject ?? 0) > 0 &&
        html`
        <button onClick=${() => orToast(() => download(`${path}/errors.csv`))}>
          <${Icon} name="download" />${t("import.errors")}</button>`
      }
      ${
        one.state === "committed" &&
        html`
        <button disabled=${isBusy} onClick=${onUndo}>
          <${Icon} name="undo-2" />${t("import.undo")}</button>`
      }
      ${
        one.state === "planned" &&
        html`
        <button class="primary" disabled=${isBusy} onClick=${onCommit}>
          <${Icon} name="check" />${t("import.commit")}</button>`
      }
    </div></div>`;
}

/**
 * Which table of the file was read; it can be changed while the file is available.
 * @param {{ one: Import, onError: (text: string) => void }} props
 */
function Table({ one, onError }) {
  const planned = plannedFile(one.id);
  const chosen = one.state === "planned" && planned ? planned.layout : null;
  if (!one.layout) return null;
  /** @param {import("./layout.js").LayoutChoices} layout */
  const again = (layout) => {
    if (!planned) return;
    // Another table has other columns: only another order of dates leaves them as they are.
    const isSame = one.layout?.header_row === (layout.headerRow ?? one.layout?.header_row);
    const mapping = isSame && layout.sheets === chosen?.sheets ? one.mapping : {};
    plan(planned.file, { mapping, center: planned.center, layout }).catch((problem) =>
      onError(errorText(problem)),
    );
  };
  return html`<${Layout} key=${one.id} layout=${one.layout} chosen=${chosen} onSubmit=${again} />`;
}

/**
 * What each column was taken for; it can be changed while the file is available. What was chosen
 * before the page was left is still there, but the file has to be chosen again.
 * @param {{ one: Import, onError: (text: string) => void }} props
 */
function Columns({ one, onError }) {
  const planned = plannedFile(one.id);
  const draft = { name: `import/${one.id}`, title: one.filename || `#${one.id}` };
  const [isKept] = useState(() => readDraft(draft.name) !== null);
  const [file, setFile] = useState(planned?.file);
  const isPlanned = one.state === "planned";
  useEffect(() => {
    if (!isPlanned && !(one.state in RUNNING)) writeDraft(draft.name, null);
  }, [one.state]);
  if (!isPlanned || !(planned || isKept)) return null;
  /** @param {import("./column-mapping.js").Choices} choices */
  const again = async (choices) => {
    if (!file) {
      onError(t("mapping.file", { name: draft.title }));
      return;
    }
    try {
      await plan(file, { ...choices, layout: planned?.layout });
      writeDraft(draft.name, null);
    } catch (problem) {
      onError(errorText(problem));
    }
  };
  const proposed = planned?.proposed ?? [];
  const isOpen = isKept || proposed.length > 0 || one.statuses.length > 0;
  return html`<details class="panel" open=${isOpen}>
    <summary>${t("mapping.title")}</summary>
    ${
      !planned &&
      html`<label class="line">${t("mapping.file", { name: draft.title })}
      <input type="file" onChange=${(/** @type {PageEvent} */ event) =>
        setFile(event.target.files?.[0])} /></label>`
    }
    <${ColumnMapping} columns=${one.columns} mapping=${one.mapping} proposed=${proposed}
      texts=${one.statuses} center=${planned?.center ?? ""} draft=${draft}
      onSubmit=${again} /></details>`;
}
