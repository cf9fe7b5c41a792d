// Alerts that this browser shows, also while no page is open, as long as its person is signed in.
import { html, useEffect, useState } from "../html.js";
import { get, post } from "../api.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { toast } from "../ui/toast.js";

/** Whose alerts this browser shows: someone else may sign in here. */
const KEY = "tofa.push";

/** @returns {Promise<PushManager | null>} Null if this browser has none, or not at this address. */
async function manager() {
  const registration = await navigator.serviceWorker?.getRegistration();
  return registration?.pushManager ?? null;
}

/**
 * Go on showing alerts after signing in again, if the person had turned them on.
 * @param {Me} me
 */
export async function resumePush(me) {
  if (localStorage.getItem(KEY) !== String(me.id)) return;
  const subscription = await (await manager())?.getSubscription();
  if (subscription) await post("/users/me/push", subscription.toJSON()).catch(() => {});
}

/** @param {{ me: Me }} props */
export function Push({ me }) {
  const [push, setPush] = useState(/** @type {PushManager | null} */ (null));
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    manager().then(async (found) => {
      setPush(found);
      const subscription = await found?.getSubscription();
      setOn(Boolean(subscription) && localStorage.getItem(KEY) === String(me.id));
    });
  }, []);
  if (!push) return html`<p class="quiet">${t("push.unknown")}</p>`;
  const turnOn = async () => {
    if ((await Notification.requestPermission()) !== "granted") {
      toast(t("push.denied"), { wrong: true });
      return;
    }
    const { key } = await get("/users/me/push");
    // One of an earlier key, or of someone else, is of no use.
    await (await push.getSubscription())?.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: key };
    await post("/users/me/push", (await push.subscribe(options)).toJSON());
    localStorage.setItem(KEY, String(me.id));
    setOn(true);
  };
  const turnOff = async () => {
    localStorage.removeItem(KEY);
    const subscription = await push.getSubscription();
    if (subscription) {
      await subscription.unsubscribe();
      await post("/users/me/push/remove", { endpoint: subscription.endpoint });
    }
    setOn(false);
  };
  return html`<p class="quiet">${t("push.hint")}</p>
    <footer><button type="button" onClick=${() => orToast(isOn ? turnOff : turnOn)}>
      ${t(isOn ? "push.turn_off" : "push.turn_on")}</button></footer>`;
}
