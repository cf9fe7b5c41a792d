// A chart of stacked columns: a column for each day, a color for each series.
import { file, html, useEffect, useRef, useState } from "../html.js";
import { dayMonth } from "../format.js";
import { count } from "../texts.js";
import { script, styleSheet } from "../ui/script.js";

/**
 * @typedef {{ name: string, values: number[] }} Series
 * @typedef {{ index: number, left: number }} Point The day under the pointer, and where it is.
 */

const HEIGHT = 230;
/** How many colors there are: `--c0` and so on. */
const COLORS = 8;

/** @param {number} index */
export const color = (index) => `c${index % COLORS}`;

/**
 * @param {{ days: string[], series: Series[], onPick: (day: string) => void }} props `onPick`: a
 *   day was clicked.
 */
export function Chart({ days, series, onPick }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [point, setPoint] = useState(/** @type {Point | null} */ (null));
  const [version, setVersion] = useState(0);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    // A canvas has no styles: another theme needs another drawing.
    const again = () => setVersion((now) => now + 1);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    addEventListener("tofa-theme", again);
    dark.addEventListener("change", again);
    return () => {
      removeEventListener("tofa-theme", again);
      dark.removeEventListener("change", again);
    };
  }, []);
  useEffect(() => {
    /** @type {(() => void) | undefined} */
    let destroy;
    let isGone = false;
    Promise.all([
      script(file("vendor/uplot/uPlot.iife.min.js"), "uPlot"),
      styleSheet(file("vendor/uplot/uPlot.min.css")),
    ]).then(([UPlot]) => {
      if (isGone || !box.current) return;
      destroy = draw(UPlot, box.current, days, series, setPoint, (day) => pick.current(day));
    });
    return () => {
      isGone = true;
      destroy?.();
    };
  }, [version, JSON.stringify([days, series])]);
  return html`<div class="chart">
    <div ref=${box} aria-hidden="true"></div>
    ${
      point &&
      html`<div class="tip" style=${{ left: `${point.left}px` }} aria-hidden="true">
      <b>${dayMonth(days[point.index])}</b>
      ${series.map(
        ({ name, values }, index) => html`<span key=${name}>
        <i class=${color(index)}></i>${name}
        <b class="number">${count(values[point.index] ?? 0)}</b></span>`,
      )}
    </div>`
    }
  </div>`;
}

/**
 * Draw the chart, and return what removes it.
 * @param {UPlotClass} UPlot
 * @param {HTMLElement} box
 * @param {string[]} days
 * @param {Series[]} series
 * @param {(point: Point | null) => void} onPoint
 * @param {(day: string) => void} onPick
 */
function draw(UPlot, box, days, series, onPoint, onPick) {
  const size = () => ({ width: box.clientWidth, height: HEIGHT });
  const sums = stacked(series);
  /** @param {UPlotChart} chart */
  const moved = ({ cursor }) => {
    const { idx, left } = cursor;
    onPoint(
      idx === null || idx === undefined || left < 0
        ? null
        : { index: idx, left: Math.min(left + 52, box.clientWidth - 150) },
    );
  };
  const chart = new UPlot(
    {
      ...size(),
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: [-0.6, days.length - 0.4] },
        y: {
          range: (
            /** @type {unknown} */ _,
            /** @type {unknown} */ __,
            /** @type {number} */ most,
          ) => [0, Math.max(4, most * 1.08)],
        },
      },
      axes: axes(box, days),
      series: [{}, ...sums.map((_, index) => bars(UPlot, box, sums.length - 1 - index))],
      hooks: { setCursor: [moved] },
    },
    [days.map((_, index) => index), ...sums],
    box,
  );
  // uPlot's own styles are in no cascade layer, so a rule of ours would lose.
  const line = /** @type {HTMLElement | null} */ (chart.over.querySelector(".u-cursor-x"));
  if (line) line.style.borderRightColor = resolved(box, "field");
  chart.over.addEventListener("click", () => {
    const day = days[chart.cursor.idx ?? -1];
    if (day) onPick(day);
  });
  const resized = new ResizeObserver(() => chart.setSize(size()));
  resized.observe(box);
  return () => {
    resized.disconnect();
    chart.destroy();
  };
}

/**
 * Return the color that a token has in the current theme.
 * @param {HTMLElement} box
 * @param {string} token
 */
function resolved(box, token) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  box.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/**
 * @param {HTMLElement} box
 * @param {string[]} days
 */
function axes(box, days) {
  const axis = {
    stroke: resolved(box, "quiet"),
    font: `12px ${getComputedStyle(box).fontFamily}`,
    ticks: { show: false },
    grid: { stroke: resolved(box, "edge"), width: 1 },
  };
  /** @type {(chart: unknown, ticks: number[]) => string[]} */
  const dates = (_, ticks) => ticks.map((tick) => dayMonth(days[tick]));
  /** @type {(chart: unknown, ticks: number[]) => string[]} */
  const counts = (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count(tick) : ""));
  return [
    { ...axis, size: 30, grid: { show: false }, values: dates },
    { ...axis, size: 40, values: counts },
  ];
}

/**
 * @param {UPlotClass} UPlot
 * @param {HTMLElement} box
 * @param {number} index
 */
function bars(UPlot, box, index) {
  const fill = resolved(box, color(index));
  const radius = index === 0 ? 0 : 0.12;
  const paths = UPlot.paths.bars({ size: [0.72, 34], radius });
  return { fill, stroke: fill, width: 0, points: { show: false }, paths };
}

/**
 * Return the sums up to each series, the total first: each is drawn over the one before.
 * @param {Series[]} series
 */
function stacked(series) {
  /** @type {number[][]} */
  const sums = [];
  for (const { values } of series) {
    const below = sums[0];
    sums.unshift(values.map((value, index) => value + (below?.[index] ?? 0)));
  }
  return sums;
}
