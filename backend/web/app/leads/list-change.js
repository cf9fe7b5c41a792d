// A change of a whole list, which the server makes in the background: how far it is, and its undo.
import { Problem, get, post } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { Progress } from "../ui/progress.js";

/** The last change whose outcome was closed. */
const CLOSED_KEY = "tofa.list_change";
/** How often the progress is read, and for how long an outcome is shown, in milliseconds. */
const EVERY = 1000;
const SHOWN = 3_600_000;

/** The texts of a change, and of a deletion. */
const CHANGE = { doing: "changing", undoing: "undoing", rest: "skipped", kept: "kept" };
const DELETION = { doing: "deleting", undoing: "restoring", rest: "left", kept: "lost" };

/** @param {ListChange} one */
const isWorking = (one) => one.state === "changing" || one.state === "undoing";

/**
 * The last change of the person who is signed in; null if there is nothing to say.
 * @param {boolean} mayEdit
 * @param {() => void} onEnd Called when a change, or its undo, has ended.
 */
export function useListChange(mayEdit, onEnd) {
  const [now, set] = useState(/** @type {ListChange | null} */ (null));
  useEffect(() => {
    if (!mayEdit) return;
    get("/list-changes/").then(
      ([last]) => {
        const isOld = last?.ended_at && Date.now() - Date.parse(last.ended_at) > SHOWN;
        const isClosed = localStorage.getItem(CLOSED_KEY) === String(last?.id);
        if (last && !isOld && !isClosed) set(last);
      },
      () => {},
    );
  }, [mayEdit]);
  useEffect(() => {
    if (!now || !isWorking(now)) return undefined;
    const look = async () => {
      // Without an answer, the next look may have one.
      const next = await get(`/list-changes/${now.id}`).catch(() => ({ ...now }));
      set(next);
      if (!isWorking(next)) onEnd();
    };
    const timer = setTimeout(look, EVERY);
    return () => clearTimeout(timer);
  }, [now]);
  return { now, set };
}

/**
 * Return how a change of a whole list is begun. If its answer was lost on the way, the change that
 * has begun is found, now or at the next try: nothing is changed twice.
 */
export function useBeginning() {
  /** The id of the last change before the first try. */
  const before = useRef(/** @type {number | null} */ (null));
  return async (/** @type {{ filter: string } & Record<string, unknown>} */ wanted) => {
    const begun = async () => {
      const [last] = await get("/list-changes/");
      const id = last?.id ?? 0;
      before.current ??= id;
      return id === before.current ? undefined : last;
    };
    const found = (await begun()) ?? (await post("/list-changes/", wanted).catch(ifLost));
    const change = found ?? (await begun());
    if (!change) throw new Problem(0, "");
    before.current = null;
    return change;
  };
}

/** @param {unknown} problem */
function ifLost(problem) {
  if (!(problem instanceof Problem) || problem.status !== 0) throw problem;
}

/** @param {{ one: ListChange, set: (one: ListChange | null) => void }} props */
export function ListChangeState({ one, set }) {
  const undo = () => orToast(async () => set(await post(`/list-changes/${one.id}/undo`)));
  const close = () => {
    localStorage.setItem(CLOSED_KEY, String(one.id));
    set(null);
  };
  const { state, total, done, changed, skipped, restored, kept, deletes } = one;
  const of = deletes ? DELETION : CHANGE;
  if (isWorking(one)) {
    const isUndo = state === "undoing";
    return html`<div class="notice calm list-change">
      <${Progress} text=${t(`list_change.${isUndo ? of.undoing : of.doing}`)}
        done=${isUndo ? restored + kept : done} total=${isUndo ? changed : total} />
      ${!isUndo && html`<button onClick=${undo}>${t("list_change.stop")}</button>`}</div>`;
  }
  const isUndone = state === "undone";
  const kind = isUndone ? "undone" : "done";
  const count = isUndone ? restored : changed;
  const rest = isUndone ? kept : skipped;
  return html`<p class="notice calm list-change" role="status"><span>
      ${one.problem && html`<b class="late">${one.problem}</b> · `}
      ${deletes ? t(`delete.${kind}`, { count }) : t(`bulk.${kind}`, { count })}
      ${rest > 0 && ` · ${t(`list_change.${isUndone ? of.kept : of.rest}`, { count: rest })}`}
    </span>
    ${!isUndone && changed > 0 && html`<button onClick=${undo}>${t("action.undo")}</button>`}
    <button class="plain" aria-label=${t("action.close")} onClick=${close}>
      <${Icon} name="x" /></button></p>`;
}
