// Keep the lead in hand from others while it is worked on. Nobody needs that to save something.
import { useEffect } from "../html.js";
import { Problem, ask, post, untouchedFor, watch } from "../api.js";
import { toast } from "../ui/toast.js";

/** After so long without a key or a touch, the person isn't at work on what they have open. */
export const IDLE = 300_000;
/** How soon it is tried again after there was no answer, in milliseconds. */
const AGAIN = 30_000;
/** How soon another tab claims a lead again that this one has given back, in milliseconds. */
const SOON = 1_000;
/** Tells a person's other tabs which lead was given back: the claim was theirs as well. */
const tabs = new BroadcastChannel(`tofa.claim ${new URL(".", document.baseURI).pathname}`);

export const isIdle = () => untouchedFor() >= IDLE;

/**
 * @param {unknown} problem
 * @returns {problem is Problem}
 */
const isTaken = (problem) => problem instanceof Problem && problem.status === 409;

/**
 * Claim a lead that is dialled from a list, where nothing renews that.
 * @param {number} id
 */
export const claimOnce = (id) =>
  post(`/leads/${id}/claim`).catch((problem) => {
    if (isTaken(problem)) toast(problem.message, { wrong: true });
  });

/**
 * Claim a lead as long as it is shown and the person is at work; give it back afterwards.
 * @param {number | undefined} id
 * @param {(id: number, who: string) => void} onTaken Someone else has it, as a sentence.
 */
export function useClaim(id, onTaken) {
  useEffect(() => {
    if (id === undefined) return undefined;
    const path = /** @type {`/leads/${number}/claim`} */ (`/leads/${id}/claim`);
    let timer = 0;
    let soon = 0;
    let isLeft = false;
    const claim = async () => {
      let wait = AGAIN;
      try {
        if (!isIdle()) wait = (await post(path)).seconds * 500;
      } catch (problem) {
        if (isTaken(problem)) {
          clearTimeout(timer);
          if (!isLeft) onTaken(id, problem.message);
          return;
        }
      }
      // It may have been claimed twice at once.
      clearTimeout(timer);
      if (isLeft) release();
      else timer = setTimeout(claim, wait);
    };
    // Without an answer it expires by itself.
    const release = () => {
      tabs.postMessage(id);
      return ask("DELETE", path, { keepalive: true }).catch(() => {});
    };
    /** @param {MessageEvent} event */
    const given = ({ data }) => {
      if (data !== id) return;
      clearTimeout(soon);
      soon = setTimeout(claim, SOON);
    };
    tabs.addEventListener("message", given);
    addEventListener("pagehide", release);
    // Someone may have claimed it while there was no network.
    const stop = watch((change) => change === "online" && claim());
    claim();
    return () => {
      stop();
      isLeft = true;
      clearTimeout(timer);
      clearTimeout(soon);
      tabs.removeEventListener("message", given);
      removeEventListener("pagehide", release);
      release();
    };
  }, [id]);
}
