// The call queue: call, record the outcome with two keys, go on to the next lead.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { SENT, listWaiting, readDraft, writeDraft } from "../drafts.js";
import { moment, since, when } from "../format.js";
import { CallOutcome } from "../leads/call-outcome.js";
import { isIdle, useClaim } from "../leads/claim.js";
import { History } from "../leads/history.js";
import { Avatar, CallLinks, Household, Status, phoneText, title } from "../leads/lead.js";
import { Problem } from "../api.js";
import { TimeLeft } from "../leads/time-left.js";
import { keepSkipped, listSkipped, unskip } from "../leads/undo.js";
import { address, replace } from "../router.js";
import { useAlert, useUndo } from "../ui/arrivals.js";
import { count, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { ignoreKeys, useKeys } from "../ui/keys.js";
import { Empty, failed, lazy, useLoad, waiting } from "../ui/load.js";
import { pages, usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

const mergedAway = () => import("../leads/merged-away.js");
const MergedAway = lazy(mergedAway, "MergedAway");

/** The server stops counting here. */
export const MOST_COUNTED = 1000;
/** How often the queue is read, in milliseconds. */
const EVERY = 60_000;
/** Whose leads are shown, unless it's the person's own and those of their centers' queues. */
const VIEWS = ["mine", "center", "all"];
/** How many events of a lead are shown. */
const EVENTS = 6;
/** The draft that says which lead is in hand. */
const HAND = "hand";
/** The copy of the queue that is shown without a network. */
const COPY = "copy/queue";
/** How many leads a request may skip, and how long their list may be. */
const MOST_SKIPPED = 100;
const LONGEST_SKIP = 500;

/** @type {PageSource<QueuedLead, CallQueue>} */
const QUEUE = { path: "/leads/next", limit: 30, items: (page) => page.leads, next: () => null };

/** @param {PageProps} props */
export default function CallNextPage({ query, session }) {
  const [skip, setSkip] = useState(skippedIds);
  const { view = "" } = query;
  const mayEdit = session.me.role !== "observer";
  const read = usePages(QUEUE, { skip, view });
  const copy = read.page || !read.problem ? null : keptQueue();
  const queue = copy ? { ...read, items: copy.leads, page: copy } : read;
  // The lead that was selected, dialled or typed about. It stays until it is saved or skipped.
  const [hand, setHand] = useState(() => /** @type {number | null} */ (inHand()));
  const shown = useRef(/** @type {QueuedLead | undefined} */ (undefined));
  // Whose leads the card was chosen from.
  const from = useRef(view);
  // The lead of the card on the screen, and whether the next one comes because the person asked.
  const drawn = useRef(0);
  const isAsked = useRef(true);
  const isSwapped = useRef(false);
  // The lead of the card, if someone has changed it since the queue was read.
  const changed = useRef(0);
  // The next card takes the focus, so that its name is read out.
  const isLeft = useRef(false);
  useEffect(() => {
    const again = () => {
      setSkip(skippedIds());
      queue.again();
    };
    const timer = setInterval(again, EVERY);
    return () => clearInterval(timer);
  }, [queue.again]);
  // While some are kept, `api.js` can't ask for the queue before this page does.
  useEffect(() => keepSkipped(listSkipped()), []);
  useAlert(queue.again);
  useUndo(queue.again);
  useEffect(() => {
    if (read.page) writeDraft(COPY, { values: { ...read.page } });
  }, [read.page]);
  useEffect(() => {
    /** @param {Event} event What was recorded without a network has been sent: see `outbox.js`. */
    const sent = (event) => {
      const { detail } = /** @type {CustomEvent<number>} */ (event);
      queue.change((items) => items.filter((one) => one.id !== detail));
      if (listWaiting().length === 0) queue.again();
    };
    addEventListener(SENT, sent);
    return () => removeEventListener(SENT, sent);
  }, [queue.again]);
  const hidden = new Set([
    ...listSkipped().map(({ id }) => id),
    ...listWaiting().map(({ values }) => values.lead),
  ]);
  const leads = queue.items.filter((one) => !hidden.has(one.id));
  if (queue.isFresh && from.current !== view) {
    shown.current = undefined;
    from.current = view;
    isAsked.current = true;
  }
  const before = shown.current;
  /** @param {number | null | undefined} id */
  const find = (id) => leads.find((one) => one.id === id);
  // A card that nobody has touched stays as well, as long as its lead is to be called. If the list
  // is full, more urgent leads may have pushed it out, unless a colleague has called it.
  const isPushedOut = leads.length >= QUEUE.limit && before?.id !== changed.current;
  const mayBeDue = isPushedOut ? before : undefined;
  const untouched = isIdle() ? undefined : (find(before?.id) ?? mayBeDue);
  const stays = before?.id === hand ? before : undefined;
  const lead = hand === null ? (untouched ?? leads[0]) : (find(hand) ?? stays);
  shown.current = lead;
  if (lead && lead.id !== drawn.current) {
    isSwapped.current = !isAsked.current;
    isAsked.current = false;
    drawn.current = lead.id;
  }
  const index = leads.findIndex((one) => one.id === lead?.id);
  /** @param {number} id */
  const select = (id) => {
    isAsked.current = id !== drawn.current;
    setHand(id);
    // What was typed about the one before is offered again.
    if (inHand() !== id) writeDraft(HAND, null);
  };
  useClaim(mayEdit ? (hand ?? lead?.id) : undefined, (id, who) => {
    // Nobody has done anything about a lead that was only shown. What was typed stays as a draft.
    if (inHand() === id) toast(who, { wrong: true });
    leave(id);
    queue.change((items) => items.filter((one) => one.id !== id));
    queue.again();
  });
  /** @param {number} by */
  const step = (by) => {
    const to = leads[index + by];
    if (to) select(to.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  /** @param {LeadRow} one */
  const touch = (one) => {
    setHand(one.id);
    writeDraft(HAND, { values: { id: one.id, name: title(one) } });
  };
  /** @param {number} id */
  const outdated = (id) => {
    changed.current = id;
    queue.again();
  };
  /**
   * Go on with the lead that the one in hand was merged into.
   * @param {number} id
   * @param {LeadDetail} survivor
   */
  const follow = async (id, survivor) => {
    (await mergedAway()).moveDraft(id, survivor);
    isAsked.current = true;
    touch(survivor);
    queue.again();
  };
  /**
   * Go on with the next lead, unless another one has been selected meanwhile.
   * @param {number} id
   */
  const leave = (id) => {
    if (inHand() === id) writeDraft(HAND, null);
    if (shown.current?.id === id) shown.current = undefined;
    scrollTo(0, 0);
    isLeft.current = true;
    const next = index > 0 ? (leads[index + 1]?.id ?? null) : null;
    setHand((now) => (now === id || now === null ? next : now));
  };
  /** @type {OnSave} */
  const done = (saved, undo, how) => {
    const own = find(saved.id);
    const back = () => {
      if (own) queue.change((items) => [own, ...items.filter((one) => one.id !== own.id)]);
      select(saved.id);
      queue.again();
    };
    const said = t(how?.isKept ? "outbox.kept" : "next.saved", { name: title(saved) });
    toast(said, { undo: undo && (() => undo(back)) });
    isAsked.current = !how?.hasMore && saved.id === drawn.current;
    // What was typed while it was being saved is still to be saved, or skipped.
    if (how?.hasMore) touch(saved);
    else leave(saved.id);
    queue.change((items) => items.filter((one) => one.id !== saved.id));
    queue.again();
  };
  /** @param {QueuedLead} one */
  const skipLead = (one) => {
    const { id } = one;
    const name = title(one);
    const skipped = [...listSkipped(), { id, name, at: new Date().toISOString() }];
    // Of more than fit into a request, those that were skipped first come back.
    while (skipped.length > MOST_SKIPPED || idsOf(skipped).length > LONGEST_SKIP) skipped.shift();
    keepSkipped(skipped);
    isAsked.current = true;
    leave(id);
    setSkip(skippedIds());
    toast(t("next.skipped", { name }), { undo: () => takeBack(one) });
  };
  /** @param {QueuedLead} one */
  const takeBack = (one) => {
    unskip(one.id);
    setSkip(skippedIds());
    queue.change((items) => [one, ...items.filter(({ id }) => id !== one.id)]);
    // On another page, it's the one in hand when the queue is opened again.
    writeDraft(HAND, { values: { id: one.id, name: title(one) } });
    select(one.id);
    return true;
  };
  const showSkipped = () => {
    keepSkipped([]);
    setSkip("");
  };
  const empty = () => html`<${Empty} icon="circle-check" title=${t("next.empty")}>
    <p>${t("next.empty.hint")}</p>
    ${
      skip
        ? html`<button onClick=${showSkipped}>
            ${t("next.show_skipped", { count: listSkipped().length })}</button>`
        : html`<a class="button" href="#/leads">${t("nav.leads")}</a>`
    }<//>`;
  /** @param {QueuedLead} one */
  const card = (one) => html`<${Card} key=${one.id} lead=${one} session=${session}
    isDue=${index >= 0 || leads.length >= QUEUE.limit} onDone=${done} isNext=${isLeft}
    isSwapped=${isSwapped.current}
    onSkip=${() => skipLead(one)} onTouch=${() => touch(one)} onMerged=${follow}
    onOutdated=${() => outdated(one.id)} />`;
  const main = () => {
    if (lead) return card(lead);
    if (hand === null) return empty();
    return html`<${Taken} key=${hand} id=${hand} draw=${card} onMissing=${() => leave(hand)}
      onMerged=${follow} />`;
  };
  return html`
    <div class="head"><h1>${t("nav.next")}</h1>
      ${
        mayEdit &&
        html`<select class="choice" aria-label=${t("next.view")} value=${view}
          onChange=${(/** @type {PageEvent} */ event) => replace("", { view: event.target.value })}>
          ${["", ...VIEWS].map(
            (one) =>
              html`<option value=${one} key=${one}>${one ? t(`view.${one}`) : t("view")}</option>`,
          )}</select>`
      }
      ${queue.page && html`<${Counts} queue=${queue.page} />`}</div>
    ${pages(
      queue,
      () => html`<div class=${leads.length ? "split" : ""}>${main()}
        ${leads.length > 0 && html`<${Queue} leads=${leads} current=${lead} onChoose=${select} />`}
      </div>`,
    )}`;
}

/** @param {{ id: number }[]} leads */
const idsOf = (leads) => leads.map(({ id }) => id).join(",");

const skippedIds = () => idsOf(listSkipped());

const keptQueue = () =>
  /** @type {CallQueue | undefined} */ (/** @type {any} */ (readDraft(COPY)?.values));

/** Return the lead that was in hand when the page was left. */
const inHand = () => /** @type {number | null} */ (readDraft(HAND)?.values.id ?? null);

/**
 * The lead in hand, when the queue no longer has it.
 * @param {{ id: number, draw: (lead: QueuedLead) => Child, onMissing: () => void,
 *   onMerged: (id: number, survivor: LeadDetail) => void }} props
 */
function Taken({ id, draw, onMissing, onMerged }) {
  const found = useLoad(/** @type {`/leads/${number}`} */ (`/leads/${id}`));
  const isMissing = found.problem instanceof Problem && found.problem.status === 404;
  useEffect(() => {
    if (!isMissing) return;
    toast(t("error.not_found"), { wrong: true });
    onMissing();
  }, [isMissing]);
  const survivor = found.data;
  if (survivor && survivor.id !== id) {
    const before = String(readDraft(HAND)?.values.name ?? `#${id}`);
    return html`<${MergedAway} before=${before} lead=${survivor}
      onContinue=${() => onMerged(id, survivor)} />`;
  }
  if (found.data) return draw({ ...found.data, why: "" });
  return found.problem ? failed(found.problem, found.again) : waiting();
}

/** @param {{ queue: CallQueue }} props */
function Counts({ queue: { counts, unreachable } }) {
  /** @param {number} many */
  const shown = (many) => `${count(many)}${many === MOST_COUNTED ? "+" : ""}`;
  return html`<ul class="counts">${Object.entries(counts).map(
    ([why, many]) => html`
    <li key=${why} class=${`why ${why}`}>
      <b class="number">${shown(many)}</b>
      ${t(`why.${why}`)}</li>`,
  )}${
    unreachable > 0 &&
    html`<li><a href=${address("leads", { unreachable: "yes" })}>
      <b class="number">${shown(unreachable)}</b> ${t("unreachable.yes")}</a></li>`
  }</ul>`;
}

/**
 * The leads to call, grouped by the reason.
 * @param {{ leads: QueuedLead[], current: QueuedLead | undefined,
 *   onChoose: (id: number) => void }} props
 */
function Queue({ leads, current, onChoose }) {
  /**
   * @param {PageEvent} event
   * @param {number} id
   */
  const choose = (event, id) => {
    onChoose(id);
    // After a click Enter saves the call, rather than pressing this button again.
    if (event.detail > 0) event.currentTarget.blur();
  };
  const groups = [...new Set(leads.map((one) => one.why))];
  return html`<section class="queue" aria-label=${t("next.queue")}>
    ${groups.map(
      (why) => html`<section key=${why}>
      <h2 class=${`why ${why}`}>${t(`why.${why}`)}</h2>
      <ol>${leads
        .filter((one) => one.why === why)
        .map(
          (one) => html`<li key=${one.id}>
        <button aria-current=${one.id === current?.id ? "true" : undefined}
          onClick=${(/** @type {PageEvent} */ event) => choose(event, one.id)}>
          <b>${title(one)}</b><span class="quiet">${sinceWhen(one)}</span>
          <${TimeLeft} lead=${one} /></button></li>`,
        )}</ol>
    </section>`,
    )}</section>`;
}

/**
 * Return for how long the lead has waited, or when its trial is.
 * @param {QueuedLead} lead
 */
function sinceWhen(lead) {
  if (lead.why === "new" || lead.why === "no_next_step") return since(lead.created_time);
  if (lead.why === "trial") return when(lead.trial_at);
  // A past trial without an outcome is overdue as well.
  return since(lead.next_followup_date ?? lead.trial_at ?? lead.created_time);
}

/**
 * @param {{ lead: QueuedLead, session: Session, isDue: boolean, isNext: { current: boolean },
 *   isSwapped: boolean, onDone: OnSave,
 *   onSkip: () => void, onTouch: () => void,
 *   onMerged: (id: number, survivor: LeadDetail) => void, onOutdated: () => void }} props
 *   `isNext`: it follows a lead that was saved or skipped. `isSwapped`: it took the place of one
 *   that a colleague has. `onOutdated`: someone has changed the lead since the queue was read, and
 *   may have called it.
 */
function Card({ lead, session, isDue, isNext, isSwapped, ...on }) {
  const { onDone, onSkip, onTouch, onMerged, onOutdated } = on;
  const path = /** @type {`/leads/${number}`} */ (`/leads/${lead.id}`);
  const detail = useLoad(path);
  const history = useLoad(/** @type {`/leads/${string}/history`} */ (`${path}/history`), {
    limit: EVENTS,
  });
  const now = detail.data ?? lead;
  const mayEdit = session.me.role !== "observer";
  const name = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (isNext.current) name.current?.focus({ preventScroll: true });
    isNext.current = false;
  }, []);
  useLayoutEffect(() => {
    const own = name.current?.closest("article");
    // A colleague has this lead: with the card, the focus would be gone.
    return () => {
      if (own?.contains(document.activeElement)) isNext.current = true;
    };
  }, []);
  // What is pressed at that moment was meant for the lead before; pages.css does it for taps.
  const end = useRef(() => {});
  useLayoutEffect(() => {
    if (isSwapped) end.current = ignoreKeys(t("next.swapped"));
    return end.current;
  }, []);
  const touch = () => {
    end.current();
    onTouch();
  };
  useEffect(() => {
    // What colleagues do meanwhile is shown next to what is typed.
    const timer = setInterval(history.again, EVERY);
    return () => clearInterval(timer);
  }, [history.again]);
  const isOutdated = (detail.data?.version ?? 0) > lead.version;
  useEffect(() => {
    if (isOutdated) onOutdated();
  }, [isOutdated]);
  const newest = history.data?.[0]?.id ?? 0;
  useEffect(() => {
    if (detail.data && newest > detail.data.version) detail.again();
  }, [newest]);
  const center = session.centers.find((one) => one.id === lead.center_id)?.display_name;
  const facts = [
    ["phone", phoneText(now)],
    ["map-pin", center],
    ["users", now.owner],
    ["user", now.player_age_category],
    ["megaphone", now.campaign],
    ["calendar", now.trial_at && t("next.trial", { at: moment(now.trial_at) })],
    ["mail", now.email],
  ].filter(([, value]) => value);
  const reload = () => Promise.all([detail.again(), history.again()]);
  const survivor = detail.data;
  if (survivor && survivor.id !== lead.id) {
    return html`<${MergedAway} before=${title(lead)} lead=${survivor}
      onContinue=${() => onMerged(lead.id, survivor)} />`;
  }
  return html`<article class=${`card ${isSwapped ? "swapped" : ""}`} aria-label=${title(now)}>
    <header><${Avatar} name=${title(now)} large />
      <div><h2 ref=${name} tabindex="-1">
        <a href=${address(`lead/${lead.id}`)}>${title(now)}</a></h2>
        ${
          isDue && lead.why && now.status === lead.status
            ? html`<span class=${`why ${lead.why}`}>
                ${t(`why.${lead.why}.since`, { since: sinceWhen(lead) })}</span>`
            : html`<span class="quiet" role="status">${t("next.not_due")}</span>`
        } <${TimeLeft} lead=${now} /></div>
      <${Status} value=${now.status} /></header>
    <ul class="chips">${facts.map(
      ([icon, value]) => html`<li key=${icon}>
      <${Icon} name=${icon} size=${15} />${value}</li>`,
    )}</ul>
    <${CallLinks} lead=${now} big onCall=${touch}
      onSend=${mayEdit ? reload : undefined} />
    ${
      mayEdit &&
      html`<${CallOutcome} lead=${now} events=${history.data ?? []} session=${session}
      submit=${t("next.save")} onSave=${onDone} onSkip=${onSkip} onTouch=${touch}
      onConflict=${reload} />`
    }
    ${
      detail.data &&
      detail.data.household.length > 0 &&
      html`<section>
      <h3>${t("lead.household")}</h3><${Household} leads=${detail.data.household}
        link=${(/** @type {LeadRow} */ one) => address(`lead/${one.id}`)} /></section>`
    }
    ${
      history.data &&
      html`<section><h3>${t("lead.activity")}</h3>
      <${History} events=${history.data} centers=${session.centers} /></section>`
    }
  </article>`;
}
