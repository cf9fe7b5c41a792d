// What was recorded without a network: what waits to be sent, and what someone must decide.
import { html, useEffect, useState } from "../html.js";
import { CHANGED, SENT, listWaiting, writeDraft } from "../drafts.js";
import { moment } from "../format.js";
import { flush, review, takeBack } from "../outbox.js";
import { go } from "../router.js";
import { label, t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { Empty } from "../ui/load.js";
import { toast } from "../ui/toast.js";

/** @typedef {import("../outbox.js").Waiting} Waiting */

export default function OutboxPage() {
  const [, setCount] = useState(0);
  const again = () => setCount((now) => now + 1);
  useEffect(() => {
    const events = [CHANGED, SENT, "storage"];
    for (const one of events) addEventListener(one, again);
    return () => events.forEach((one) => removeEventListener(one, again));
  }, []);
  const all = listWaiting();
  if (all.length === 0) {
    return html`<div class="head"><h1>${t("nav.outbox")}</h1></div>
      <${Empty} icon="circle-check" title=${t("outbox.empty")}>
        <a class="button" href="#/next">${t("nav.next")}</a><//>`;
  }
  /** @param {Waiting} one */
  const discard = (one) =>
    orToast(async () => {
      if (await takeBack(one.name)) return;
      const undo = () => {
        writeDraft(one.name, one);
        flush();
      };
      toast(t("draft.discarded", { name: one.title }), { undo });
    });
  /** @param {Waiting} one */
  const decide = (one) => {
    review(one);
    go(`lead/${one.values.lead}`);
  };
  /** @param {Waiting} one */
  const row = (one) => {
    const { state, told, at, json } = one.values;
    const said = [
      moment(at),
      json.outcome && label("outcome_of", json.outcome),
      json.status && label("status", json.status),
      json.comment,
    ].filter(Boolean);
    return html`<li key=${one.name}><span><a href=${`#/lead/${one.values.lead}`}>${one.title}</a>
        <small class="quiet">${said.join(" · ")}</small>
        <small class=${state ? "wrong" : "quiet"}>
          ${state === "refused" ? told : t(`outbox.${state ?? "waits"}`)}</small></span>
      <span class="buttons">
        ${state && html`<button onClick=${() => decide(one)}>${t("outbox.review")}</button>`}
        <button onClick=${() => discard(one)}>${t("action.discard")}</button></span></li>`;
  };
  return html`<div class="head"><h1>${t("nav.outbox")}</h1>
      <button onClick=${flush}>${t("outbox.send")}</button></div>
    <p class="quiet">${t("outbox.hint")}</p>
    <ul class="list panel unsent">${all.map(row)}</ul>`;
}
