// Leads that share an email, and not a phone: perhaps one, perhaps two. A team lead says which.
import { html } from "../html.js";
import { post } from "../api.js";
import { said } from "./form.js";
import { title } from "./lead.js";
import { Loaded, useLoad } from "./load.js";
import { toast } from "./toast.js";
import { address } from "../router.js";
import { t } from "../words.js";

export function Suspicions() {
  const pairs = useLoad("/leads/duplicates/", { limit: 20 });
  const two = async ({ first, second }) => {
    try {
      await post("/leads/duplicates/", { first_id: first.id, second_id: second.id });
      pairs.again();
    } catch (problem) {
      toast(said(problem), { wrong: true });
    }
  };
  const one = (lead) => html`<a href=${address(`lead/${lead.id}`)}>${title(lead)}</a>
    <span class="quiet">${lead.phone}</span>`;
  return html`<${Loaded} from=${pairs}>${(list) => list.length > 0 && html`<details class="panel">
    <summary>${t("suspicions")} <span class="quiet">${list.length}</span></summary>
    <p class="quiet">${t("suspicions.more")}</p>
    ${list.map((pair) => html`<div class="line" key=${`${pair.first.id}-${pair.second.id}`}>
      ${one(pair.first)} <span>·</span> ${one(pair.second)} <span class="quiet">${pair.email}</span>
      <button onClick=${() => two(pair)}>${t("suspicions.two")}</button></div>`)}</details>`}<//>`;
}
