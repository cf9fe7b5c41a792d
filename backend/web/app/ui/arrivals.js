// What pages are told when an alert arrives, so that they bring themselves up to date.
import { useEffect, useRef } from "../html.js";

const ARRIVED = "tofa-alert";

/** Tell the page that an alert has arrived. */
export const tellOfAlert = () => dispatchEvent(new Event(ARRIVED));

/**
 * Call `refresh` when an alert arrives.
 * @param {() => void} refresh
 */
export function useAlert(refresh) {
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    const call = () => latest.current();
    addEventListener(ARRIVED, call);
    return () => removeEventListener(ARRIVED, call);
  }, []);
}
