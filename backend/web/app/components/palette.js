// One field from which everything is reached: a lead by its name or phone, a page by its name.
import { html, useEffect, useRef, useState } from "../html.js";
import { get } from "../api.js";
import { Dialog } from "./dialog.js";
import { said } from "./form.js";
import { Icon } from "./icon.js";
import { Avatar, Status, title } from "./lead.js";
import { placesOf } from "./shell.js";
import { go } from "../router.js";
import { t } from "../words.js";

const MOST = 8;

export function Palette({ world, onClose }) {
  const [text, setText] = useState("");
  const [leads, setLeads] = useState([]);
  const [wrong, setWrong] = useState("");
  const [at, setAt] = useState(0);
  const asked = useRef("");
  useEffect(() => {
    const q = text.trim();
    asked.current = q;
    if (!q) { setLeads([]); return undefined; }
    const timer = setTimeout(async () => {
      try {
        const page = await get("/leads/", { q, limit: MOST });
        // The answer to what was typed before may come late.
        if (asked.current === q) { setLeads(page.leads); setWrong(""); }
      } catch (problem) {
        setWrong(said(problem));
      }
    }, 150);
    return () => clearTimeout(timer);
  }, [text]);
  const places = placesOf(world.me)
    .map(({ name, icon }) => ({ key: name, icon, text: t(`nav.${name}`), to: /** @type {[string]} */ ([name]) }))
    .filter((one) => one.text.toLowerCase().includes(text.trim().toLowerCase()));
  const found = leads.map((lead) => ({ key: lead.id, lead, to: /** @type {[string]} */ ([`lead/${lead.id}`]) }));
  const all = text.trim() ? [{ key: "all", icon: "search", text: t("palette.all", { text }),
    to: /** @type {[string, object]} */ (["leads", { q: text.trim() }]) }] : [];
  /** @type {{ key: string | number, to: [string, object?], lead?: Lead, icon?: string, text?: string }[]} */
  const options = [...found, ...places, ...all];
  const now = Math.min(at, options.length - 1);
  const open = (one) => { onClose(); go(...one.to); };
  const pressed = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      setAt((now + by + options.length) % options.length);
    } else if (event.key === "Enter" && options[now]) {
      event.preventDefault();
      open(options[now]);
    }
  };
  return html`<${Dialog} title=${t("palette.title")} onClose=${onClose}>
    <div class="palette">
      <input type="search" autofocus value=${text} placeholder=${t("palette.hint")}
        aria-label=${t("palette.hint")} role="combobox" aria-expanded="true" aria-controls="palette-found"
        aria-activedescendant=${options[now] && `palette-${options[now].key}`}
        onInput=${(event) => { setText(event.target.value); setAt(0); }} onKeyDown=${pressed} />
      ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
      <ul id="palette-found" role="listbox" aria-label=${t("palette.title")}>
        ${options.map((one, index) => html`<li key=${one.key} id=${`palette-${one.key}`} role="option"
          aria-selected=${index === now} onMouseMove=${() => setAt(index)} onClick=${() => open(one)}>
          ${one.lead ? html`<${Avatar} name=${title(one.lead)} /><b>${title(one.lead)}</b>
            <span class="quiet">${one.lead.phone}</span><${Status} value=${one.lead.status} />`
          : html`<${Icon} name=${one.icon} />${one.text}`}</li>`)}
      </ul>
    </div>
  <//>`;
}
