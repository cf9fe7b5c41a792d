// A dialog, which is Web Awesome's: it keeps the focus inside and closes on Escape.
import { html, useEffect, useLayoutEffect, useRef } from "../html.js";
import { toast } from "./toast.js";
import { useWebAwesome } from "./web-awesome.js";
import { t } from "../texts.js";

/**
 * It is open as long as it is drawn.
 * @param {{ title: string, onClose?: () => void, children: Child, wide?: boolean }} props Without
 *   `onClose` it can't be closed.
 */
export function Dialog({ title, onClose, wide, children }) {
  const own = useRef(/** @type {WebAwesomeElement | null} */ (null));
  const focusedBefore = useRef(document.activeElement);
  const [ready, want] = useWebAwesome("dialog");
  useEffect(() => {
    want().then((loaded) => {
      if (loaded) return;
      toast(t("error.offline"), { wrong: true });
      onClose?.();
    });
  }, []);
  useEffect(() => {
    // It sets the focus only if it opens after its content is drawn.
    const dialog = own.current;
    if (!ready || !dialog) return;
    dialog.updateComplete.then(() => {
      dialog.open = dialog.isConnected;
    });
  }, [ready]);
  useLayoutEffect(() => {
    // Escape works even before the dialog has loaded; once it is open, it handles Escape itself.
    /** @param {KeyboardEvent} event */
    const pressed = (event) => {
      if (event.key !== "Escape" || own.current?.open) return;
      event.stopPropagation();
      onClose?.();
    };
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  });
  useEffect(
    () => () => {
      if (focusedBefore.current instanceof HTMLElement) focusedBefore.current.focus();
    },
    [],
  );
  if (!ready) return null;
  /** @param {Event} event A menu inside of it sends events of the same name. */
  const isOwn = (event) => event.target === own.current;
  /** @param {Event} event */
  const hide = (event) => {
    if (isOwn(event) && !onClose) event.preventDefault();
  };
  /** @param {Event} event */
  const hidden = (event) => {
    if (isOwn(event)) onClose?.();
  };
  return html`<wa-dialog ref=${own} label=${title} class=${wide ? "wide" : ""}
    data-kept=${onClose ? undefined : ""} onwa-hide=${hide}
    onwa-after-hide=${hidden}>${children}</wa-dialog>`;
}
