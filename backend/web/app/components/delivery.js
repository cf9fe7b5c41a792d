// One delivery as it came, and what can be done with it.
import { html } from "../html.js";
import { post } from "../api.js";
import { Dialog } from "./dialog.js";
import { Field, Send, said, useForm } from "./form.js";
import { Loaded, useLoad } from "./load.js";
import { toast } from "./toast.js";
import { moment, t } from "../words.js";

const OPEN = ["waiting", "retrying", "failed"];

export function Delivery({ id, onDone, onClose, again }) {
  const path = `/deliveries/${encodeURIComponent(id)}`;
  const found = useLoad(path);
  const discard = useForm({ reason: "" }, async (values) => {
    await post(`${path}/dismiss`, values);
    again();
    onClose();
  });
  const replay = async (all) => {
    try {
      onDone((await post(`${path}/retry${all ? "?all_of_reason=true" : ""}`)));
      onClose();
    } catch (problem) {
      toast(said(problem), { wrong: true });
    }
  };
  return html`<${Dialog} title=${t("captures.one", { id })} onClose=${onClose} wide>
    <${Loaded} from=${found}>${(one) => html`
      <p><span class=${`badge ${one.state}`}>${t(`capture.${one.state}`)}</span>
        <span class="quiet"> ${moment(one.received_at)}</span> ${one.message ?? ""}</p>
      <h3>${t("captures.body")}</h3><pre tabindex="0">${pretty(one.body)}</pre>
      ${one.fetched && html`<h3>${t("captures.fetched")}</h3><pre tabindex="0">${pretty(one.fetched)}</pre>`}
      ${OPEN.includes(one.state) && html`<div class="buttons">
          <button onClick=${() => replay(true)}>${t("captures.replay.all")}</button>
          <button class="primary" onClick=${() => replay(false)}>${t("captures.replay")}</button></div>
        <form onSubmit=${discard.submit}><${Field} form=${discard} name="reason" required label=${t("captures.why")} />
          <${Send} form=${discard} text=${t("captures.discard")} /></form>`}`}<//>
  <//>`;
}

function pretty(text) {
  try {
    // Ids are longer than the numbers of this language: only what survives is set anew.
    return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
