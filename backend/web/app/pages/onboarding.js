// What a team lead does first: add a center and a person, connect Meta, import a file.
import { html, useState } from "../html.js";
import { post, url } from "../api.js";
import { moment } from "../format.js";
import { CenterDialog } from "../settings/center.js";
import { t } from "../texts.js";
import { Copy } from "../ui/copy.js";
import { orToast } from "../ui/form.js";
import { Icon } from "../ui/icon.js";
import { lazyDialog, loaded, useLoad } from "../ui/load.js";

const PersonDialog = lazyDialog(() => import("../settings/person.js"), "PersonDialog");

/** @param {PageProps} props */
export default function OnboardingPage({ session }) {
  const onboarding = useLoad("/onboarding/");
  const [open, setOpen] = useState(/** @type {"" | "center" | "person"} */ (""));
  const close = () => setOpen("");
  const saved = () => {
    close();
    onboarding.again();
    session.reload();
  };
  /** @type {(data: Onboarding) => Child} */
  const steps = (data) => html`<ol class="steps">
    ${step(
      1,
      "center",
      data.centers > 0,
      html`<button class=${data.centers ? "" : "primary"}
      onClick=${() => setOpen("center")}>${t("centers.add")}</button>`,
    )}
    ${step(
      2,
      "person",
      data.people > 1,
      html`<button onClick=${() => setOpen("person")}>
      ${t("people.add")}</button>`,
    )}
    ${step(3, "meta", data.meta.last_delivery_at !== null, html`<${Meta} meta=${data.meta} />`)}
    ${step(
      4,
      "webhook",
      !data.webhook.is_open,
      html`<${Webhook} path=${data.meta.webhook_path} webhook=${data.webhook} />`,
    )}
    ${step(
      5,
      "import",
      data.leads,
      html`<a class="button" href="#/imports">
      ${t("onboarding.import.open")}</a>`,
    )}
  </ol>`;
  return html`<div class="head"><h1>${t("nav.onboarding")}</h1></div>
    <p class="quiet">${t("onboarding.hint")}</p>
    ${loaded(onboarding, steps)}
    ${
      open === "center" &&
      html`<${CenterDialog} center=${null} onClose=${close}
      onSave=${saved} />`
    }
    ${
      open === "person" &&
      html`<${PersonDialog} user=${null} centers=${session.centers}
      onClose=${close} onSave=${saved} />`
    }`;
}

/**
 * @param {number} number
 * @param {string} name
 * @param {boolean} isDone
 * @param {Child} content
 */
const step = (number, name, isDone, content) => html`<li class=${isDone ? "step done" : "step"}>
  <span class="mark" aria-hidden="true">${isDone ? html`<${Icon} name="check" />` : number}</span>
  <div><h2>${t(`onboarding.${name}`)} ${isDone && html`<small>${t("onboarding.done")}</small>`}</h2>
    <p>${t(`onboarding.${name}.hint`)}</p>${content}</div></li>`;

/** @param {{ meta: Onboarding["meta"] }} props */
function Meta({ meta }) {
  const [checked, setChecked] = useState(/** @type {MetaCheck | null} */ (null));
  const check = () => orToast(async () => setChecked(await post("/onboarding/meta-check")));
  return html`<${Copy} label=${t("onboarding.webhook_url")} text=${url(meta.webhook_path)} />
    ${
      meta.verify_token
        ? html`<${Copy} label=${t("onboarding.verify_token")} text=${meta.verify_token} />`
        : html`<p class="quiet">${t("onboarding.no_verify_token")}</p>`
    }
    ${
      meta.last_delivery_at &&
      html`<p>
      ${t("onboarding.last_delivery", { at: moment(meta.last_delivery_at) })}</p>`
    }
    <button onClick=${check}>${t("onboarding.check")}</button>
    ${
      checked &&
      html`<ul class="list" role="status">${checked.checks.map(
        (one) => html`
      <li key=${one.name} class=${one.ok ? "good" : "wrong"}>
        <${Icon} name=${one.ok ? "circle-check" : "circle-alert"} /> ${one.message}</li>`,
      )}</ul>`
    }`;
}

/** @param {{ path: string, webhook: Onboarding["webhook"] }} props */
function Webhook({ path, webhook }) {
  const { is_open: isOpen, token } = webhook;
  return html`${isOpen && html`<p class="notice">${t("webhook.open")}</p>`}
    ${
      token
        ? html`<${Copy} label=${t("webhook.address")} text=${`${url(path)}?token=${token}`} />`
        : html`<p class="quiet">${t("webhook.token_is_set", { address: url(path) })}</p>`
    }`;
}
