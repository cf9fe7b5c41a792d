// What pages are told when an alert arrives or an action is undone, so that they bring themselves
// up to date.
import { useEffect, useRef } from "../html.js";

const ARRIVED = "tofa-alert";
const UNDONE = "tofa-undone";

/** Tell the page that an alert has arrived. */
export const tellOfAlert = () => dispatchEvent(new Event(ARRIVED));

/** Tell the page that an action was undone, whichever page it was done on. */
export const tellOfUndo = () => dispatchEvent(new Event(UNDONE));

/**
 * Call `refresh` when an alert arrives.
 * @param {() => void} refresh
 */
export const useAlert = (refresh) => useEvent(ARRIVED, refresh);

/**
 * Call `refresh` when an action was undone.
 * @param {() => void} refresh
 */
export const useUndo = (refresh) => useEvent(UNDONE, refresh);

/**
 * @param {string} name
 * @param {() => void} refresh
 */
function useEvent(name, refresh) {
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const call = () => latest.current();
    addEventListener(name, call);
    return () => removeEventListener(name, call);
  }, []);
}
