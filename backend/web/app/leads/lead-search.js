// Find leads by a part of a name, a phone or an email, as someone types.
import { useEffect, useRef, useState } from "../html.js";
import { get } from "../api.js";
import { errorText } from "../ui/form.js";

/** How many leads are found at most. */
const MOST = 8;
/** How long it waits for another letter before it searches, in milliseconds. */
const PAUSE = 150;

/**
 * Search leads once the typing pauses.
 * @param {string} q
 */
export function useLeadSearch(q) {
  const [leads, setLeads] = useState(/** @type {LeadRow[]} */ ([]));
  const [error, setError] = useState("");
  const asked = useRef("");
  useEffect(() => {
    asked.current = q;
    if (!q) {
      setLeads([]);
      return undefined;
    }
    const timer = setTimeout(async () => {
      try {
        const page = await get("/leads/", { q, limit: MOST });
        // The answer to an earlier text may arrive late.
        if (asked.current !== q) return;
        setLeads(page.leads);
        setError("");
      } catch (problem) {
        if (asked.current === q) setError(errorText(problem));
      }
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [q]);
  return { leads, error };
}
