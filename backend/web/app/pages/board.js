// The board: a column for each status, with its count. Cards are moved by hand or by keys.
import { file, html, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { ask, get } from "../api.js";
import { Dialog } from "../components/dialog.js";
import { CenterChoice } from "../components/filters.js";
import { Send, said, useForm } from "../components/form.js";
import { Icon } from "../components/icon.js";
import { useKeys } from "../components/keys.js";
import { DEAD, STATUSES, StatusMore, TRIAL, firstTrial, isClosed, statusChange, title, tone }
  from "../components/lead.js";
import { useLoad } from "../components/load.js";
import { script } from "../components/script.js";
import { toast } from "../components/toast.js";
import { address, replace } from "../router.js";
import { count, named, since, t, when } from "../words.js";

const PAGE = 50;
const card = (id) => /** @type {HTMLElement} */ (document.querySelector(`[data-lead="${id}"]`));
const without = (leads, id) => leads.filter((one) => one.id !== id);

export default function Board({ query, world }) {
  const center = query.center_id ?? "";
  const counts = useLoad("/leads/counts", { center_id: center });
  const [columns, setColumns] = useState({});
  const [asked, setAsked] = useState(null);
  const moved = useRef(null);
  const mayEdit = world.me.role !== "observer";
  const read = (status, after, before = []) => get("/leads/", {
    status, center_id: center, test: "no", limit: PAGE, after,
  }).then(
    (page) => setColumns((now) => ({
      ...now, [status]: { leads: [...before, ...page.leads], next: page.next },
    })),
    (problem) => toast(said(problem), { wrong: true }),
  );
  useEffect(() => STATUSES.forEach((status) => read(status)), [center]);
  const find = (id) => Object.values(columns).flatMap((one) => one.leads).find((one) => one.id === id);
  const move = async (lead, change) => {
    const before = lead.status;
    try {
      const done = await ask("PATCH", `/leads/${lead.id}`, { json: change });
      moved.current = lead.id;
      setColumns((now) => ({
        ...now,
        [before]: { ...now[before], leads: without(now[before].leads, lead.id) },
        [change.status]: {
          ...now[change.status],
          leads: [done.data, ...without(now[change.status]?.leads ?? [], lead.id)],
        },
      }));
      counts.again();
      toast(t("board.moved", { name: title(lead), status: named("status", change.status) }));
      return true;
    } catch (problem) {
      toast(said(problem), { wrong: true });
      return false;
    }
  };
  useLayoutEffect(() => {
    // The focus goes with the card, unless it went elsewhere while the server was asked.
    if (moved.current === null || asked) return;
    if (document.activeElement === document.body) card(moved.current)?.focus();
    moved.current = null;
  });
  const wish = (lead, status) => {
    if (!lead || lead.status === status) return;
    if (status === TRIAL || status === DEAD) setAsked({ lead, status });
    else move(lead, { status });
  };
  const step = (by) => () => {
    const lead = find(Number(document.activeElement?.getAttribute("data-lead")));
    const to = lead && STATUSES[STATUSES.indexOf(lead.status) + by];
    if (mayEdit && to) wish(lead, to);
  };
  const around = (by) => () => {
    const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-lead]")]);
    const now = cards.findIndex((one) => one === document.activeElement);
    cards[Math.max(0, Math.min(cards.length - 1, now + by))]?.focus();
  };
  useKeys({ "]": step(1), "[": step(-1), j: around(1), k: around(-1) });
  return html`
    <div class="head"><h1>${t("nav.board")}</h1>
      <${CenterChoice} centers=${world.own} value=${center}
        onChange=${(value) => replace("board", { center_id: value })} />
      ${mayEdit && html`<small class="quiet hint">${t("board.keys")}</small>`}</div>
    <div class="board" role="group" aria-label=${t("nav.board")} tabindex="0">
      ${STATUSES.map((status) => html`<${Column} key=${status} status=${status}
        column=${columns[status]} many=${counts.data?.statuses[status]} mayEdit=${mayEdit}
        onDrop=${(id) => wish(find(id), status)}
        onMore=${() => read(status, columns[status].next, columns[status].leads)} />`)}</div>
    ${asked && html`<${Ask} ...${asked} onClose=${() => setAsked(null)} onGo=${async (change) => {
      if (await move(asked.lead, change)) setAsked(null);
    }} />`}`;
}

function Column({ status, column, many, mayEdit, onDrop, onMore }) {
  const list = useRef(null);
  const drop = useRef(onDrop);
  drop.current = onDrop;
  useEffect(() => {
    if (!mayEdit) return undefined;
    let sortable = null;
    let gone = false;
    script(file("vendor/sortable/sortable.js"), "Sortable").then((Sortable) => {
      if (gone) return;
      sortable = Sortable.create(list.current, {
        group: "board", sort: false, delay: 150, delayOnTouchOnly: true, draggable: "[data-lead]",
        onAdd: ({ item, from, oldIndex }) => {
          // The card goes back: the page puts it where it belongs once the server has said so.
          from.insertBefore(item, from.children[oldIndex] ?? null);
          drop.current(Number(item.dataset.lead));
        },
      });
    });
    return () => { gone = true; sortable?.destroy(); };
  }, [mayEdit]);
  return html`<section aria-label=${named("status", status)} class=${tone(status)}>
    <h2><span class="dot"></span>${named("status", status)} <span class="quiet number">${many === undefined ? "" : count(many)}</span></h2>
    <div class="cards" ref=${list}>
      ${(column?.leads ?? []).map((lead) => html`<${Mini} key=${lead.id} lead=${lead} />`)}
    </div>
    ${column?.next && html`<button class="plain" onClick=${onMore}>${t("more")}</button>`}
  </section>`;
}

function Mini({ lead }) {
  const at = lead.status === TRIAL ? lead.trial_at : lead.next_followup_date;
  const late = at && !isClosed(lead) && Date.parse(at) < Date.now();
  return html`<a class="mini" data-lead=${lead.id} href=${address(`lead/${lead.id}`)}>
    <b>${title(lead)}</b>
    <small>${[lead.player_age_category, lead.phone].filter(Boolean).join(" · ")}</small>
    ${at && !isClosed(lead) ? html`<small class=${late ? "late" : ""}>
      <${Icon} name=${lead.status === TRIAL ? "calendar" : "alarm-clock"} size=${13} /> ${
        lead.status === TRIAL ? when(at) : since(at)}</small>`
    : html`<small>${lead.status === DEAD && lead.lost_reason
        ? named("reason", lead.lost_reason) : since(lead.created_time)}</small>`}
  </a>`;
}

function Ask({ lead, status, onClose, onGo }) {
  const form = useForm({ status, trial_at: firstTrial(), lost_reason: "" }, (values) =>
    onGo(statusChange(values)));
  return html`<${Dialog} title=${`${title(lead)}: ${named("status", status)}`} onClose=${onClose}>
    <form onSubmit=${form.submit}><${StatusMore} form=${form} />
      <${Send} form=${form} text=${t("board.move")} /></form>
  <//>`;
}
