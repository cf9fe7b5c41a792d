// How many changes wait to be sent, on every page; what sends them, and what has the browser keep
// the web app's files for opening without a network. It loads once a page is shown.
import { html, useEffect, useState } from "../html.js";
import { url } from "../api.js";
import { CHANGED, SENT, listWaiting } from "../drafts.js";
import { currentPlace } from "../router.js";
import { t } from "../texts.js";
import { Icon } from "../ui/icon.js";

/** How often what waits is tried again, in milliseconds: the server may have been busy. */
const EVERY = 30_000;
/** How often a page that stays open looks for a newer version of the web app. */
const UPDATE_EVERY = 3_600_000;

export function Waiting() {
  const [, setCount] = useState(0);
  useEffect(() => {
    const again = () => setCount((now) => now + 1);
    const send = () => listWaiting().length > 0 && loadOutbox();
    const events = [CHANGED, SENT, "storage"];
    for (const one of events) addEventListener(one, again);
    const timer = setInterval(send, EVERY);
    send();
    register();
    return () => {
      for (const one of events) removeEventListener(one, again);
      clearInterval(timer);
    };
  }, []);
  const all = listWaiting();
  const asking = all.filter(({ values }) => values.state).length;
  const waiting = all.length - asking;
  if (all.length === 0) return null;
  return html`<p class=${asking ? "notice unsaved" : "notice calm unsaved"} role="status">
    <${Icon} name=${asking ? "triangle-alert" : "upload"} size=${15} />
    ${waiting > 0 && html`<span>${t("outbox.waiting", { count: waiting })}</span>`}
    ${asking > 0 && html`<span>${t("outbox.asking", { count: asking })}</span>`}
    <a href="#/outbox">${t("outbox.show")}</a></p>`;
}

/** Load what sends, and send. Without a network it's tried again later. */
const loadOutbox = () =>
  import("../outbox.js").then(
    ({ flush }) => flush(),
    () => {},
  );

/**
 * Have the browser keep the web app's files: see `worker/sw.js`. A page that a newer version has
 * taken over is loaded again as soon as someone goes to another page: nothing is lost by that.
 */
async function register() {
  // Browsers have it for pages that came by TLS, and for this machine.
  const { serviceWorker } = navigator;
  let isKept = Boolean(serviceWorker?.controller);
  serviceWorker?.addEventListener("controllerchange", () => {
    const [name] = currentPlace().path;
    const left = () => currentPlace().path[0] !== name && location.reload();
    // The first one is of this page's version.
    if (isKept) addEventListener("hashchange", left);
    isKept = true;
  });
  const options = /** @type {const} */ ({ updateViaCache: "none" });
  const registration = await serviceWorker?.register(url("/sw.js"), options).catch(() => null);
  if (registration) setInterval(() => registration.update().catch(() => {}), UPDATE_EVERY);
  // It isn't kept with the other files, and has to be there before it is needed.
  else loadOutbox();
}
