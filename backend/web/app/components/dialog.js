// A window over the page: Web Awesome's, which keeps the focus inside and Escape to itself.
import { html } from "/web/html.js";
import { Over } from "/web/components/over.js";

/** @param {{ title: string, onClose?: () => void, children: unknown, wide?: boolean }} props */
export function Dialog({ wide, ...rest }) {
  return html`<${Over} kind="dialog" class=${wide ? "wide" : ""} ...${rest} />`;
}
