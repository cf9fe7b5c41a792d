// Keys that do something on a page. Who types a text, or has a dialog or a menu open, is left alone.
import { useLayoutEffect } from "../html.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
/** What Enter belongs to while it has the focus. */
const PRESSED = "a, button, summary";
const OVER = "wa-dialog, wa-dropdown[open]";

/**
 * @param {Record<string, (event: KeyboardEvent) => void>} keys  by `KeyboardEvent.key`
 */
export function useKeys(keys) {
  // As soon as it is drawn, not after the paint: a key must not meet what stood there before.
  useLayoutEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest?.(TYPING) || document.querySelector(OVER)) return;
      if (!(event.key in keys)) return;
      if (event.key === "Enter" && event.target.closest?.(PRESSED)) return;
      event.preventDefault();
      keys[event.key](event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
