// The frame of every page: where one can go, who one is, and what the keys do.
import { html, useState } from "/web/html.js";
import { ask, keep, signOut } from "/web/api.js";
import { Dialog } from "/web/components/dialog.js";
import { Field, Send, useForm } from "/web/components/form.js";
import { useKeys } from "/web/components/keys.js";
import { Menu } from "/web/components/menu.js";
import { toast } from "/web/components/toast.js";
import { address, go } from "/web/router.js";
import { t } from "/web/words.js";

/** Where one can go: the page, and whether a team lead alone can. */
const PLACES = [
  ["next"], ["leads"], ["board"], ["figures"],
  ["imports", true], ["captures", true], ["settings", true],
];
const KEYS = ["/", "j", "k", "enter", "g", "?", "next"];

export function Shell({ me, here, offline, children }) {
  const [open, setOpen] = useState(null);
  const mayManage = me.role === "team_lead";
  const places = PLACES.filter(([, manages]) => !manages || mayManage);
  useKeys({
    "?": () => setOpen("keys"),
    "/": () => (document.querySelector("[data-search]")
      ? document.querySelector("[data-search]").focus() : go("leads", { focus: "search" })),
    g: () => document.querySelector("nav a")?.focus(),
  });
  const theme = () => {
    const dark = document.documentElement.dataset.theme
      ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next = dark === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("tofa.theme", next);
  };
  const close = () => setOpen(null);
  return html`<a class="skip" href="#main" onClick=${(event) => {
      event.preventDefault();
      document.getElementById("main").focus();
    }}>${t("skip")}</a>
    <header class="bar">
      <a class="brand" href="#/next"><img src="/web/icon.svg" alt="" width="24" height="24" />
        <span>TOFA</span></a>
      <nav aria-label=${t("nav")}>
        ${places.map(([name]) => html`<a key=${name} href=${address(name)}
          aria-current=${here === name ? "page" : undefined}>${t(`nav.${name}`)}</a>`)}
      </nav>
      <${Menu} class="me" label=${t("me")} trigger=${initials(me.full_name)}
        head=${html`${me.full_name}<small>${me.email}</small>`} items=${[
          { text: t("password.own"), icon: "key-round", onSelect: () => setOpen("password") },
          { text: t("theme"), icon: "moon", onSelect: theme },
          { text: t("keys"), icon: "keyboard", onSelect: () => setOpen("keys") },
          { divider: true },
          { text: t("signout"), icon: "log-out", onSelect: signOut },
        ]} />
    </header>
    ${offline && html`<p class="offline" role="alert">${t("offline")}</p>`}
    <main id="main" tabindex="-1">${children}</main>
    ${open === "keys" && html`<${Keys} onClose=${close} />`}
    ${open === "password" && html`<${Password} onClose=${close} />`}`;
}

const initials = (name) => name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("").toUpperCase();

function Keys({ onClose }) {
  return html`<${Dialog} title=${t("keys")} onClose=${onClose}>
    <dl class="keys">${KEYS.map((key) => html`<div key=${key}>
      <dt><kbd>${t(`key.${key}`)}</kbd></dt><dd>${t(`key.${key}.does`)}</dd></div>`)}</dl>
  <//>`;
}

function Password({ onClose }) {
  const form = useForm({ current_password: "", password: "" }, async (values) => {
    keep((await ask("PUT", "/users/me/password", { json: values })).data);
    toast(t("password.changed"));
    onClose();
  });
  return html`<${Dialog} title=${t("password.own")} onClose=${onClose}>
    <form onSubmit=${form.submit}>
      <${Field} form=${form} name="current_password" type="password" required
        label=${t("password.current")} autocomplete="current-password" />
      <${Field} form=${form} name="password" type="password" required
        label=${t("password.new")} autocomplete="new-password" />
      <${Send} form=${form} text=${t("save")} />
    </form>
  <//>`;
}
