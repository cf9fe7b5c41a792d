// The choice of the kind of file that leads, or a report, are exported to.
import { html } from "../html.js";
import { t } from "../texts.js";
import { Icon } from "./icon.js";
import { Menu } from "./menu.js";

/** @param {{ save: (kind: string) => unknown }} props */
export const ExportMenu = ({ save }) =>
  html`<${Menu} trigger=${html`<${Icon} name="download" />${t("leads.export")}`}
    items=${["csv", "xlsx"].map((kind) => ({
      text: t(`leads.export.${kind}`),
      icon: "file-spreadsheet",
      onSelect: () => save(kind),
    }))} />`;
