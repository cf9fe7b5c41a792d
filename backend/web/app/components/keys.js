// Keys that do something on a page. Who types a text, or has a dialog open, is left alone.
import { useEffect } from "/web/html.js";

const TYPING = "input, textarea, select, [contenteditable]";

/**
 * @param {Record<string, (event: KeyboardEvent) => void>} keys  by `KeyboardEvent.key`
 * @param {boolean} [inside]  whether they hold inside of a dialog and beside fields
 */
export function useKeys(keys, inside = false) {
  useEffect(() => {
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (!inside && (event.target.closest?.(TYPING) || document.querySelector("dialog[open]"))) {
        return;
      }
      if (!(event.key in keys)) return;
      event.preventDefault();
      keys[event.key](event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
