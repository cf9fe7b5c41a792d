// The frame of every page: where one can go, who one is, and what the keys do.
import { file, html, useEffect, useState } from "../html.js";
import { signOut } from "../api.js";
import { Icon } from "./icon.js";
import { useKeys } from "./keys.js";
import { Avatar } from "./lead.js";
import { lazy } from "./load.js";
import { Menu } from "./menu.js";
import { address, go } from "../router.js";
import { named, t } from "../words.js";

const Palette = lazy(() => import("./palette.js"), "Palette");
const Keys = lazy(() => import("./account.js"), "Keys");
const Password = lazy(() => import("./account.js"), "Password");

/** The page, its icon, and whether a team lead alone can go there.
 * @type {[string, string, boolean?][]} */
const PLACES = [
  ["next", "phone-call"], ["leads", "users"], ["board", "square-kanban"], ["figures", "chart-column"],
  ["imports", "upload", true], ["captures", "inbox", true], ["settings", "settings", true],
];

/** @returns {{ name: string, icon: string, seldom: boolean }[]} `seldom`: on a phone, behind 'more' */
export function placesOf(me) {
  return PLACES.filter(([, , manages]) => !manages || me.role === "team_lead")
    .map(([name, icon, manages]) => ({ name, icon, seldom: Boolean(manages) }));
}

export function Shell({ world, here, offline, children }) {
  const { me } = world;
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const places = placesOf(me);
  const seldom = places.filter((one) => one.seldom);
  useKeys({
    "?": () => setOpen("keys"),
    "/": () => {
      const field = /** @type {HTMLElement} */ (document.querySelector("[data-search]"));
      if (field) field.focus();
      else setOpen("palette");
    },
    g: () => /** @type {HTMLElement} */ (document.querySelector(".places a")).focus(),
  });
  useEffect(() => {
    const pressed = (event) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen("palette");
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  const link = ({ name, icon, ...place }) => html`<a key=${name} href=${address(name)}
    class=${place.seldom ? "seldom" : undefined} aria-current=${here === name ? "page" : undefined}>
    <${Icon} name=${icon} />${t(`nav.${name}`)}</a>`;
  return html`<a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      document.getElementById("main").focus();
    }}>${t("skip")}</a>
    <div class="shell">
      <header class="side">
        <a class="brand" href="#/next"><img src=${file("icon.svg")} alt="" width="24" height="24" />TOFA</a>
        <button class="find" onClick=${() => setOpen("palette")}><${Icon} name="search" />
          <span>${t("palette.open")}</span><kbd aria-hidden="true">Ctrl K</kbd></button>
        <nav class="places" aria-label=${t("nav")}>${places.map(link)}
          ${seldom.length > 0 && html`<${Menu} class="more"
            trigger=${html`<${Icon} name="ellipsis" />${t("nav.more")}`}
            items=${seldom.map(({ name, icon }) => (
              { text: t(`nav.${name}`), icon, onSelect: () => go(name) }))} />`}
        </nav>
        <${Account} me=${me} onOpen=${setOpen} />
      </header>
      <main id="main" tabindex="-1">
        ${offline && html`<p class="offline" role="alert"><${Icon} name="wifi-off" />${t("offline")}</p>`}
        ${children}</main>
    </div>
    ${open === "palette" && html`<${Palette} world=${world} onClose=${close} />`}
    ${open === "keys" && html`<${Keys} onClose=${close} />`}
    ${open === "password" && html`<${Password} onClose=${close} />`}`;
}

const isDark = () => (document.documentElement.dataset.theme
  ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function flipTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("tofa.theme", next);
  // What is drawn, and not styled, has to be drawn anew.
  dispatchEvent(new Event("tofa-theme"));
}

function Account({ me, onOpen }) {
  return html`<div class="me"><${Menu}
    trigger=${html`<span class="unseen">${t("me")}</span><${Avatar} name=${me.full_name} />
      <span class="who"><b>${me.full_name}</b><small>${named("role", me.role)}</small></span>`}
    items=${[
      { text: t("password.own"), icon: "key-round", onSelect: () => onOpen("password") },
      { text: t("theme"), icon: "moon", onSelect: flipTheme },
      { text: t("keys"), icon: "keyboard", onSelect: () => onOpen("keys") },
      { text: t("signout"), icon: "log-out", apart: true, onSelect: signOut },
    ]} /></div>`;
}
