// What each person did in a period, and what they have to do now. Each number links to its leads.
import { html } from "../html.js";
import { download } from "../api.js";
import { duration, share } from "../format.js";
import { address } from "../router.js";
import { count, t } from "../texts.js";
import { Cards } from "../ui/cards.js";
import { ExportMenu } from "../ui/export-menu.js";
import { orToast } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";

/** @typedef {{ from: string, to: string, center_id: string }} Period */
/** @typedef {PersonReport & { key: number, name: string }} Person */
/** @typedef {import("../ui/cards.js").Column<Person>} Column */

/** Each number of a person, and what they did to its leads. */
const DONE = /** @type {const} */ ([
  ["attempts", "attempt"],
  ["conversations", "conversation"],
  ["trial", "trial"],
  ["attended", "attended"],
  ["joined", "joined"],
  ["lost", "lost"],
  ["called", "called"],
]);
const SOON = /** @type {const} */ ([
  ["within_5m", "5m"],
  ["within_1h", "hour"],
]);
/** @type {Record<string, string>} */
const FILES = { csv: "/reports/people.csv", xlsx: "/reports/people.xlsx" };
/** What there is to do now, and the filter of its leads. */
const TO_DO = /** @type {const} */ ([
  ["owned", { work: "open" }],
  ["overdue", { due: "overdue" }],
  ["no_next_step", { work: "no_next_step" }],
]);

/** @param {{ period: Period, mayExport: boolean }} props */
export function People({ period, mayExport }) {
  const report = useLoad("/reports/people", period);
  return html`<section class="panel whole people"><div class="panel-head">
      <h2>${t("reports.people")}</h2>
      ${
        mayExport &&
        html`<${ExportMenu} save=${(/** @type {string} */ kind) =>
          orToast(() => download(FILES[kind], period))} />`
      }</div>
    ${loaded(report, (data) =>
      data.people.length > 0
        ? html`<${Cards} key=${JSON.stringify(period)} label=${t("reports.people")}
          columns=${columnsOf(period)}
          rows=${data.people.map((one) => ({ ...one, key: one.user_id, name: one.full_name }))} />`
        : html`<p class="quiet">${t("reports.people.empty")}</p>`,
    )}</section>`;
}

/**
 * @param {Period} period
 * @returns {Column[]}
 */
function columnsOf({ from, to, center_id }) {
  /** @type {(filter: Record<string, string>, text: string) => Child} */
  const link = (filter, text) =>
    html`<a href=${address("leads", { center_id, test: "no", ...filter })}>${text}</a>`;
  /** @type {(one: Person, did: string, text: string, more?: Record<string, string>) => Child} */
  const work = (one, did, text, more) =>
    link({ did, did_by: String(one.user_id), did_from: from, did_to: to, ...more }, text);
  return [
    ...DONE.map(([name, did]) => ({
      name: t(`did.${did}`),
      by: (/** @type {Person} */ one) => one[name],
      cell: (/** @type {Person} */ one) => work(one, did, count(one[name])),
    })),
    {
      name: t("reports.first_response"),
      by: (one) => -(one.first_call_median_s ?? Infinity),
      cell: (one) => html`${work(one, "called", duration(one.first_call_median_s))}
        ${
          one.first_call_average_s !== null &&
          html`<small>${t("reports.average", { time: duration(one.first_call_average_s) })}</small>`
        }`,
    },
    ...SOON.map(([name, within]) => ({
      name: t(`first_call.${within}`),
      by: (/** @type {Person} */ one) => one[name] / (one.called || 1),
      cell: (/** @type {Person} */ one) =>
        work(one, "called", share(one[name], one.called), { first_call: within }),
    })),
    ...TO_DO.map(([name, filter]) => ({
      name: t(`reports.now.${name}`),
      by: (/** @type {Person} */ one) => one[name],
      cell: (/** @type {Person} */ one) =>
        link({ owner: String(one.user_id), ...filter }, count(one[name])),
    })),
  ];
}
