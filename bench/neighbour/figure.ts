import * as echarts from 'echarts';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Result } from '../result.js';

const Line = Type.Object({
  subject: Type.String(),
  way: Type.String(),
  phaseMs: Type.Number(),
  points: Type.Array(Type.Object({ ms: Type.Number(), forwardedPct: Type.Number() })),
});
const Neighbours = Type.Object({ neighbours: Type.Array(Line, { minItems: 1 }) });
type NeighbourResult = Result & Static<typeof Neighbours>;

export const isNeighbours = (result: Result): result is NeighbourResult => Value.Check(Neighbours, result);

const size = { width: 760, height: 560 } as const;
const titles: Readonly<Record<string, string>> = {
  own: 'flood by a Gw port of its own',
  uplink: 'flood through the uplink that both share',
};

/** What is forwarded of the victim's packets over time, a picture for each way that the flood takes. */
export function drawNeighbours({ neighbours, flows }: NeighbourResult, title: string): string {
  const ways = [...new Set(neighbours.map(({ way }) => way))];
  const height = (size.height - 130) / ways.length;
  const topOf = (i: number): number => 86 + i * height;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  const colourOf = (subject: string): string => (subject === 'ours' ? '#1f77b4' : '#d62728');
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'DejaVu Sans, Liberation Sans, sans-serif' },
    title: [
      {
        text: title,
        subtext: `percent of the packets that the victim sends, by time; 1000 flows of the victim, ${flows} of the flood`,
        left: 12,
        top: 8,
        textStyle: { fontSize: 14 },
      },
      ...ways.map((way, i) => ({ text: titles[way] ?? way, left: 80, top: topOf(i) - 26, textStyle: { fontSize: 12 } })),
    ],
    legend: { bottom: 4, data: [...new Set(neighbours.map(({ subject }) => subject))] },
    grid: ways.map((_, i) => ({ left: 80, right: 30, top: topOf(i), height: height - 70 })),
    xAxis: ways.map((_, i) => ({ type: 'value', gridIndex: i, name: 's', axisLabel: { formatter: '{value}' } })),
    yAxis: ways.map((_, i) => ({ type: 'value', gridIndex: i, min: 0, max: 110 })),
    series: neighbours.map(({ subject, way, phaseMs, points }) => ({
      type: 'line',
      name: subject,
      xAxisIndex: ways.indexOf(way),
      yAxisIndex: ways.indexOf(way),
      showSymbol: false,
      lineStyle: { color: colourOf(subject), width: 2 },
      itemStyle: { color: colourOf(subject) },
      data: points.map(({ ms, forwardedPct }) => [ms / 1000, Math.min(110, forwardedPct)]),
      markArea: {
        silent: true,
        itemStyle: { color: '#eeeeee' },
        data: [[{ xAxis: phaseMs / 1000 }, { xAxis: (2 * phaseMs) / 1000 }]],
      },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
