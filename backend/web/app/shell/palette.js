// One field that finds leads by name or phone number, and pages by name.
import { html, useState } from "../html.js";
import { Avatar, Status, phoneText, title } from "../leads/lead.js";
import { useLeadSearch } from "../leads/lead-search.js";
import { go } from "../router.js";
import { t } from "../texts.js";
import { Dialog } from "../ui/dialog.js";
import { Icon } from "../ui/icon.js";
import { entriesFor } from "./nav.js";

/** @typedef {{ key: string | number, open: () => void, content: Child }} Option */

/** @param {{ session: Session, onClose: () => void }} props */
export function Palette({ session, onClose }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { leads, error } = useLeadSearch(text.trim());
  const options = optionsFor(text.trim(), leads, session.me);
  const now = Math.min(at, options.length - 1);
  /** @param {Option} one */
  const open = (one) => {
    onClose();
    one.open();
  };
  /** @param {PageEvent} event */
  const pressed = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = options[now];
    if (step) {
      event.preventDefault();
      setAt((now + step + options.length) % options.length);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      open(chosen);
    }
  };
  /** @param {PageEvent} event */
  const typed = (event) => {
    setText(event.target.value);
    setAt(0);
  };
  return html`<${Dialog} title=${t("palette.title")} onClose=${onClose}>
    <div class="palette">
      <input type="search" autofocus value=${text} placeholder=${t("palette.hint")}
        aria-label=${t("palette.hint")} role="combobox" aria-expanded="true"
        aria-controls="palette-options"
        aria-activedescendant=${options[now] && `palette-${options[now].key}`}
        onInput=${typed} onKeyDown=${pressed} />
      ${error && html`<p class="wrong" role="alert">${error}</p>`}
      <ul id="palette-options" role="listbox" aria-label=${t("palette.title")}>
        ${options.map(
          (one, index) => html`<li key=${one.key} id=${`palette-${one.key}`}
          role="option" aria-selected=${index === now} onMouseMove=${() => setAt(index)}
          onClick=${() => open(one)}>${one.content}</li>`,
        )}
      </ul>
    </div>
  <//>`;
}

/**
 * @param {string} text
 * @param {LeadRow[]} leads
 * @param {Me} me
 * @returns {Option[]}
 */
function optionsFor(text, leads, me) {
  const found = leads.map((lead) => ({
    key: lead.id,
    open: () => go(`lead/${lead.id}`),
    content: html`<${Avatar} name=${title(lead)} /><b>${title(lead)}</b>
      <span class="quiet">${phoneText(lead)}</span><${Status} value=${lead.status} />`,
  }));
  const pages = entriesFor(me)
    .map(({ name, icon }) => ({ name, icon, text: t(`nav.${name}`) }))
    .filter((one) => one.text.toLowerCase().includes(text.toLowerCase()))
    .map((one) => ({
      key: one.name,
      open: () => go(one.name),
      content: html`<${Icon} name=${one.icon} />${one.text}`,
    }));
  const all = {
    key: "all",
    open: () => go("leads", { q: text }),
    content: html`<${Icon} name="search" />${t("palette.all", { text })}`,
  };
  return text ? [...found, ...pages, all] : pages;
}
