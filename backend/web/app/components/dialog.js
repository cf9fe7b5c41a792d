// A window over the page: Web Awesome's, which keeps the focus inside and Escape to itself.
import { html, useEffect, useLayoutEffect, useRef } from "../html.js";
import { useAwesome } from "./awesome.js";
import { toast } from "./toast.js";
import { t } from "../words.js";

/**
 * Open when it is drawn, and gone when its owner says so.
 * @param {{ title: string, onClose?: () => void, children: unknown, wide?: boolean }} props  without
 *   `onClose` it can't be closed
 */
export function Dialog({ title, onClose, wide, children }) {
  const own = useRef(null);
  const before = useRef(document.activeElement);
  const [ready, want] = useAwesome("dialog");
  useEffect(() => {
    want().then((is) => {
      if (is) return;
      toast(t("offline.failed"), { wrong: true });
      onClose?.();
    });
  }, []);
  useEffect(() => {
    // Opened once it is drawn: only so does it put the focus on what is to have it.
    const dialog = own.current;
    if (ready) dialog.updateComplete.then(() => { dialog.open = dialog.isConnected; });
  }, [ready]);
  useLayoutEffect(() => {
    // From when it is asked for, also while it is still on its way; once it is open, Escape is its own.
    const pressed = (event) => {
      if (event.key !== "Escape" || own.current?.open) return;
      event.stopPropagation();
      onClose?.();
    };
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  });
  useEffect(() => () => before.current?.focus?.(), []);
  if (!ready) return null;
  // A menu inside of it says the same of itself.
  const itself = (then) => (event) => event.target === own.current && then(event);
  const kept = (event) => onClose || event.preventDefault();
  return html`<wa-dialog ref=${own} label=${title} class=${wide ? "wide" : ""}
    data-kept=${onClose ? undefined : ""} onwa-hide=${itself(kept)}
    onwa-after-hide=${itself(() => onClose?.())}>${children}</wa-dialog>`;
}
