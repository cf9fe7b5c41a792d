// The bell: how many alerts are new, on every page and in the title of the tab. Pages bring
// themselves up to date when one arrives: see `ui/arrivals.js`.
import { html, useEffect, useRef, useState } from "../html.js";
import { get, isReachable, isSignedIn } from "../api.js";
import { t } from "../texts.js";
import { tellOfAlert } from "../ui/arrivals.js";
import { Icon } from "../ui/icon.js";
import { lazy } from "../ui/load.js";

/** How often an open page asks, and one that nobody sees, in milliseconds. */
const EVERY = 10_000;
const SELDOM = 60_000;
/** Whether this browser plays a sound: `alert-list.js` sets it. */
const SOUND_KEY = "tofa.sound";
/** The server counts no further. */
const MOST = 99;
const PREFIX = /^\(\d+\+?\) /;

const AlertList = lazy(() => import("./alert-list.js"), "AlertList");

/** @param {{ session: Session }} props */
export function Alerts({ session }) {
  const [unseen, setUnseen] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const newest = useRef(/** @type {number | null} */ (null));
  /** @param {{ unseen: number, newest: number | null }} now */
  const keep = (now) => {
    const isNew = newest.current !== null && (now.newest ?? 0) > newest.current;
    newest.current = Math.max(newest.current ?? 0, now.newest ?? 0);
    setUnseen(now.unseen);
    if (!isNew) return;
    tellOfAlert();
    if (localStorage.getItem(SOUND_KEY)) beep();
  };
  useEffect(() => {
    let asked = 0;
    const look = () => {
      const wait = document.hidden ? SELDOM : EVERY;
      if (!isSignedIn() || !isReachable() || Date.now() - asked < wait - EVERY / 2) return;
      asked = Date.now();
      // Without an answer the next one counts.
      get("/alerts/unseen").then(keep, () => {});
    };
    const timer = setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
    look();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  useEffect(() => {
    if (localStorage.getItem("tofa.push")) {
      import("../account/push.js").then(({ resumePush }) => resumePush(session.me)).catch(() => {});
    }
  }, []);
  const number = unseen > MOST ? `${MOST}+` : String(unseen);
  useEffect(() => {
    // Pages set the title themselves.
    const mark = () => {
      const title = document.title.replace(PREFIX, "");
      const marked = unseen ? `(${number}) ${title}` : title;
      if (document.title !== marked) document.title = marked;
    };
    mark();
    const title = document.querySelector("title");
    if (!title) return undefined;
    const observer = new MutationObserver(mark);
    observer.observe(title, { childList: true });
    return () => observer.disconnect();
  }, [number]);
  return html`<button class="bell" onClick=${() => setOpen(true)}>
      <${Icon} name="megaphone" /><span>${t("alerts")}</span>
      ${
        unseen > 0 &&
        html`<b aria-hidden="true">${number}</b>
        <span class="unseen">${t("alerts.new", { count: unseen })}</span>`
      }</button>
    ${
      isOpen &&
      html`<${AlertList} session=${session} onSeen=${keep} onClose=${() => setOpen(false)} />`
    }`;
}

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.1;
  tone.connect(volume).connect(audio.destination);
  tone.onended = () => void audio.close();
  tone.start();
  tone.stop(audio.currentTime + 0.15);
}
