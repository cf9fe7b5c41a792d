// Whether leads arrive: Meta's connection, what waits, and forms that stopped sending.
import { html } from "../html.js";
import { duration, since } from "../format.js";
import { count, t } from "../texts.js";
import { Icon } from "../ui/icon.js";

/** Why some leads can't be read, though Meta answers. */
const REFUSED = ["permission", "missing"];
/** How a backfill is when nothing is wrong. */
const FINE = ["running", "done"];

/** @param {{ health: IntakeHealth }} props */
export function Health({ health }) {
  const { graph, backfill, failed, oldest_waiting: oldest } = health;
  const isRefused = REFUSED.includes(graph.reason ?? "");
  const connection = isRefused ? t("health.refused") : (graph.message ?? t("health.connected"));
  /** @type {[string, string, boolean][]} The fact, its value, and whether it's bad. */
  const facts = [
    ["graph", connection, graph.reason !== null],
    ["oldest", oldest ? since(oldest) : "–", false],
    ["failed", count(failed), failed > 0],
    ["backfill", backfill?.message ?? "–", !FINE.includes(backfill?.reason ?? "done")],
  ];
  return html`<dl class="totals">${facts.map(
    ([name, text, isBad]) => html`
      <div key=${name} class=${isBad ? "bad" : ""}>
        <dt>${t(`health.${name}`)}</dt><dd>${text}</dd></div>`,
  )}</dl>
    ${health.webhook_open && warning(t("webhook.open"))}
    ${isRefused && graph.message && warning(graph.message)}
    ${health.graph_version.message && warning(health.graph_version.message)}
    ${health.new_forms.map(
      (form) => html`
      <p class="notice calm" key=${form.form_id} role="status"><${Icon} name="sparkles" />
        ${t("health.new_form", {
          form: form.name ?? form.form_id,
          since: since(form.seen_at),
        })}</p>`,
    )}
    ${health.silent_forms.map(
      (form) => html`
      <p class="notice" key=${form.form_id} role="status"><${Icon} name="triangle-alert" />
        ${t("health.silent", {
          form: form.form_id,
          since: since(form.newest_lead_at),
          gap: duration(form.usual_gap_seconds),
        })}</p>`,
    )}`;
}

/** @param {string} text */
const warning = (text) => html`<p class="notice" role="status">
  <${Icon} name="triangle-alert" /><span>${text}</span></p>`;
