// The board: a column for each status. Cards are moved by drag and drop, with their menu, or with
// keys; a move is shown at once, and can be undone.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { Problem, get, patch } from "../api.js";
import { Column, cardOf } from "../leads/board-column.js";
import { queryOf } from "../leads/filter-values.js";
import { FILTERS, Filters } from "../leads/filters.js";
import { LOST, STATUSES, TRIAL, title } from "../leads/lead.js";
import { shown } from "../leads/history.js";
import { leadPages } from "../leads/lists.js";
import { StatusFields, statusChange, suggestedTrial } from "../leads/status-fields.js";
import { undoOf } from "../leads/undo.js";
import { currentPlace, replace } from "../router.js";
import { useAlert, useUndo } from "../ui/arrivals.js";
import { count, label, t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Submit, errorText, useForm } from "../ui/form.js";
import { useKeys } from "../ui/keys.js";
import { useLoad } from "../ui/load.js";
import { usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

/** @typedef {Record<string, string | null>} Change */
/** @typedef {{ lead: LeadRow, status: string }} Move */
/** @typedef {{ lead: LeadRow, change: Change, now: LeadDetail }} Disputed */

const MOST = 30;
const LEADS = leadPages(MOST);
/** How often the board is read, in milliseconds, while it is on the screen. */
const EVERY = 60_000;
/** The filters of the list that make no sense here: a column has its status and its order. */
const LEFT_OUT = ["status", "sort"];
const OWN_FILTERS = FILTERS.filter((name) => !LEFT_OUT.includes(name));
/** What a move may change, or what a person looks at before it. */
const SHOWN = /** @type {const} */ ([
  "status",
  "next_followup_date",
  "trial_at",
  "trial_outcome",
  "lost_reason",
  "lost_reason_text",
  "owner_id",
  "do_not_contact",
]);

/** @param {PageProps} props */
export default function BoardPage({ query, session }) {
  const filter = Object.fromEntries(OWN_FILTERS.map((name) => [name, query[name] ?? ""]));
  const mayEdit = session.me.role !== "observer";
  const options = useLoad("/leads/filter-options");
  const owners = useLoad("/leads/owners");
  /** The center, if it's the only one. */
  const center_id = /^\d+$/.test(filter.center_id) ? filter.center_id : "";
  const counts = useLoad("/leads/counts", { center_id });
  const isCounted = OWN_FILTERS.every((name) =>
    name === "center_id" ? filter[name] === center_id : !filter[name],
  );
  // One list for each status; there are always the same statuses, so hooks may be in a loop.
  const columns = STATUSES.map((status) => ({
    status,
    list: usePages(LEADS, { ...queryOf(filter), test: filter.test || "no", status }),
  }));
  const [asked, setAsked] = useState(/** @type {Move | null} */ (null));
  const [disputed, setDisputed] = useState(/** @type {Disputed | null} */ (null));
  // By lead, the version that the last move from here has made.
  const versions = useRef(/** @type {Map<number, number>} */ (new Map()));
  const moved = useRef(/** @type {number | null} */ (null));
  // Moves are sent one after the other, each with the version that the one before has made.
  const sending = useRef(Promise.resolve());
  const refresh = () => {
    counts.again();
    // A column that was read further stays as it is: it would lose what is being looked at.
    for (const { list } of columns) if (list.items.length <= MOST) list.again();
  };
  useRefresh(refresh, !asked && !disputed);
  const drawn = useRef(columns);
  drawn.current = columns;
  /** @param {number} id */
  const find = (id) => drawn.current.flatMap((one) => one.list.items).find((one) => one.id === id);
  /** @param {LeadRow} lead */
  const put = (lead) => {
    for (const { status, list } of drawn.current) {
      list.change((items) => {
        const others = items.filter((one) => one.id !== lead.id);
        const isHere = others.length < items.length;
        if (status !== lead.status) return isHere ? others : items;
        return isHere ? items.map((one) => (one.id === lead.id ? lead : one)) : [lead, ...others];
      });
    }
  };
  /**
   * @param {LeadRow} lead As it is shown before the move.
   * @param {Change} change
   */
  const move = (lead, change) => {
    const status = change.status ?? lead.status;
    moved.current = lead.id;
    put({ ...lead, .../** @type {object} */ (change) });
    sending.current = sending.current.then(async () => {
      try {
        const after = await save(lead, change, versions.current.get(lead.id));
        versions.current.set(lead.id, after.version);
        if (find(lead.id)?.status === status) put(after);
        toast(t("board.moved", { name: title(lead), status: label("status", status) }), {
          undo: () => undo(after),
        });
      } catch (problem) {
        if (problem instanceof Outdated) {
          put(problem.now);
          setDisputed({ lead, change, now: problem.now });
        } else {
          toast(problem instanceof Gone ? problem.message : errorText(problem), { wrong: true });
          refresh();
        }
      }
      counts.again();
    });
  };
  /** @param {EditedLead} after The answer to a move. */
  const undo = async (after) => {
    await sending.current;
    const isDone = await undoOf(after)?.((lead) => {
      versions.current.set(lead.id, lead.version);
      moved.current = lead.id;
      put(lead);
      counts.again();
    });
    if (!isDone) refresh();
    return isDone;
  };
  useLayoutEffect(() => {
    // The focus follows the card, unless it is elsewhere.
    if (moved.current === null || asked || disputed) return;
    if (document.activeElement === document.body) cardOf(moved.current)?.focus();
    moved.current = null;
  });
  /**
   * @param {LeadRow | undefined} lead
   * @param {string | undefined} status
   */
  const request = (lead, status) => {
    if (!mayEdit || !lead || !status || lead.status === status) return;
    if (status === TRIAL || status === LOST) setAsked({ lead, status });
    else move(lead, { status });
  };
  /** @param {number} by */
  const moveBy = (by) => {
    const card = document.activeElement?.closest("[data-lead]");
    const lead = find(Number(card?.getAttribute("data-lead")));
    if (lead) request(lead, STATUSES[STATUSES.indexOf(lead.status) + by]);
  };
  useKeys({
    "]": () => moveBy(1),
    "[": () => moveBy(-1),
    "j": () => focusBy(1),
    "k": () => focusBy(-1),
  });
  /** @param {Record<string, string>} changes */
  const set = (changes) => replace("board", { ...currentPlace().query, ...changes });
  const named = center_id || session.ownCenters.length < 2 ? [] : session.centers;
  /** @type {(column: (typeof columns)[number]) => string} */
  const total = ({ status, list }) => {
    if (isCounted) return counts.data ? count(counts.data.statuses[status] ?? 0) : "";
    return list.isFresh ? `${count(list.items.length)}${list.hasMore ? "+" : ""}` : "";
  };
  return html`
    <div class="head"><h1>${t("nav.board")}</h1>
      ${mayEdit && html`<small class="quiet hint">${t("board.hint")}</small>`}</div>
    <${Filters} filter=${filter} set=${set} centers=${session.ownCenters} options=${options.data}
      owners=${owners.data}
      leftOut=${LEFT_OUT} />
    <div class="board" role="group" aria-label=${t("nav.board")} tabindex="0">
      ${columns.map(
        (column) => html`<${Column} key=${column.status} status=${column.status}
        list=${column.list} total=${total(column)} centers=${named}
        mayEdit=${mayEdit} onMove=${(/** @type {number} */ id, /** @type {string} */ status) =>
          request(find(id), status)} />`,
      )}</div>
    ${
      asked &&
      html`<${MoveDialog} ...${asked} onClose=${() => setAsked(null)}
      onMove=${(/** @type {Change} */ change) => {
        setAsked(null);
        move(asked.lead, change);
      }} />`
    }
    ${
      disputed &&
      html`<${MoveConflict} ...${disputed} centers=${session.centers}
      onClose=${() => setDisputed(null)} onMove=${() => {
        setDisputed(null);
        move(disputed.now, disputed.change);
      }} />`
    }`;
}

/** The lead that a move is about is part of another one. */
class Gone extends Error {}

/** A lead isn't as the board shows it, but as it is `now`. */
class Outdated extends Error {
  /** @param {LeadDetail} now */
  constructor(now) {
    super();
    this.now = now;
  }
}

/**
 * Save a move, unless someone else has changed what the card shows: throw `Outdated` then.
 * @param {LeadRow} lead As it was shown.
 * @param {Change} change
 * @param {number | undefined} known The version that was made here, and needs no question.
 * @returns {Promise<EditedLead>}
 */
async function save(lead, change, known) {
  const path = /** @type {`/leads/${number}`} */ (`/leads/${lead.id}`);
  for (;;) {
    const now = await get(path);
    if (now.id !== lead.id) {
      throw new Gone(t("merge.became", { before: title(lead), name: title(now) }));
    }
    if (now.version !== known && differing(lead, now).length > 0) throw new Outdated(now);
    try {
      const { data } = await patch(path, change, { "if-match": `"${now.version}"` });
      return /** @type {EditedLead} */ (data);
    } catch (problem) {
      // Changed between the two requests: look again.
      if (!(problem instanceof Problem) || problem.status !== 412) throw problem;
    }
  }
}

/**
 * @param {LeadRow} before
 * @param {LeadRow} now
 */
const differing = (before, now) => SHOWN.filter((name) => before[name] !== now[name]);

/**
 * Call `refresh` from time to time, and when the page comes back to the screen.
 * @param {() => void} refresh
 * @param {boolean} isFree Whether it may.
 */
function useRefresh(refresh, isFree) {
  const latest = useRef(refresh);
  latest.current = () => {
    // A card that is dragged, or whose menu is open, stays where it is.
    const isHeld = document.querySelector(".mini.dragged, .menu:popover-open") !== null;
    if (isFree && !isHeld && document.visibilityState === "visible") refresh();
  };
  useAlert(() => latest.current());
  useUndo(() => latest.current());
  useEffect(() => {
    const call = () => latest.current();
    const timer = setInterval(call, EVERY);
    document.addEventListener("visibilitychange", call);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", call);
    };
  }, []);
}

