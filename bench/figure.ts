import { Resvg } from '@resvg/resvg-js';
import * as echarts from 'echarts';
import type { Result } from './result.js';

const size = { width: 760, height: 300 } as const;
const font = 'DejaVu Sans, Liberation Sans, sans-serif';
const colours = { ours: '#1f77b4', peer: '#d62728', floor: '#9a9a9a' } as const;

interface Bar {
  readonly label: string;
  readonly cycles: number;
  readonly spread: readonly [number, number];
  readonly colour: string;
}

/** The measured bars, from the bottom up. */
export function barsOf(result: Result): Bar[] {
  const bar = (
    label: string,
    cycles: number | null | undefined,
    spread: readonly [number, number] | null | undefined,
    colour: string,
  ) => (cycles != null && spread ? [{ label, cycles, spread, colour }] : []);
  return [
    ...bar(`${result.floor?.name ?? ''} (floor)`, result.floor?.cyclesPerPacket, result.floor?.spread, colours.floor),
    ...bar(result.peer, result.cyclesPerPacket.peer, result.spread.peer, colours.peer),
    ...bar('mts-vswitch', result.cyclesPerPacket.ours, result.spread.ours, colours.ours),
  ];
}

/** A bar chart of cycles per packet, medians with whiskers from the smallest to the largest start, as SVG text. */
export function drawSvg(result: Result, title: string): string {
  const bars = barsOf(result);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  const subtext =
    `${result.flows} flows, ${result.runs} process starts each, median and range` +
    (result.ratio === null ? '' : `; ours / ${result.peer} = ${result.ratio}`);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: font },
    title: { text: title, subtext, left: 12, top: 8, textStyle: { fontSize: 14 }, subtextStyle: { fontSize: 12, color: '#444' } },
    grid: { left: 190, right: 60, top: 70, bottom: 50 },
    xAxis: { type: 'value', min: 0, name: 'TSC cycles per packet', nameLocation: 'middle', nameGap: 30 },
    yAxis: { type: 'category', data: bars.map((b) => b.label), axisTick: { show: false } },
    series: [
      {
        type: 'bar',
        barMaxWidth: 34,
        data: bars.map((b) => ({ value: b.cycles, itemStyle: { color: b.colour } })),
        label: { show: true, position: 'insideLeft', color: '#fff', fontWeight: 'bold', formatter: '{c}' },
      },
      {
        type: 'custom',
        renderItem: (_params: unknown, api: RenderApi) => whisker(api),
        encode: { x: [1, 2], y: 0 },
        data: bars.map((b, i) => [i, ...b.spread]),
        z: 10,
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

type RenderApi = echarts.CustomSeriesRenderItemAPI;

function whisker(api: RenderApi): echarts.CustomSeriesRenderItemReturn {
  const [left = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
  const [right = 0] = api.coord([api.value(2), api.value(0)]);
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style: { stroke: '#222', lineWidth: 1.5 },
  });
  return { type: 'group', children: [line(left, y, right, y), line(left, y - 6, left, y + 6), line(right, y - 6, right, y + 6)] };
}

/** The same picture as PNG, twice as large for sharp text. */
export const drawPng = (svg: string): Buffer =>
  new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } })
    .render()
    .asPng();
