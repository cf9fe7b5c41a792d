// A chart of stacked columns: a column for each day, a colour for each series.
import { file, html, useEffect, useRef, useState } from "../html.js";
import { script, stylesheet } from "./script.js";
import { count, dayMonth } from "../words.js";

const HEIGHT = 230;
/** So many colours there are in the styles. */
const COLOURS = 5;
export const colour = (index) => `c${index % COLOURS}`;

/**
 * @param {{ days: string[], series: { name: string, values: number[] }[],
 *   onPick: (day: string) => void }} props  a click on a day picks it
 */
export function Columns({ days, series, onPick }) {
  const box = useRef(null);
  const [at, setAt] = useState(null);
  const [drawn, redraw] = useState(0);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    // The colours are drawn, and not styled: another theme is another drawing.
    const again = () => redraw((now) => now + 1);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    addEventListener("tofa-theme", again);
    dark.addEventListener("change", again);
    return () => {
      removeEventListener("tofa-theme", again);
      dark.removeEventListener("change", again);
    };
  }, []);
  useEffect(() => {
    let chart = null;
    let gone = false;
    Promise.all([
      script(file("vendor/uplot/uPlot.iife.min.js"), "uPlot"),
      stylesheet(file("vendor/uplot/uPlot.min.css")),
    ]).then(([UPlot]) => {
      if (gone || !box.current) return;
      chart = draw(UPlot, box.current, days, series, setAt);
      chart.over.addEventListener("click", () => {
        const day = days[chart.cursor.idx];
        if (day) pick.current(day);
      });
    });
    return () => { gone = true; chart?.resized.disconnect(); chart?.destroy(); };
  }, [drawn, JSON.stringify([days, series])]);
  return html`<div class="chart">
    <div ref=${box} aria-hidden="true"></div>
    ${at && html`<div class="tip" style=${{ left: `${at.left}px` }} aria-hidden="true">
      <b>${dayMonth(days[at.index])}</b>
      ${series.map(({ name, values }, index) => html`<span key=${name}>
        <i class=${colour(index)}></i>${name}<b class="number">${count(values[at.index])}</b></span>`)}
    </div>`}
  </div>`;
}

function draw(UPlot, box, days, series, onPoint) {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: token("quiet"), font: `12px ${style.fontFamily}`, ticks: { show: false },
    grid: { stroke: token("edge"), width: 1 },
  };
  const size = () => ({ width: box.clientWidth, height: HEIGHT });
  // From the whole down to the first: each is drawn over the one before.
  const sums = stacked(series);
  const chart = new UPlot({
    ...size(),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.6, days.length - 0.4] }, y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => dayMonth(days[tick])) },
      { ...axis, size: 40, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count(tick) : "")) },
    ],
    series: [{}, ...sums.map((_, index) => {
      const fill = token(colour(sums.length - 1 - index));
      return { fill, stroke: fill, width: 0, points: { show: false },
        paths: UPlot.paths.bars({ size: [0.72, 34], radius: index === 0 ? 0.12 : 0 }) };
    })],
    hooks: { setCursor: [(one) => onPoint(one.cursor.idx == null || one.cursor.left < 0 ? null
      : { index: one.cursor.idx, left: Math.min(one.cursor.left + 52, box.clientWidth - 150) })] },
  }, [days.map((_, index) => index), ...sums], box);
  chart.resized = new ResizeObserver(() => chart.setSize(size()));
  chart.resized.observe(box);
  return chart;
}

function stacked(series) {
  const sums = [];
  let below = null;
  for (const { values } of series) {
    below = values.map((value, index) => value + (below?.[index] ?? 0));
    sums.unshift(below);
  }
  return sums;
}