/**
 * Move the focus to a card before or after the one that has it.
 * @param {number} by
 */
function focusBy(by) {
  const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-lead] > a")]);
  const now = cards.findIndex((one) => one.parentElement?.contains(document.activeElement));
  cards[Math.max(0, Math.min(cards.length - 1, now + by))]?.focus();
}

/**
 * Asks for what a status needs: the date of the trial, or why the lead is lost.
 * @param {Move & { onClose: () => void, onMove: (change: Change) => void }} props
 */
function MoveDialog({ lead, status, onClose, onMove }) {
  const first = { status, trial_at: suggestedTrial(null), lost_reason: "", lost_reason_text: "" };
  const form = useForm(first, async (values) => onMove(statusChange(values)));
  return html`<${Dialog} title=${`${title(lead)}: ${label("status", status)}`} onClose=${onClose}>
    <form onSubmit=${form.submit}><${StatusFields} form=${form} center=${lead.center_id} />
      <${Submit} form=${form} text=${t("board.move")} /></form>
  <//>`;
}

/**
 * Someone else has changed the lead meanwhile: shows what, and asks whether it is moved anyway.
 * @param {Disputed & { centers: Center[], onClose: () => void, onMove: () => void }} props
 */
function MoveConflict({ lead, change, now, centers, onClose, onMove }) {
  /** @param {(typeof SHOWN)[number]} name */
  const line = (name) => {
    const [before, after] = [lead, now].map((one) =>
      name === "owner_id"
        ? (one.owner ?? t("owner.none"))
        : shown(name, /** @type {string | null} */ (one[name]), centers),
    );
    return html`<li key=${name}><span class="quiet">${label("lead", name)}</span>
      <del>${before}</del> → <b>${after}</b></li>`;
  };
  const changed = differing(lead, now);
  const status = label("status", change.status);
  return html`<${Dialog} title=${t("board.conflict", { name: title(now) })} onClose=${onClose}>
    <ul class="list">${changed
      .filter((name) => name !== "do_not_contact")
      .map(line)}${now.do_not_contact && html`<li class="late">${t("contact.refused")}</li>`}</ul>
    <div class="buttons"><button type="button" onClick=${onClose}>${t("board.keep")}</button>
      ${
        now.status !== change.status &&
        html`<button type="button" class="primary" onClick=${onMove}>
        ${t("board.move_anyway", { status })}</button>`
      }</div>
  <//>`;
}
