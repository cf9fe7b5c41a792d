// What happens now: who works on what, and which leads wait. It follows while it is looked at.
import { html, useEffect } from "../html.js";
import { dayFromToday, duration, when } from "../format.js";
import { CenterChoice } from "../leads/filters.js";
import { address, replace } from "../router.js";
import { count, t } from "../texts.js";
import { Cards } from "../ui/cards.js";
import { loaded, useLoad } from "../ui/load.js";

/** @typedef {LivePerson & { key: number, name: string }} Person */
/** @typedef {LiveCenter & { key: number, name: string }} Waiting */

/** Milliseconds. */
const EVERY = 10_000;
/** Counts stop here. */
const MOST_COUNTED = 100;

/** @param {number} many */
const more = (many) => (many < MOST_COUNTED ? "" : "+");
/** @param {number} many */
const upTo = (many) => count(many) + more(many);

/** @param {PageProps} props */
export default function LivePage({ query, session }) {
  const center = query.center_id ?? "";
  const live = useLoad("/reports/live", { center_id: center });
  const { again } = live;
  useEffect(() => {
    const look = () => document.visibilityState === "visible" && again();
    const timer = setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [again]);
  const names = new Map(session.centers.map((one) => [one.id, one.display_name]));
  return html`<div class="head"><h1>${t("nav.live")}</h1>
      <span class="tools"><span class="wrong" role="status">
        ${live.data !== null && live.problem && t("live.late")}</span>
        <${CenterChoice} centers=${session.ownCenters} value=${center}
        onChange=${(/** @type {string} */ value) => replace("live", { center_id: value })} />
        <a class="button" href="#/reports">${t("nav.reports")}</a></span></div>
    ${loaded(
      live,
      (data) => html`
      <div class="reports">
        <section class="panel whole"><h2>${t("live.waiting")}</h2>
          ${
            data.deliveries !== null &&
            html`<p><a href="#/intake?state=waiting">
            ${t("live.deliveries", { count: data.deliveries, more: more(data.deliveries) })}
            </a></p>`
          }
          <${Cards} label=${t("live.waiting")} columns=${
            data.centers.some((one) => one.missed_targets !== null) ? [...WAITING, MISSED] : WAITING
          }
            rows=${data.centers.map((one) => ({
              ...one,
              key: one.center_id ?? 0,
              name: names.get(one.center_id ?? 0) ?? t("none"),
            }))} /></section>
        <section class="panel whole"><h2>${t("live.people")}</h2>
          <${Cards} label=${t("live.people")} columns=${peopleOf(center)}
            rows=${data.people.map((one) => ({
              ...one,
              key: one.user_id,
              name: one.full_name,
            }))} /></section>
      </div>`,
    )}`;
}

/** @type {(filter: Record<string, string | number>, text: string) => Child} */
const link = (filter, text) =>
  html`<a href=${address("leads", { test: "no", ...filter })}>${text}</a>`;

/** What was done today. */
const today = () => ({ did_from: dayFromToday(0), did_to: dayFromToday(0) });

/** @param {string | null} name */
const player = (name) => name || t("live.nameless");

/** @type {import("../ui/cards.js").Column<Waiting>} Where targets are kept. */
const MISSED = {
  name: t("live.missed"),
  by: (one) => one.missed_targets ?? 0,
  cell: ({ center_id: center, missed_targets: many }) =>
    link({ did: "missed_target", ...today(), center_id: center ?? "none" }, upTo(many ?? 0)),
};

/** @type {import("../ui/cards.js").Column<Waiting>[]} */
const WAITING = [
  {
    name: t("live.new"),
    by: (one) => one.new,
    cell: (one) =>
      link(
        { status: "New", first_call: "none", center_id: one.center_id ?? "none" },
        upTo(one.new),
      ),
  },
  {
    name: t("live.oldest"),
    cell: ({ oldest }) =>
      oldest
        ? html`<a href=${`#/lead/${oldest.lead_id}`}>${player(oldest.player_name)}</a>
        <small>${duration((Date.now() - Date.parse(oldest.created_time)) / 1000)}</small>`
        : "–",
  },
  {
    name: t("due.overdue"),
    by: (one) => one.overdue,
    cell: (one) => link({ due: "overdue", center_id: one.center_id ?? "none" }, upTo(one.overdue)),
  },
];

/**
 * @param {string} center_id
 * @returns {import("../ui/cards.js").Column<Person>[]}
 */
function peopleOf(center_id) {
  /** @type {(one: Person, did: string, many: number) => Child} */
  const doneToday = ({ user_id: did_by }, did, many) =>
    link({ did, did_by, ...today(), center_id }, count(many));
  return [
    {
      name: t("live.state"),
      by: (one) => Number(one.present),
      cell: (one) => (one.present === null ? "–" : t(one.present ? "live.present" : "live.away")),
    },
    {
      name: t("live.in_hand"),
      by: (one) => one.in_hand.length,
      cell: (one) =>
        one.in_hand.length > 0
          ? one.in_hand.map(
              (lead) => html`<a key=${lead.lead_id} href=${`#/lead/${lead.lead_id}`}>
              ${player(lead.player_name)}</a> `,
            )
          : "–",
    },
    {
      name: t("live.attempts"),
      by: (one) => one.attempts,
      cell: (one) => doneToday(one, "attempt", one.attempts),
    },
    {
      name: t("did.conversation"),
      by: (one) => one.conversations,
      cell: (one) => doneToday(one, "conversation", one.conversations),
    },
    { name: t("live.last"), cell: (one) => when(one.last_at) || "–" },
  ];
}
