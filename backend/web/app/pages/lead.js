// One lead: the form after a call, its activity, and all of its fields.
import { html, useEffect, useRef, useState } from "../html.js";
import { SENT } from "../drafts.js";
import { moment } from "../format.js";
import { CallOutcome } from "../leads/call-outcome.js";
import { useClaim } from "../leads/claim.js";
import { Details } from "../leads/details.js";
import { History } from "../leads/history.js";
import {
  Avatar,
  CallLinks,
  Household,
  Phones,
  Status,
  TestBadge,
  phoneText,
  title,
} from "../leads/lead.js";
import { Neighbours } from "../leads/list-place.js";
import { MergedAway, moveDraft } from "../leads/merged-away.js";
import { OwnerChoice } from "../leads/owner.js";
import { PersonalData } from "../leads/personal-data.js";
import { TimeLeft } from "../leads/time-left.js";
import { undoMerge } from "../leads/undo.js";
import { address, currentPlace, replace } from "../router.js";
import { label, t } from "../texts.js";
import { useUndo } from "../ui/arrivals.js";
import { Icon } from "../ui/icon.js";
import { lazyDialog, loaded, useLoad } from "../ui/load.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";
import { toast } from "../ui/toast.js";

const MergeDialog = lazyDialog(() => import("../leads/merge.js"), "MergeDialog");

const EVENTS = 50;

/** @param {PageProps} props */
export default function LeadPage({ params, session }) {
  const [id = ""] = params;
  return html`<${Lead} key=${id} id=${id} session=${session} />`;
}

/** @param {{ id: string, session: Session }} props */
function Lead({ id, session }) {
  const path = /** @type {`/leads/${string}`} */ (`/leads/${encodeURIComponent(id)}`);
  const lead = useLoad(path);
  const source = arrays(`${path}/history`, EVENTS, (/** @type {HistoryEvent} */ last) => ({
    before: last.id,
  }));
  const history = usePages(source);
  const [isMerging, setMerging] = useState(false);
  const mayEdit = session.me.role !== "observer";
  // Once it's dialled: one that is only read stays in everyone's queue.
  const [isDialled, setDialled] = useState(false);
  const [taken, setTaken] = useState("");
  useClaim(isDialled ? Number(id) : undefined, (_, who) => setTaken(who));
  const reload = () => Promise.all([lead.again(), history.again()]);
  useUndo(reload);
  useEffect(() => {
    /** @param {Event} event What was recorded without a network is saved now. */
    const sent = (event) => {
      if (String(/** @type {CustomEvent<number>} */ (event).detail) === id) reload();
    };
    addEventListener(SENT, sent);
    return () => removeEventListener(SENT, sent);
  }, [lead.again, history.again]);
  /** @type {OnSave} */
  const saved = (data, undo, how) => {
    lead.change(data);
    history.again();
    setDialled(false);
    setTaken("");
    const said = how?.isKept ? t("outbox.kept", { name: title(data) }) : t("saved");
    toast(said, { undo: undo && (() => undo(reload)) });
  };
  const found = /** @type {Loading<LeadDetail>} */ (lead);
  // The name under which it was shown, before someone merged it.
  const before = useRef("");
  const survivor = found.data && String(found.data.id) !== id ? found.data : null;
  if (found.data && !survivor) before.current = title(found.data);
  /** @param {LeadDetail} other */
  const follow = (other) => {
    moveDraft(id, other);
    replace(`lead/${other.id}`);
  };
  useEffect(() => {
    // A merged lead is shown as the one that it's part of.
    if (survivor && !before.current) follow(survivor);
  }, [survivor?.id]);
  const survivorId = useRef("");
  const undone = () => {
    const [page, shown] = currentPlace().path;
    // Back to the lead that the merge began at, unless another page has been opened since.
    if (page === "lead" && shown === survivorId.current && shown !== id) replace(`lead/${id}`);
    else reload();
  };
  /** @param {LeadDetail} survivor */
  const merged = (survivor) => {
    survivorId.current = String(survivor.id);
    if (String(survivor.id) === id) reload();
    else follow(survivor);
  };
  /** @param {number} mergeId */
  const unmerge = (mergeId) => undoMerge(mergeId, reload);
  if (survivor && before.current) {
    return html`<${MergedAway} before=${before.current} lead=${survivor}
      onContinue=${() => follow(survivor)} />`;
  }
  return loaded(
    found,
    (data) => html`<${Head} lead=${data} onSend=${mayEdit ? reload : undefined}
      onCall=${() => setDialled(mayEdit)}
      onMerge=${mayEdit ? () => setMerging(true) : null} />
    ${
      isMerging &&
      html`<${MergeDialog} lead=${data} centers=${session.centers} onMerge=${merged}
      onUndo=${undone} onClose=${() => setMerging(false)} />`
    }
    ${taken && html`<p class="notice" role="status">${taken}</p>`}
    <div class="lead">
      <div>
        ${
          mayEdit &&
          html`<section class="panel"><${CallOutcome} key=${data.id} lead=${data}
          events=${history.items} session=${session} submit=${t("action.save")} onSave=${saved}
          onConflict=${reload} /></section>`
        }
        <section class="panel" aria-label=${t("lead.activity")}>
          <h2>${t("lead.activity")}</h2>
          ${pages(
            history,
            (events) => html`<${History} events=${events} centers=${session.centers}
            onUnmerge=${mayEdit ? unmerge : undefined} />`,
          )}
        </section>
      </div>
      <div>
        <section class="panel" aria-label=${t("lead.details")}>
          <h2>${t("lead.details")}</h2>
          <${Phones} lead=${data} />
          ${mayEdit && html`<${OwnerChoice} lead=${data} onChange=${saved} />`}
          ${
            mayEdit
              ? html`<${Details} key=${data.id} lead=${data} centers=${session.ownCenters}
                  onChange=${saved} onMerged=${reload} />`
              : html`<${Facts} lead=${data} />`
          }
        </section>
        <${Origin} lead=${data} />
        <${PersonalData} lead=${data} path=${path} mayEdit=${mayEdit}
          isTeamLead=${session.me.role === "team_lead"} onChange=${saved} />
        ${
          data.household.length > 0 &&
          html`<section class="panel">
          <h2>${t("lead.household")}</h2><p class="quiet">${t("lead.household.hint")}</p>
          <${Household} leads=${data.household}
            link=${(/** @type {LeadRow} */ one) => address(`lead/${one.id}`)} /></section>`
        }
      </div>
    </div>`,
    html`<a class="button" href=${address("leads")}>${t("lead.back")}</a>`,
  );
}

