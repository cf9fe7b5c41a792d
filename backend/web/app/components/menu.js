// A button with a menu: Web Awesome's, by arrows and letters, closed by Escape and by a click elsewhere.
import { html, useEffect, useRef } from "/web/html.js";
import { useAwesome } from "/web/components/awesome.js";
import { Icon } from "/web/components/icon.js";
import { toast } from "/web/components/toast.js";
import { t } from "/web/words.js";

/**
 * @param {{ label: string, trigger: unknown, items: (Item | false)[], head?: unknown, class?: string,
 *   placement?: string }} props  `label` names the button, `trigger` is what it shows, `head` is text
 *   above the items
 * @typedef {{ text: string, icon?: string, onSelect: () => void, danger?: boolean, checked?: boolean,
 *   disabled?: boolean } | { divider: true }} Item  one with `checked`, true or false, shows whether
 */
export function Menu({ label, trigger, items, head, placement = "bottom-end", ...rest }) {
  const own = useRef(null);
  const early = useRef(false);
  const [ready, want] = useAwesome("menu");
  // Who was faster than the library gets the menu once it is there.
  const click = async () => {
    if (ready) return;
    early.current = true;
    if (!await want()) toast(t("offline.failed"), { wrong: true });
  };
  useEffect(() => {
    if (ready && early.current) own.current.updateComplete.then(() => { own.current.open = true; });
  }, [ready]);
  const shown = items.filter(Boolean);
  const chosen = (event) => shown[event.detail.item.value].onSelect();
  return html`<wa-dropdown ref=${own} placement=${placement} distance="6" onwa-select=${chosen}>
    <button type="button" slot="trigger" aria-haspopup="menu" aria-label=${label}
      onClick=${click} ...${rest}>
      ${trigger}</button>
    ${ready && head && html`<div class="menu-head">${head}</div>`}
    ${ready && shown.map((one, at) => (one.divider ? html`<wa-divider key=${at}></wa-divider>`
      : html`<${Choice} key=${at} at=${at} ...${one} />`))}
  </wa-dropdown>`;
}

function Choice({ at, text, icon, danger, checked, disabled }) {
  return html`<wa-dropdown-item value=${at} variant=${danger ? "danger" : "default"}
    type=${checked === undefined ? "normal" : "checkbox"} checked=${Boolean(checked)}
    disabled=${Boolean(disabled)}>
    ${icon && html`<span slot="icon"><${Icon} name=${icon} size="16" /></span>`}${text}
  </wa-dropdown-item>`;
}
