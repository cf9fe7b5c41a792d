// What stands over the page, a dialog or a drawer: opened when it is drawn, gone when its owner says so.
import { html, useEffect, useRef } from "/web/html.js";
import { useAwesome } from "/web/components/awesome.js";
import { toast } from "/web/components/toast.js";
import { t } from "/web/words.js";

/**
 * @param {{ kind: "dialog" | "drawer", title: string, onClose?: () => void, children: unknown,
 *   class?: string }} props  without `onClose` it can't be closed
 */
export function Over({ kind, title, onClose, children, ...rest }) {
  const own = useRef(null);
  const before = useRef(document.activeElement);
  const [ready, want] = useAwesome(kind);
  useEffect(() => {
    want().then((is) => {
      if (is) return;
      toast(t("offline.failed"), { wrong: true });
      onClose?.();
    });
  }, []);
  useEffect(() => {
    // Opened once it is drawn: only so does it put the focus on what is to have it.
    if (ready) own.current.updateComplete.then(() => { own.current.open = true; });
  }, [ready]);
  useEffect(() => () => before.current?.focus?.(), []);
  if (!ready) return null;
  // A menu inside of it says the same of itself.
  const itself = (then) => (event) => event.target === own.current && then(event);
  const kept = (event) => onClose || event.preventDefault();
  return html`<${`wa-${kind}`} ref=${own} label=${title} ...${rest} data-kept=${onClose ? undefined : ""}
    onwa-hide=${itself(kept)} onwa-after-hide=${itself(() => onClose?.())}>${children}<//>`;
}
