// Draws each <figure data-chart-url>: lines or bars, named where they end, so that nobody hunts through a legend.
"use strict";

const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// One accent, ink, and lines or grounds that differ on a copier too: colours of states would say what is not meant.
function colours() {
  return [style("--accent"), style("--ink"), style("--quiet"), style("--accent")];
}

function grounds() {
  return [style("--accent"), style("--paper"), style("--strong-rule"), style("--accent-ground")];
}

// Bars of one label stand side by side.
function bars(count) {
  return (plot, at, from, to) => {
    const path = new Path2D();
    const unit = plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true);
    const wide = Math.min((unit * 0.72) / count, 40 * devicePixelRatio);
    const zero = plot.valToPos(0, "y", true);
    for (let index = from; index <= to; index++) {
      const value = plot.data[at][index];
      if (value === null || value === undefined) continue;
      const top = plot.valToPos(value, "y", true);
      path.rect(plot.valToPos(index, "x", true) + (at - 1 - count / 2) * wide, top, wide * 0.86, zero - top);
    }
    return { stroke: path, fill: path };
  };
}

// Names stand right of the last values, moved apart where they would overlap.
function named(series, palette, font) {
  return (plot) => {
    const context = plot.ctx;
    const ratio = devicePixelRatio;
    const line = 15 * ratio;
    const places = series.map((each, index) => {
      const last = each.values.findLastIndex((value) => value !== null);
      return last < 0 ? null : { name: each.name, colour: palette[index % 4], y: plot.valToPos(each.values[last], "y", true) };
    });
    const shown = places.filter(Boolean).sort((one, other) => one.y - other.y);
    shown.forEach((place, index) => {
      if (index) place.y = Math.max(place.y, shown[index - 1].y + line);
    });
    context.save();
    context.font = `${13 * ratio}px ${font}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const place of shown) {
      context.fillStyle = place.colour;
      context.fillText(place.name, plot.bbox.left + plot.bbox.width + 8 * ratio, place.y);
    }
    context.restore();
  };
}

function width(names, font) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `13px ${font}`;
  return Math.ceil(Math.max(...names.map((name) => context.measureText(name).width))) + 16;
}

function draw(figure, data) {
  const place = figure.querySelector(".plot");
  const palette = colours();
  const font = getComputedStyle(document.body).fontFamily;
  const inBars = figure.dataset.chartKind === "bar";
  const ground = grounds();
  const count = data.series.length;
  const many = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" });
  const axis = { stroke: style("--quiet"), font: `12px ${font}`, ticks: { show: false }, grid: { stroke: style("--rule"), width: 1 } };
  const series = data.series.map((each, index) => ({
    label: each.name,
    stroke: palette[index % 4],
    fill: inBars ? ground[index % 4] : undefined,
    width: inBars ? 1 : 2,
    dash: inBars ? undefined : DASHES[index % 4],
    points: { show: !inBars && data.labels.length <= 1 },
    paths: inBars ? bars(count) : undefined,
  }));
  const right = width(data.series.map((each) => each.name), font);
  const options = {
    width: place.clientWidth,
    height: place.clientHeight,
    padding: [10, right, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: (_plot, low, high) => [low - 0.5, high + 0.5] }, y: { range: (_plot, low, high) => [Math.min(0, low), Math.max(1, high * 1.08)] } },
    axes: [
      { ...axis, grid: { show: false }, values: (_plot, splits) => splits.map((at) => data.labels[at] ?? ""), splits: (plot) => labelled(data.labels, plot.width) },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((value) => many.format(value)) },
    ],
    series: [{}, ...series],
    hooks: { draw: [named(data.series, palette, font)] },
  };
  place.replaceChildren();
  return new uPlot(options, [data.labels.map((_label, index) => index), ...data.series.map((each) => each.values)], place);
}

// As many labels as fit, the last one always.
function labelled(labels, width) {
  const step = Math.max(1, Math.ceil(labels.length / Math.max(1, Math.floor(width / 90))));
  return labels.map((_label, index) => index).filter((index) => (labels.length - 1 - index) % step === 0);
}

async function show(figure) {
  const answer = await fetch(figure.dataset.chartUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return; // the table stays
  const data = await answer.json();
  if (!data.labels.length) return;
  figure.querySelector(".plot").hidden = false;
  for (const details of figure.querySelectorAll("details")) details.open = false;
  let plot = draw(figure, data);
  const again = () => {
    plot.destroy();
    plot = draw(figure, data);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new ResizeObserver(() => {
    if (Math.abs(figure.querySelector(".plot").clientWidth - plot.width) > 1) again();
  }).observe(figure.querySelector(".plot"));
}

document.addEventListener("DOMContentLoaded", () => {
  for (const figure of document.querySelectorAll("figure[data-chart-url]")) show(figure).catch(() => {});
});
