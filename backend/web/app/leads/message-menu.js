// The WhatsApp texts for a lead: the one that is chosen opens in a chat and is recorded.
import { html } from "../html.js";
import { newKey, post } from "../api.js";
import { t } from "../texts.js";
import { orToast } from "../ui/form.js";
import { useLoad } from "../ui/load.js";
import { Menu } from "../ui/menu.js";
import { toast } from "../ui/toast.js";
import { undoCall } from "./undo.js";

/**
 * @param {{ id: number, name: string, chat: string, trigger: Child, link: Child,
 *   onOpen: () => void, onTouch?: () => void, onSend: () => void }} props `link` opens the `chat`
 *   without a text: it's all there is if there are no texts. `onOpen` is called as that is tapped.
 */
export function MessageMenu({ id, name, chat, trigger, link, onOpen, onTouch, onSend }) {
  const path = /** @type {`/leads/${number}/message-texts/`} */ (`/leads/${id}/message-texts/`);
  const { data } = useLoad(path);
  if (!data || data.length === 0) return link;
  const calls = /** @type {`/leads/${number}/calls/`} */ (`/leads/${id}/calls/`);
  /** @param {FilledText} text */
  const send = (text) => {
    onTouch?.();
    show(`${chat}?text=${encodeURIComponent(text.message)}`);
    orToast(async () => {
      const sent = { outcome: "whatsapp", text_id: text.id, client_key: newKey() };
      const recorded = await post(calls, sent);
      onSend();
      const undo = () => undoCall(id, recorded.id, onSend);
      toast(t("whatsapp.recorded", { name, text: text.label }), { undo });
    });
  };
  const open = () => {
    onOpen();
    show(chat);
  };
  const items = [
    ...data.map((one) => ({ text: one.label, onSelect: () => send(one) })),
    { text: t("whatsapp.no_text"), apart: true, onSelect: open },
  ];
  return html`<${Menu} class="button" label=${t("whatsapp.name", { name })} trigger=${trigger}
    items=${items} />`;
}

/** @param {string} address */
const show = (address) => void window.open(address, "_blank", "noopener,noreferrer");
