// The frame of every page: the navigation, the account menu, and shortcuts that work everywhere.
import { file, html, useEffect, useState } from "../html.js";
import { signOut } from "../api.js";
import { listDrafts } from "../drafts.js";
import { otherZone } from "../format.js";
import { Avatar } from "../leads/lead.js";
import { address, go } from "../router.js";
import { label, t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { isFree, useKeys } from "../ui/keys.js";
import { lazy, lazyDialog } from "../ui/load.js";
import { Menu } from "../ui/menu.js";
import { undoLast } from "../ui/toast.js";
import { Alerts } from "./alerts.js";
import { AwayNotice, awayItems, useAway } from "./away.js";
import { entriesFor } from "./nav.js";
import { Unsaved } from "./unsaved.js";

/** @typedef {"palette" | "shortcuts" | "password" | "signout"} DialogName */

const Palette = lazyDialog(() => import("./palette.js"), "Palette");
const Shortcuts = lazyDialog(() => import("./account.js"), "Shortcuts");
const ChangePassword = lazyDialog(() => import("./account.js"), "ChangePassword");
const Waiting = lazy(() => import("./waiting.js"), "Waiting");
const SignOut = lazyDialog(() => import("./account.js"), "SignOut");

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector));

/**
 * @param {{ session: Session, current: string, offline: boolean, children: Child }} props `current`
 *   is the entry of the navigation that is open.
 */
export function Shell({ session, current, offline, children }) {
  const { me } = session;
  const mayEdit = me.role !== "observer";
  const zone = otherZone();
  const away = useAway(me);
  const [open, setOpen] = useState(/** @type {DialogName | null} */ (null));
  const close = () => setOpen(null);
  const entries = entriesFor(me);
  const secondary = entries.filter((one) => one.secondary);
  useKeys({
    "?": () => setOpen("shortcuts"),
    "/": () => {
      const field = find("[data-search]");
      if (field) field.focus();
      else setOpen("palette");
    },
    "g": () => find(".places a")?.focus(),
    "a": () => mayEdit && go("actions"),
    "z": undoLast,
  });
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const pressed = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      const isUndo = event.key === "z" && isFree(event);
      if (event.key !== "k" && !isUndo) return;
      event.preventDefault();
      if (event.repeat) return;
      if (isUndo) undoLast();
      else setOpen("palette");
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  /** @param {Event} event */
  const skip = (event) => {
    event.preventDefault();
    find("#main")?.focus();
  };
  /** @param {ReturnType<typeof entriesFor>[number]} entry */
  const link = (entry) => html`<a key=${entry.name} href=${address(entry.name)}
    class=${entry.secondary ? "seldom" : undefined}
    aria-current=${current === entry.name ? "page" : undefined}>
    <${Icon} name=${entry.icon} />${t(`nav.${entry.name}`)}</a>`;
  return html`<a class="skip" href="#main" onClick=${skip}>${t("nav.skip")}</a>
    <div class="shell">
      <header class="side">
        <a class="brand" href="#/next">
          <img src=${file("icon.svg")} alt="" width="24" height="24" />TOFA</a>
        <button class="find" onClick=${() => setOpen("palette")}><${Icon} name="search" />
          <span>${t("palette.open")}</span><kbd aria-hidden="true">Ctrl K</kbd></button>
        <${Alerts} session=${session} />
        <nav class="places" aria-label=${t("nav.label")}>${entries.map(link)}
          ${
            secondary.length > 0 &&
            html`<${Menu} class="rest"
            trigger=${html`<${Icon} name="ellipsis" />${t("nav.more")}`}
            items=${secondary.map(({ name, icon }) => ({
              text: t(`nav.${name}`),
              icon,
              onSelect: () => go(name),
            }))} />`
          }
        </nav>
        <${Account} me=${me} away=${away} onOpen=${setOpen} />
      </header>
      <main id="main" tabindex="-1">
        ${
          offline &&
          html`<p class="offline" role="alert">
          <${Icon} name="wifi-off" />${t("offline")}</p>`
        }
        ${zone && html`<p class="zone quiet">${t("zone", { zone })}</p>`}
        <${AwayNotice} away=${away} /><${Unsaved} /><${Waiting} />
        ${children}</main>
    </div>
    ${open === "palette" && html`<${Palette} session=${session} onClose=${close} />`}
    ${open === "shortcuts" && html`<${Shortcuts} onClose=${close} />`}
    ${open === "password" && html`<${ChangePassword} onClose=${close} />`}
    ${open === "signout" && html`<${SignOut} onClose=${close} />`}`;
}

function switchTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  localStorage.setItem("tofa.theme", next);
  // Charts are drawn on a canvas, which styles don't reach.
  dispatchEvent(new Event("tofa-theme"));
}

/**
 * @param {{ me: Me, away: import("./away.js").Away, onOpen: (name: DialogName) => void }} props
 */
function Account({ me, away, onOpen }) {
  const leave = () => (listDrafts().length > 0 ? onOpen("signout") : signOut());
  const actions = { text: t("nav.actions"), icon: "history", onSelect: () => go("actions") };
  const items = [
    ...(me.role === "observer" ? [] : [actions]),
    { text: t("password.change"), icon: "key-round", onSelect: () => onOpen("password") },
    { text: t("nav.security"), icon: "user", onSelect: () => go("security") },
    { text: t("account.theme"), icon: "moon", onSelect: switchTheme },
    { text: t("shortcuts"), icon: "keyboard", onSelect: () => onOpen("shortcuts") },
    ...awayItems(away),
    { text: t("account.sign_out"), icon: "log-out", apart: true, onSelect: leave },
  ];
  const trigger = html`<span class="unseen">${t("account")}</span>
    <${Avatar} name=${me.full_name} />
    <span class="who"><b>${me.full_name}</b><small>
      ${away?.away ? t("away") : label("role", me.role)}</small></span>`;
  return html`<div class="me"><${Menu} trigger=${trigger} items=${items} /></div>`;
}
