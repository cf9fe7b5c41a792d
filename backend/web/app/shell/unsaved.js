// What was typed somewhere and never saved: offered again on every page.
import { html, useEffect, useState } from "../html.js";
import { CHANGED, listDrafts, readDraft, writeDraft } from "../drafts.js";
import { address, usePlace } from "../router.js";
import { t } from "../texts.js";
import { Icon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";

/** @type {Record<string, (id: string) => string>} The page that shows a draft, by its kind. */
const PAGES = {
  outcome: (id) => `lead/${id}`,
  details: (id) => `lead/${id}`,
  new: () => "leads",
  import: (id) => `imports/${id}`,
};

/** More would hide the page. */
const MOST = 3;

export function Unsaved() {
  const { path } = usePlace();
  const [, setCount] = useState(0);
  useEffect(() => {
    const again = () => setCount((now) => now + 1);
    addEventListener(CHANGED, again);
    return () => removeEventListener(CHANGED, again);
  }, []);
  // What the page shows already says so itself, and a lead has two forms on one page.
  const isNext = ["next", undefined].includes(path[0]);
  const here = isNext ? `lead/${readDraft("hand")?.values.id}` : path.join("/");
  const seen = new Set([here]);
  const drafts = listDrafts()
    .map((one) => {
      const [kind = "", id = ""] = one.name.split("/");
      const page = PAGES[kind]?.(id) ?? "";
      const query = kind === "new" ? { add: "1" } : {};
      return { ...one, page, href: address(page, query) };
    })
    .filter(({ href, page }) => page && !seen.has(href.slice(2)) && seen.add(href.slice(2)));
  /** @param {import("../drafts.js").Draft} one */
  const discard = (one) => {
    writeDraft(one.name, null);
    const undo = () => writeDraft(one.name, one);
    toast(t("draft.discarded", { name: one.title }), { undo });
  };
  if (drafts.length === 0) return null;
  return html`<p class="notice calm unsaved"><${Icon} name="pencil" size=${15} />
    <span>${t("draft.unsaved")}</span>${drafts.slice(0, MOST).map(
      (one) => html`<span key=${one.name}><a href=${one.href}>${one.title}</a>
        <button class="plain" aria-label=${t("draft.discard", { name: one.title })}
          onClick=${() => discard(one)}><${Icon} name="x" size=${14} /></button></span>`,
    )}</p>`;
}
