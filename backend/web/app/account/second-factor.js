// Two-step sign-in: setting up an authenticator app, recovery codes, and turning it off.
import { html, useState } from "../html.js";
import { post } from "../api.js";
import { t } from "../texts.js";
import { Copy } from "../ui/copy.js";
import { Field, Submit, useForm } from "../ui/form.js";
import { loaded, useLoad } from "../ui/load.js";
import { toast } from "../ui/toast.js";

export function SecondFactor() {
  const state = useLoad("/users/me/second-factor");
  const [fresh, setFresh] = useState(/** @type {NewFactor | null} */ (null));
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  const done = () => {
    setFresh(null);
    setCodes(null);
    state.again();
  };
  if (codes) return html`<${Codes} codes=${codes} onDone=${done} />`;
  if (fresh) return html`<${Scan} fresh=${fresh} onDone=${setCodes} />`;
  return loaded(state, ({ enabled, required: wanted, recovery_codes: count, passkeys }) => {
    const required = wanted && passkeys === 0;
    const renew = async (/** @type {object} */ own) =>
      setCodes((await post("/users/me/second-factor/recovery-codes", own)).recovery_codes);
    const app = enabled
      ? html`<p>${t("factor.on")}</p>
          <${OwnPassword} text=${t("factor.turn_off")} send=${async (/** @type {object} */ own) => {
            await post("/users/me/second-factor/remove", own);
            toast(t("factor.off"));
            state.again();
          }} />`
      : html`<p class=${required ? "wrong" : "quiet"} role=${required ? "alert" : undefined}>
            ${t(required ? "factor.required" : "factor.hint")}</p>
          <${OwnPassword} text=${t("factor.begin")} send=${async (/** @type {object} */ own) =>
            setFresh(await post("/users/me/second-factor", own))} />`;
    if (!enabled && passkeys === 0) return app;
    return html`${app}<h3>${t("factor.recovery")}</h3><p>${t("factor.left", { count })}</p>
      <${OwnPassword} text=${t("factor.renew")} send=${renew} />`;
  });
}

/**
 * Ask for one's password before something is done.
 * @param {{ text: string, send: (own: object) => Promise<unknown> }} props
 */
export function OwnPassword({ text, send }) {
  const form = useForm({ current_password: "" }, async (values) => {
    await send(values);
    form.set("current_password", "");
  });
  return html`<form class="line" onSubmit=${form.submit}>
    <${Field} form=${form} name="current_password" type="password" required
      autocomplete="current-password" label=${t("people.own_password")} />
    <${Submit} form=${form} text=${text} /></form>`;
}

/** @param {{ fresh: NewFactor, onDone: (codes: string[]) => void }} props */
function Scan({ fresh, onDone }) {
  const form = useForm({ code: "" }, async (values) => {
    const { recovery_codes: codes } = await post("/users/me/second-factor/confirm", values);
    onDone(codes);
  });
  return html`<p>${t("factor.scan")}</p>
    <${QrCode} rows=${fresh.qr} />
    <${Copy} label=${t("factor.key")} text=${fresh.secret} />
    <form class="line" onSubmit=${form.submit}>
      <${Field} form=${form} name="code" label=${t("factor.code")} required inputmode="numeric"
        autocomplete="one-time-code" />
      <${Submit} form=${form} text=${t("factor.confirm")} /></form>`;
}

/** @param {{ codes: string[], onDone: () => void }} props */
export const Codes = ({ codes, onDone }) => html`<p role="alert">${t("factor.codes")}</p>
  <${Copy} label=${t("factor.code")} text=${codes.join(" ")} />
  <footer><button class="primary" onClick=${onDone}>${t("factor.codes_saved")}</button></footer>`;

/**
 * Dark squares on white, whatever the theme: not all apps read the opposite.
 * @param {{ rows: string[] }} props
 */
function QrCode({ rows }) {
  const size = rows.length + 8;
  const squares = rows.flatMap((row, y) =>
    [...row].map((one, x) => (one === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")),
  );
  return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img"
    aria-label=${t("factor.qr")} shape-rendering="crispEdges">
    <rect width=${size} height=${size} fill="#fff" /><path d=${squares.join("")} fill="#000" />
  </svg>`;
}
