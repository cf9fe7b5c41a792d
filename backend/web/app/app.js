// The entry point: who is signed in, and which page is shown. Most people begin with the call
// queue; the other pages load on demand.
import { html, render, useCallback, useEffect, useLayoutEffect, useState } from "./html.js";
import { Problem, ask, get, isReachable, isSignedIn, lastPerson, watch } from "./api.js";
import { keptSession, openDrafts, writeDraft } from "./drafts.js";
import { setZone } from "./format.js";
import { setChoices } from "./leads/choices.js";
import { default as CallNextPage } from "./pages/next.js";
import { currentPlace, replace, usePlace } from "./router.js";
import { entriesFor } from "./shell/nav.js";
import { Shell } from "./shell/shell.js";
import { t } from "./texts.js";
import { errorText } from "./ui/form.js";
import { Empty, lazy, reloadOnline, useOnline } from "./ui/load.js";
import { Toasts, forgetUndo, toast } from "./ui/toast.js";

const PAGES = [
  "next",
  "leads",
  "lead",
  "duplicates",
  "board",
  "reports",
  "live",
  "imports",
  "intake",
  "settings",
  "audit",
  "onboarding",
  "security",
  "outbox",
  "actions",
];
/** @type {Record<string, string>} The entry of the navigation for pages that have none. */
const PARENTS = {
  lead: "leads",
  duplicates: "leads",
  live: "reports",
  audit: "settings",
  onboarding: "settings",
  security: "",
  outbox: "next",
  actions: "",
};

/** Pages that show nothing to observers. */
const FOR_CALLERS = ["duplicates", "actions"];
const FOR_LEADS = ["live"];

/** How often an open page asks whether the session is still open, in milliseconds. */
const LOOK_EVERY = 300_000;

const SignInPage = lazy(() => import("./shell/sign-in.js"), "SignInPage");
const SetPassword = lazy(() => import("./account/set-password.js"), "SetPassword");
const SignInAgain = lazy(() => import("./shell/sign-in.js"), "SignInAgain");

