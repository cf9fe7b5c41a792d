// A button with a menu: Web Awesome's, by arrows and letters, closed by Escape and by a click elsewhere.
import { html, useEffect, useRef } from "../html.js";
import { useAwesome } from "./awesome.js";
import { Icon } from "./icon.js";
import { toast } from "./toast.js";
import { t } from "../words.js";

/**
 * @param {{ trigger: unknown, class?: string,
 *   items: { text: string, icon?: string, apart?: boolean, onSelect: () => void }[] }} props  `trigger`
 *   is what the button shows, and is called; an item that is `apart` has a line above it
 */
export function Menu({ trigger, items, class: kind }) {
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
  const chosen = (event) => items[event.detail.item.value].onSelect();
  return html`<wa-dropdown ref=${own} placement="bottom-end" distance="6" onwa-select=${chosen}>
    <button type="button" slot="trigger" class=${kind} aria-haspopup="menu" onClick=${click}>
      ${trigger}</button>
    ${ready && items.map((one, at) => html`<wa-dropdown-item key=${at} value=${at}
        class=${one.apart ? "apart" : undefined}>
      ${one.icon && html`<span slot="icon"><${Icon} name=${one.icon} size=${16} /></span>`}${one.text}
    </wa-dropdown-item>`)}
  </wa-dropdown>`;
}
