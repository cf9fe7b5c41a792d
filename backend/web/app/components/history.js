// What happened to a lead, the newest first: who did what, and when.
import { html } from "../html.js";
import { Icon } from "./icon.js";
import { moment, named, since, t } from "../words.js";

const ICONS = {
  created: "sparkles", repeat_enquiry: "refresh-cw", status: "circle-check", follow_up: "calendar-clock",
  comment: "message-circle", edited: "pencil", trial: "calendar",
};

/** @param {{ lines: Line[], centers: Center[] }} props */
export function History({ lines, centers }) {
  if (lines.length === 0) return html`<p class="quiet">${t("lead.history.none")}</p>`;
  return html`<ol class="history">${lines.map((line) => html`<li key=${line.id}>
    <span class="mark"><${Icon} name=${ICONS[line.kind] ?? "history"} size=${14} /></span>
    <div><b>${line.data.undone ? t("history.undone") : named("history", line.kind)}</b>
      ${line.who && html`<span class="quiet">${line.who}</span>`}
      <time class="quiet" dateTime=${line.at} title=${moment(line.at)}>${since(line.at)}</time>
      <${What} line=${line} centers=${centers} /></div></li>`)}</ol>`;
}

function What({ line: { kind, data }, centers }) {
  if (kind === "comment") return html`<p class="comment">${data.text}</p>`;
  if (kind === "created" || kind === "repeat_enquiry") {
    return html`<span class="change">${named("source", data.source)}</span>`;
  }
  const change = (name, { from, to }) => html`<span class="change" key=${name}>
    ${kind === "edited" && `${named("lead", name)}: `}<del>${shown(name, from, centers)}</del> → ${
      shown(name, to, centers)}</span>`;
  if (kind !== "edited") return change(kind, data);
  return Object.entries(data).filter(([, one]) => one && typeof one === "object")
    .map(([name, one]) => change(name, one));
}

function shown(name, value, centers) {
  if (value === null || value === undefined || value === "") return "–";
  if (name === "center_id") {
    return centers.find((one) => one.id === value)?.display_name ?? value;
  }
  return /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : named("status", value);
}
