import * as echarts from 'echarts';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Result } from './result.js';

const Curves = Type.Object({
  x: Type.String(),
  curves: Type.Array(
    Type.Object({
      series: Type.String(),
      subject: Type.String(),
      points: Type.Array(Type.Object({ x: Type.Number(), cyclesPerPacket: Type.Number() })),
    }),
  ),
});
export type CurveResult = Result & Static<typeof Curves>;

export const isCurve = (result: Result): result is CurveResult => Value.Check(Curves, result);

const size = { width: 760, height: 420 } as const;
const colours = ['#1f77b4', '#2ca02c', '#9467bd', '#8c564b'] as const;

/** Cycles per packet against what grows, on logarithmic axes: ours in solid lines, the peer's in dashed ones. */
export function drawCurves({ x, curves, flows, runs }: CurveResult, title: string): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  const names = [...new Set(curves.map(({ series }) => series))];
  const wide = curves.some(({ points }) => points.some((p) => p.x > 100));
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'DejaVu Sans, Liberation Sans, sans-serif' },
    title: {
      text: title,
      subtext: `${flows} flows, median of ${runs} process starts each`,
      left: 12,
      top: 8,
      textStyle: { fontSize: 14 },
    },
    legend: { bottom: 4 },
    grid: { left: 70, right: 40, top: 70, bottom: 80 },
    xAxis: { type: wide ? 'log' : 'value', name: x, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'log', name: 'TSC cycles per packet' },
    series: curves.map(({ series, subject, points }) => ({
      type: 'line',
      name: `${series}, ${subject}`,
      symbolSize: 7,
      itemStyle: { color: colours[names.indexOf(series) % colours.length] },
      lineStyle: { type: subject === 'ours' ? 'solid' : 'dashed' },
      data: points.map((p) => [p.x, p.cyclesPerPacket]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
