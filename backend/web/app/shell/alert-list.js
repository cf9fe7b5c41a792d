// The list behind the bell. An alert opens what it tells of, and is seen then.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { when } from "../format.js";
import { address } from "../router.js";
import { t } from "../texts.js";
import { useAlert } from "../ui/arrivals.js";
import { Dialog } from "../ui/dialog.js";
import { orToast } from "../ui/form.js";
import { arrays, pages, usePages } from "../ui/paged-list.js";

/** Whether this browser plays a sound: `alerts.js` reads it. */
const SOUND_KEY = "tofa.sound";
/** @type {PageSource<AlertRow, AlertRow[]>} */
const ALERTS = arrays("/alerts/", 30, (/** @type {AlertRow} */ last) => ({ before: last.id }));
/** @type {Record<string, string>} Where alerts lead that are about several things. */
const PLACES = {
  assigned: address("leads", { owner: "me" }),
  follow_up_due: address("next", { view: "mine" }),
  delivery_waiting: address("intake", { state: "waiting" }),
};

/** @param {AlertRow} one */
const textOf = ({ kind, count }) =>
  count > 1 ? t(`alert_many.${kind}`, { count }) : t(`alert.${kind}`);

/** @param {AlertRow} one */
const nameOf = (one) => one.player_name || `#${one.lead_id}`;

/**
 * @param {{ session: Session, onClose: () => void,
 *   onSeen: (now: { unseen: number, newest: number | null }) => void }} props
 */
export function AlertList({ session, onClose, onSeen }) {
  const list = usePages(ALERTS);
  const [sound, setSound] = useState(Boolean(localStorage.getItem(SOUND_KEY)));
  useAlert(list.again);
  const centers = new Map(session.centers.map((one) => [one.id, one.display_name]));
  /** @param {number[]} [ids] All, without them. */
  const see = (ids) =>
    orToast(async () => {
      onSeen(await post("/alerts/seen", { ids }));
      if (!ids) list.again();
    });
  /** @param {AlertRow} one */
  const open = (one) => {
    if (!one.seen) see([one.id]);
    onClose();
  };
  const toggle = () => {
    if (sound) localStorage.removeItem(SOUND_KEY);
    else localStorage.setItem(SOUND_KEY, "on");
    setSound(!sound);
  };
  /** @param {AlertRow} one */
  const item = (one) => html`<li key=${one.id}><a class=${one.seen ? "seen" : ""}
      href=${one.lead_id ? address(`lead/${one.lead_id}`) : (PLACES[one.kind] ?? address("next"))}
      onClick=${() => open(one)}>
    <span><b>${textOf(one)}</b>
      <small>${[one.lead_id && nameOf(one), centers.get(one.center_id ?? 0)]
        .filter(Boolean)
        .join(" · ")}</small></span>
    <time>${when(one.at)}</time></a></li>`;
  return html`<${Dialog} title=${t("alerts")} onClose=${onClose}>
    <div class="buttons"><label class="pick"><input type="checkbox" checked=${sound}
        onChange=${toggle} />${t("alerts.sound")}</label>
      <button onClick=${() => see()}>${t("alerts.see_all")}</button></div>
    ${pages(list, (all) =>
      all.length > 0
        ? html`<ul class="alerts">${all.map(item)}</ul>`
        : html`<p class="quiet">${t("alerts.none")}</p>`,
    )}
  <//>`;
}
