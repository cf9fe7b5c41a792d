// Whether you get summaries by email, where this installation can send any.
import { html } from "../html.js";
import { patch } from "../api.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

export function Summaries() {
  const found = useLoad("/users/me/alerts");
  if (!found.data?.can_email) return null;
  /** @param {PageEvent} event */
  const change = ({ target }) =>
    orToast(async () => {
      await patch("/users/me/alerts", { summaries: target.checked });
      toast(t("saved"));
      found.again();
    });
  return html`<section class="panel"><div class="head"><h2>${t("summaries")}</h2></div>
    <label class="pick"><input type="checkbox" checked=${found.data.summaries}
      onChange=${change} />${t("summaries.want")}</label>
    <p class="quiet">${t("summaries.hint")}</p></section>`;
}
