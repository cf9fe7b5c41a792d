// Whether you are away: said in the account menu and above every page, and changed in one tap.
import { html, useEffect, useRef } from "../html.js";
import { put } from "../api.js";
import { moment } from "../format.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { useLoad } from "../ui/load.js";

/** Other tabs of the same person are told of a change; one that was asleep asks when it's seen. */
const tabs = new BroadcastChannel(`tofa.away ${new URL(".", document.baseURI).pathname}`);
/** How long a hidden tab takes its answer for true, in milliseconds. */
const FRESH = 60_000;
/** How long one is away: until one is back, for an hour, or for the rest of the day. */
const PERIODS = [null, "hour", "day"];

/**
 * Return whether a person is away, and how that is changed; null for observers, who own no leads.
 * @param {Me} me
 */
export function useAway(me) {
  const works = me.role !== "observer";
  const found = useLoad(works ? "/presence/me" : null);
  const presence = found.data;
  const asked = useRef(Date.now());
  const read = () => {
    asked.current = Date.now();
    return found.again();
  };
  useEffect(() => {
    if (!works) return undefined;
    /** @param {MessageEvent<number>} message */
    const told = ({ data }) => data === me.id && read();
    const seen = () => !document.hidden && Date.now() - asked.current > FRESH && read();
    tabs.addEventListener("message", told);
    document.addEventListener("visibilitychange", seen);
    return () => {
      tabs.removeEventListener("message", told);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [works]);
  const until = presence?.away_until ?? null;
  useEffect(() => {
    if (until === null) return undefined;
    const timer = setTimeout(read, Math.max(Date.parse(until) - Date.now(), 0) + 1000);
    return () => clearTimeout(timer);
  }, [until]);
  /** @param {{ away: boolean, period?: string | null }} change */
  const change = (change) =>
    orToast(async () => {
      const { data } = await put("/presence/me", change);
      found.change(/** @type {Presence} */ (data));
      tabs.postMessage(me.id);
    });
  // The menu offers it before the server has said: nothing in it moves once that is known.
  return works ? { away: false, away_until: null, ...presence, change } : null;
}

/** @typedef {ReturnType<typeof useAway>} Away */

/**
 * The items of the account menu.
 * @param {Away} away
 */
export function awayItems(away) {
  if (!away) return [];
  if (away.away) {
    const onSelect = () => away.change({ away: false });
    return [{ text: t("away.back"), icon: "check", apart: true, onSelect }];
  }
  return PERIODS.map((period) => ({
    text: t(`away.for.${period ?? "open"}`),
    icon: "alarm-clock",
    apart: period === null,
    onSelect: () => away.change({ away: true, period }),
  }));
}

/** @param {{ away: Away }} props */
export function AwayNotice({ away }) {
  if (!away?.away) return null;
  const { away_until: until } = away;
  return html`<p class="notice calm" role="status">
    <span>${until ? t("away.until", { time: moment(until) }) : t("away.now")}</span>
    <button onClick=${() => away.change({ away: false })}>${t("away.back")}</button></p>`;
}
