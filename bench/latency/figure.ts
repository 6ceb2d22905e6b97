import * as echarts from 'echarts';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Result } from '../result.js';

const Stay = Type.Object({ percent: Type.Number(), medianNs: Type.Number(), p99Ns: Type.Number(), p999Ns: Type.Number() });
const Latencies = Type.Object({
  latency: Type.Array(Type.Object({ subject: Type.String(), loads: Type.Array(Stay) })),
});
type LatencyResult = Result & Static<typeof Latencies>;

export const isLatency = (result: Result): result is LatencyResult => Value.Check(Latencies, result);

const size = { width: 760, height: 360 } as const;
const colours: Readonly<Record<string, string>> = { ours: '#1f77b4', loopback: '#9a9a9a' };
const quantiles = [
  ['median', 'medianNs'],
  ['p99', 'p99Ns'],
  ['p99.9', 'p999Ns'],
] as const;

/** Nanoseconds by load and quantile, on a logarithmic axis: a bar for each subject. */
export function drawLatency({ latency, flows, runs, ratio, peer }: LatencyResult, title: string): string {
  const percents = [...new Set(latency.flatMap(({ loads }) => loads.map(({ percent }) => percent)))];
  const columns = percents.flatMap((percent) => quantiles.map(([name, key]) => ({ percent, name, key })));
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'DejaVu Sans, Liberation Sans, sans-serif' },
    title: {
      text: title,
      subtext:
        `${flows} flows, median of ${runs} process starts each` +
        (ratio === null ? '' : `; median at the higher load, ours / ${peer} = ${ratio}`),
      left: 12,
      top: 8,
      textStyle: { fontSize: 14 },
    },
    legend: { bottom: 4 },
    grid: { left: 80, right: 30, top: 80, bottom: 60 },
    xAxis: { type: 'category', data: columns.map(({ percent, name }) => `${percent} %, ${name}`) },
    yAxis: { type: 'log', name: 'ns' },
    series: latency.map(({ subject, loads }) => ({
      type: 'bar',
      name: subject,
      itemStyle: { color: colours[subject] ?? '#d62728' },
      data: columns.map(({ percent, key }) => loads.find((load) => load.percent === percent)?.[key] ?? null),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
