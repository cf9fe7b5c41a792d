// A sheet that slides in from the page's edge: Web Awesome's, with what `Dialog` promises.
import { html } from "/web/html.js";
import { Over } from "/web/components/over.js";

/** @param {{ title: string, onClose?: () => void, children: unknown }} props */
export function Drawer(props) {
  return html`<${Over} kind="drawer" ...${props} />`;
}
