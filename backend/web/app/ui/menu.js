// A button with a menu, which is Web Awesome's: arrows, letters, Escape and clicks elsewhere work.
import { html, useEffect, useRef } from "../html.js";
import { Icon } from "./icon.js";
import { toast } from "./toast.js";
import { useWebAwesome } from "./web-awesome.js";
import { t } from "../texts.js";

/** @typedef {{ text: string, icon?: string, apart?: boolean, onSelect: () => void }} Item */

/**
 * @param {{ trigger: Child, class?: string, items: Item[] }} props `trigger` is what the button
 *   shows, which also names it; an item that is `apart` has a line above it.
 */
export function Menu({ trigger, items, class: kind }) {
  const own = useRef(/** @type {WebAwesomeElement | null} */ (null));
  const clicked = useRef(false);
  const [ready, want] = useWebAwesome("menu");
  // A click before the library is loaded opens the menu once it is.
  const click = async () => {
    if (ready) return;
    clicked.current = true;
    if (!(await want())) toast(t("error.offline"), { wrong: true });
  };
  useEffect(() => {
    const menu = own.current;
    if (!ready || !clicked.current || !menu) return;
    menu.updateComplete.then(() => {
      menu.open = true;
    });
  }, [ready]);
  /** @param {CustomEvent<{ item: { value: string } }>} event */
  const select = (event) => items[Number(event.detail.item.value)]?.onSelect();
  return html`<wa-dropdown ref=${own} placement="bottom-end" distance="6" onwa-select=${select}>
    <button type="button" slot="trigger" class=${kind} aria-haspopup="menu" onClick=${click}>
      ${trigger}</button>
    ${
      ready &&
      items.map(
        (one, at) => html`<wa-dropdown-item key=${at} value=${at}
        class=${one.apart ? "apart" : undefined}>
      ${one.icon && html`<span slot="icon"><${Icon} name=${one.icon} size=${16} /></span>`}
      ${one.text}
    </wa-dropdown-item>`,
      )
    }
  </wa-dropdown>`;
}