/**
 * @param {{ lead: LeadDetail, onCall: () => void, onSend?: () => void,
 *   onMerge: (() => void) | null }} props
 */
function Head({ lead, onCall, onSend, onMerge }) {
  const received = t("lead.received", { at: moment(lead.created_time) });
  const about = [phoneText(lead), lead.center_name, lead.owner, received];
  return html`<div class="head who"><${Avatar} name=${title(lead)} large />
    <div><h1>${title(lead)}${lead.is_test && html`<${TestBadge} />`}</h1>
      <span class="quiet">${about.filter(Boolean).join(" · ")}</span>
      ${(lead.call_by ?? lead.handed_over_at) && html` · <${TimeLeft} lead=${lead} />`}</div>
    <${Status} value=${lead.status} />
    <span class="tools"><${Neighbours} id=${String(lead.id)} />
      <${CallLinks} lead=${lead} big onCall=${onCall} onSend=${onSend} />
      ${onMerge && html`<button onClick=${onMerge}>${t("merge.with")}</button>`}</span></div>`;
}

/**
 * The fields of a lead, for someone who can't change them.
 * @param {{ lead: LeadDetail }} props
 */
function Facts({ lead }) {
  return html`<${Pairs} pairs=${[
    [t("lead.player_name"), lead.player_name],
    [t("lead.phone"), phoneText(lead)],
    [t("lead.email"), lead.email],
    [t("lead.player_age_category"), lead.player_age_category],
    [t("field.birth_date"), lead.birth_date],
    [t("lead.address"), lead.address],
    [t("lead.center_id"), lead.center_name],
    [t("lead.owner_id"), lead.owner ?? t("owner.none")],
    [t("lead.next_followup_date"), moment(lead.next_followup_date)],
    [t("lead.trial_at"), moment(lead.trial_at)],
  ]} />`;
}

/**
 * Where the lead came from, and the other answers in the form.
 * @param {{ lead: LeadDetail }} props
 */
function Origin({ lead }) {
  const { origin } = lead;
  const facts = [
    [t("origin.source"), label("source", lead.source)],
    [t("origin.platform"), label("platform", origin?.platform)],
    [t("origin.campaign"), lead.campaign],
    [t("origin.adset_name"), origin?.adset_name],
    [t("origin.ad_name"), origin?.ad_name],
    [t("origin.form_name"), origin?.form_name],
  ];
  // Meta's forms write the spaces of a question as underscores.
  const answers = Object.entries(lead.answers).map(([question, text]) => [
    question.replaceAll("_", " "),
    text,
  ]);
  return html`<section class="panel"><h2>${t("lead.origin")}</h2>
    <${Pairs} pairs=${facts} />
    ${
      answers.length > 0 &&
      html`<h3>
        <${Icon} name="message-circle" size=${14} /> ${t("lead.answers")}</h3>
      <${Pairs} pairs=${answers} />`
    }</section>`;
}

/**
 * Names and values; those without a value are left out.
 * @param {{ pairs: [string, string | null | undefined][] }} props
 */
function Pairs({ pairs }) {
  return html`<dl class="pairs">${pairs
    .filter(([, value]) => value)
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
