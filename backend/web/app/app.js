// The start: who is signed in, and which page is shown. Each page is a module, loaded when it is opened.
import { html, render, useEffect, useState } from "./html.js";
import { get, isSignedIn, watch } from "./api.js";
import { preload } from "./components/awesome.js";
import { Shell } from "./components/shell.js";
import { lazy } from "./components/load.js";
import { Toasts } from "./components/toast.js";
import { said } from "./components/form.js";
import { place, replace, usePlace } from "./router.js";
import { t } from "./words.js";

const PAGES = ["next", "leads", "lead", "board", "figures", "imports", "captures", "settings", "start"];

const SignInPage = lazy(() => import("./components/signin.js"), "SignInPage");
const SignInAgain = lazy(() => import("./components/signin.js"), "SignInAgain");

/** The place that a page belongs to which has none of its own. */
const HOME = { lead: "leads", start: "settings" };

function App() {
  const [signed, setSigned] = useState(isSignedIn());
  const [expired, setExpired] = useState(false);
  const [offline, setOffline] = useState(!navigator.onLine);
  const [world, setWorld] = useState(null);
  const [problem, setProblem] = useState(null);
  const { path, query } = usePlace();
  useEffect(() => watch((what) => {
    if (what === "expired") setExpired(true);
    if (what === "offline") setOffline(true);
    if (what === "online") setOffline(false);
    if (what === "in") { setSigned(true); setExpired(false); }
    if (what === "out") { setSigned(false); setExpired(false); setWorld(null); }
  }), []);
  const begin = async () => {
    try {
      const [me, centers] = await Promise.all([get("/users/me"), get("/centers/")]);
      setProblem(null);
      // Who has nothing yet is led, until they go elsewhere.
      const leads = me.role === "team_lead";
      const isNew = leads && centers.length === 0;
      if (isNew && place().path.length === 0) replace("start");
      // Of the others one sees no lead, and may add none.
      const own = centers.filter((one) => leads || me.center_ids.includes(one.id));
      setWorld({ me, centers, own, reload: begin });
    } catch (found) {
      setProblem(found);
    }
  };
  useEffect(() => {
    if (signed) begin();
    else preload();
  }, [signed]);
  const over = html`${expired && signed && html`<${SignInAgain} />`}<${Toasts} />`;
  if (!signed) return html`<${SignInPage} />${over}`;
  if (problem && !world) {
    return html`<main class="empty" role="alert"><p>${said(problem)}</p>
      <button onClick=${begin}>${t("again")}</button></main>${over}`;
  }
  if (!world) return html`<main class="empty quiet" aria-busy="true">${t("loading")}</main>${over}`;
  const name = PAGES.includes(path[0]) ? path[0] : "next";
  return html`<${Shell} world=${world} here=${HOME[name] ?? name} offline=${offline}>
      <${Page} key=${name} name=${name} params=${path.slice(1)} query=${query} world=${world} />
    <//>${over}`;
}

function Page({ name, ...props }) {
  const [page, setPage] = useState(null);
  useEffect(() => {
    import(`./pages/${name}.js`).then(
      (module) => {
        setPage(() => module.default);
        preload();
      },
      () => setPage(() => () => html`<p class="empty">${t("offline.failed")}</p>`),
    );
    document.title = `${t(`nav.${name}`)} · TOFA`;
  }, [name]);
  return page ? html`<${page} ...${props} />` : null;
}

const theme = localStorage.getItem("tofa.theme");
if (theme) document.documentElement.dataset.theme = theme;
render(html`<${App} />`, document.getElementById("app"));
