// A button with a menu: arrows, letters, Home and End move in it. The browser closes it on Escape
// and on a click elsewhere.
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

/**
 * @typedef {{ text: string, id?: number, icon?: string, apart?: boolean,
 *   onSelect: () => void }} Item An item that is `apart` has a line above it. The text of one with
 *   an `id` may change while the menu is open.
 */

/** Pixels between a menu and its button, and between a menu and the edge of the window. */
const DISTANCE = 6;
const MARGIN = 8;

/**
 * @param {{ trigger: Child, label?: string, class?: string, items: Item[],
 *   onOpen?: () => unknown }} props `trigger` is what the button shows, which also names it without
 *   a `label`.
 */
export function Menu({ trigger, label, items, class: kind, onOpen }) {
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const menu = useRef(/** @type {HTMLElement | null} */ (null));
  // A page may have many menus, so their items are there only while they are open. They stay those
  // that it was opened with: what loads or changes meanwhile moves none from under the pointer.
  const [held, hold] = useState(/** @type {Item[] | null} */ (null));
  useEffect(() => {
    if (button.current) button.current.popoverTargetElement = menu.current;
  }, []);
  /** @param {ToggleEvent} event */
  const toggling = (event) => {
    if (event.newState !== "open" || !button.current || !menu.current) return;
    hold(items);
    onOpen?.();
    place(menu.current, button.current.getBoundingClientRect());
  };
  /** @param {ToggleEvent} event */
  const toggled = (event) => {
    if (event.newState === "open") itemsOf(menu.current)[0]?.focus();
    // Not before it is closed, which gives the focus back.
    else hold(null);
  };
  /** @param {KeyboardEvent} event */
  const openByKey = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    menu.current?.showPopover();
  };
  /** @param {KeyboardEvent} event */
  const move = (event) => {
    if (event.key === "Tab") menu.current?.hidePopover();
    const next = target(itemsOf(menu.current), event);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  /** @param {Item} item */
  const select = (item) => {
    menu.current?.hidePopover();
    item.onSelect();
  };
  return html`<button type="button" ref=${button} class=${kind} aria-label=${label}
      aria-haspopup="menu" aria-expanded=${held !== null} onKeyDown=${openByKey}>${trigger}</button>
    <div popover="auto" role="menu" class="menu" ref=${menu} onBeforeToggle=${toggling}
      onToggle=${toggled} onKeyDown=${move}>
      ${(held ?? []).map(
        // By their places, so that one whose text changes while it has the focus keeps it.
        (item, at) => html`<button type="button" role="menuitem" tabindex="-1" key=${at}
        class=${item.apart ? "apart" : ""} onClick=${() => select(item)}>
        ${item.icon && html`<${Icon} name=${item.icon} size=${16} />`}
        ${textOf(item, items)}</button>`,
      )}</div>`;
}

/**
 * Return the text that an item of an open menu has now.
 * @param {Item} item
 * @param {Item[]} items
 */
const textOf = (item, items) =>
  (item.id !== undefined && items.find((one) => one.id === item.id)?.text) || item.text;

/**
 * @param {HTMLElement | null} menu
 * @returns {HTMLElement[]}
 */
const itemsOf = (menu) => [...(menu?.querySelectorAll("button") ?? [])];

/**
 * Return the item that a key goes to, if any.
 * @param {HTMLElement[]} items
 * @param {KeyboardEvent} event
 */
function target(items, { key, ctrlKey, metaKey, altKey }) {
  const now = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, HTMLElement | undefined>} */
  const keys = {
    ArrowDown: items[(now + 1) % items.length],
    ArrowUp: items.at(now - 1),
    Home: items[0],
    End: items.at(-1),
  };
  if (key in keys) return keys[key];
  if (key.length > 1 || key === " " || ctrlKey || metaKey || altKey) return undefined;
  const inOrder = [...items.slice(now + 1), ...items.slice(0, now + 1)];
  const letter = key.toLocaleLowerCase();
  return inOrder.find((one) => one.innerText.trim().toLocaleLowerCase().startsWith(letter));
}

/**
 * Put a menu at that edge of its button from which there is more room.
 * @param {HTMLElement} menu
 * @param {DOMRect} beside
 */
function place({ style }, { left, right, top, bottom }) {
  const below = innerHeight - bottom > top;
  const room = (below ? innerHeight - bottom : top) - DISTANCE - MARGIN;
  const isLeft = left + right < innerWidth;
  style.inset = "auto";
  style[below ? "top" : "bottom"] = `${(below ? bottom : innerHeight - top) + DISTANCE}px`;
  style[isLeft ? "left" : "right"] = `${Math.max(MARGIN, isLeft ? left : innerWidth - right)}px`;
  style.maxHeight = `${room}px`;
}
