// By when a new lead should be called, and that it was handed over because nobody has.
import { html, useEffect, useState } from "../html.js";
import { duration } from "../format.js";
import { t } from "../texts.js";

/** Milliseconds. */
const EVERY = 15_000;
/** Seconds: the time is nearly over. */
const NEARLY = 900;

/** @type {Set<() => void>} What is drawn again as time passes, by one timer for all. */
const shown = new Set();
let timer = 0;

/** @param {() => void} draw */
function eachMoment(draw) {
  shown.add(draw);
  timer ||= setInterval(() => shown.forEach((one) => one()), EVERY);
  return () => {
    shown.delete(draw);
    if (shown.size > 0) return;
    clearInterval(timer);
    timer = 0;
  };
}

/**
 * The time left until a new lead should be called; nothing for a lead that isn't timed.
 * @param {{ lead: LeadRow }} props
 */
export function TimeLeft({ lead }) {
  const [, draw] = useState(0);
  const { call_by: by, handed_over_at: handedOver, handed_over_from: from } = lead;
  useEffect(() => (by ? eachMoment(() => draw((many) => many + 1)) : undefined), [by]);
  if (!by && !handedOver) return null;
  const left = by ? (Date.parse(by) - Date.now()) / 1000 : Infinity;
  // Whole minutes; the last one is "1 min" until it is over.
  const time = duration(Math.max(60, Math.ceil(Math.abs(left) / 60) * 60));
  // The time comes first, since a narrow list cuts off what follows.
  const said = [
    by && t(left > 0 ? "target.within" : "target.late", { time }),
    handedOver && (from ? t("target.from", { name: from }) : t("target.from_queue")),
  ]
    .filter(Boolean)
    .join(" · ");
  return html`<span class=${left < NEARLY ? "late" : "quiet"} title=${said}>${said}</span>`;
}
