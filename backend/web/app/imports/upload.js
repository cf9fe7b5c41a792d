// Where a spreadsheet is dropped or chosen. Its progress shows until the plan opens.
import { html, useEffect, useState } from "../html.js";
import { get } from "../api.js";
import { t } from "../texts.js";
import { errorText } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { Progress } from "../ui/progress.js";
import { ColumnMapping, columnNames, plan } from "./column-mapping.js";

/**
 * @typedef {import("./column-mapping.js").Choices} Choices
 * @typedef {{ name: string, done: number, total: number | null }} Job
 * @typedef {{ file: File, choices: Choices, text: string, columns: string[] }} Failure
 */

/** How often the progress is read, in milliseconds. */
const EVERY = 700;

const ACCEPTED =
  ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods,.html,.htm,.xml,.zip,.vcf,.vcard,.json,.jsonl,.ndjson";

/** Files whose columns only the server can read, and which may have none for the center. */
const MAY_LACK_CENTER = /\.(vcf|vcard|jsonl?|ndjson|xlsx?|xlsm|ods)$/i;

export function Upload() {
  const [job, setJob] = useState(/** @type {Job | null} */ (null));
  const [failure, setFailure] = useState(/** @type {Failure | null} */ (null));
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!job) return undefined;
    const timer = setInterval(async () => {
      // Without an answer the bar stands still for a moment.
      const [newest] = await get("/imports/", { limit: 1 }).catch(() => []);
      if (newest?.state !== "planning") return;
      setJob((now) => now && { ...now, done: newest.rows_done, total: newest.rows_total });
    }, EVERY);
    return () => clearInterval(timer);
  }, [job !== null]);
  /**
   * @param {File | undefined} file
   * @param {Choices} [choices]
   */
  const take = async (file, choices = { mapping: {} }) => {
    if (!file) return;
    setFailure(null);
    setJob({ name: file.name, done: 0, total: null });
    try {
      await plan(file, choices);
    } catch (problem) {
      setFailure({ file, choices, text: errorText(problem), columns: await columnNames(file) });
    }
    setJob(null);
  };
  /** @param {PageEvent} event */
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files[0]);
  };
  /** @param {PageEvent} event */
  const dragOver = (event) => {
    event.preventDefault();
    setOver(true);
  };
  /** @param {PageEvent} event */
  const choose = (event) => {
    take(event.target.files?.[0]);
    // So that the same file, once corrected, can be chosen again.
    event.target.value = "";
  };
  return html`<label class=${isOver ? "drop over" : "drop"} onDragOver=${dragOver}
      onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <${Icon} name="upload" size=${26} />
      <b>${t("upload.title")}</b><span class="quiet">${t("upload.hint")}</span>
      <input type="file" onChange=${choose}
        accept=${ACCEPTED} />
    </label>
    ${
      job &&
      html`<${Progress} text=${t("upload.reading", { name: job.name })} done=${job.done}
      total=${job.total} />`
    }
    ${
      failure &&
      html`<section class="panel" role="alert"><p class="wrong">${failure.text}</p>
      ${
        (failure.columns.length > 0 || MAY_LACK_CENTER.test(failure.file.name)) &&
        html`<${ColumnMapping} columns=${failure.columns}
        mapping=${failure.choices.mapping} proposed=${[]} isNew center=${failure.choices.center}
        onSubmit=${(/** @type {Choices} */ choices) => take(failure.file, choices)} />`
      }
    </section>`
    }`;
}