function App() {
  const [signedIn, setSignedIn] = useState(isSignedIn());
  const [expired, setExpired] = useState(false);
  const [offline, setOffline] = useState(!navigator.onLine || !isReachable());
  const [session, setSession] = useState(/** @type {Session | null} */ (null));
  const [problem, setProblem] = useState(/** @type {unknown} */ (null));
  const { path, query } = usePlace();
  // In time for what the answers to the first requests say, which may be there already.
  useLayoutEffect(
    () =>
      watch((change) => {
        if (change === "expired") setExpired(true);
        if (change === "offline") setOffline(true);
        if (change === "online") setOffline(false);
        if (change === "factor") replace("security");
        if (change === "busy") toast(t("error.busy"));
        if (change === "in" || change === "out") setExpired(false);
        if (change === "in") setSignedIn(true);
        if (change === "out") {
          openDrafts(null);
          forgetUndo();
          setSignedIn(false);
          setSession(null);
        }
      }),
    [],
  );
  useEffect(() => {
    // So that the page shows nothing soon after the session has ended, in whichever way.
    const look = () => {
      if (isSignedIn() && !document.hidden) ask("GET", "/users/me/session").catch(() => {});
    };
    const timer = setInterval(look, LOOK_EVERY);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  /** @param {{ me: Me, centers: Center[], choices?: ChoiceLists }} of */
  const open = ({ me, centers, choices }) => {
    const isLead = me.role === "team_lead";
    const ownCenters = centers.filter((one) => isLead || me.center_ids.includes(one.id));
    setZone(me.timezone);
    setChoices(choices);
    openDrafts(me.id);
    setSession({ me, centers, ownCenters, reload: load });
    return isLead && centers.length === 0;
  };
  const load = useCallback(async () => {
    try {
      const [me, centers, choices] = await Promise.all([
        get("/users/me"),
        get("/centers/"),
        get("/choices/"),
      ]);
      setProblem(null);
      const isNew = open({ me, centers, choices });
      writeDraft("copy/session", { values: { me, centers, choices } });
      if (isNew && currentPlace().path.length === 0) replace("onboarding");
    } catch (found) {
      const kept = found instanceof Problem && found.status === 0 && keptSession(lastPerson());
      if (kept) open(kept);
      setProblem(found);
    }
  }, []);
  useOnline(problem, load);
  useLayoutEffect(() => {
    if (signedIn) load();
  }, [signedIn]);
  const over = html`${expired && signedIn && html`<${SignInAgain} />`}
    <${Toasts} key=${`${signedIn} ${expired}`} />`;
  if (path[0] === "set-password") return html`<${SetPassword} token=${path[1] ?? ""} />${over}`;
  if (!signedIn) return html`<${SignInPage} />${over}`;
  if (problem && !session) {
    return html`<main class="empty" role="alert"><p>${errorText(problem)}</p>
      <button onClick=${load}>${t("action.retry")}</button></main>${over}`;
  }
  if (!session) {
    return html`<main class="empty quiet" aria-busy="true">${t("loading")}</main>${over}`;
  }
  const name = path[0] ?? "next";
  const entry = PARENTS[name] ?? name;
  const page = maySee(session.me, name, entry)
    ? html`<${Page} key=${name} name=${name} params=${path.slice(1)} query=${query}
        session=${session} />`
    : html`<${Missing} />`;
  // What was typed stays in the page, but nobody sees anything of it until they sign in again.
  return html`<div class="kept" hidden=${expired}>
    <${Shell} session=${session} current=${entry} offline=${offline}>${page}<//></div>${over}`;
}

/**
 * Return whether a page exists and shows something to someone.
 * @param {Me} me
 * @param {string} name
 * @param {string} entry The page's entry of the navigation.
 */
function maySee(me, name, entry) {
  if (!PAGES.includes(name) || (me.role === "observer" && FOR_CALLERS.includes(name))) return false;
  if (FOR_LEADS.includes(name) && me.role !== "team_lead") return false;
  return entry === "" || entriesFor(me).some((one) => one.name === entry);
}

/** What an address shows that is wrong, or that is for others. */
function Missing() {
  document.title = `${t("error.not_found")} · TOFA`;
  return html`<${Empty} icon="search" title=${t("error.not_found")}>
    <a class="button" href="#/next">${t("nav.next")}</a><//>`;
}

/** @param {PageProps & { name: string }} props */
function Page({ name, ...props }) {
  const [page, setPage] = useState(() => pages.get(name) ?? null);
  useEffect(() => {
    loadPage(name).then(
      () => setPage(() => pages.get(name) ?? null),
      () => {
        setPage(() => () => html`<p class="empty" role="alert">${t("error.offline")}</p>`);
        reloadOnline();
      },
    );
    document.title = `${t(`nav.${name}`)} · TOFA`;
  }, [name]);
  return page ? html`<${page} ...${props} />` : null;
}

/** @type {Map<string, object>} The pages that have been loaded. */
const pages = new Map([["next", CallNextPage]]);

/** @param {string} name */
async function loadPage(name) {
  if (!pages.has(name)) pages.set(name, (await import(`./pages/${name}.js`)).default);
}

const theme = localStorage.getItem("tofa.theme");
if (theme) document.documentElement.dataset.theme = theme;
// The page shows once it is known who is signed in: it needn't wait until then to be loaded.
const first = currentPlace().path[0] ?? "next";
// What goes wrong is said where it is shown.
if (isSignedIn() && PAGES.includes(first)) loadPage(first).catch(() => {});
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
// Without these, menus and colours are broken. The page itself says which browsers have them.
if ("popover" in root && CSS.supports("color", "light-dark(red, red)")) {
  root.replaceChildren();
  render(html`<${App} />`, root);
} else root.classList.add("old");
