import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { drawCurves, isCurve } from './curves.js';
import { barsOf, drawPng, drawSvg } from './figure.js';
import { drawLatency, isLatency } from './latency/figure.js';
import { drawNeighbours, isNeighbours } from './neighbour/figure.js';
import type { Result } from './result.js';

const resultsDir = fileURLToPath(new URL('results/', import.meta.url));

/** Writes a result and its picture, where there is something to draw; the path of that, or of the result. */
export async function saveResult(result: Result, title: string): Promise<string> {
  const base = resultsDir + result.scenario;
  await mkdir(resultsDir, { recursive: true });
  await writeFile(`${base}.json`, JSON.stringify(result, null, 2) + '\n');
  const svg = drawing(result, title);
  if (svg === undefined) return `${base}.json`;
  await writeFile(`${base}.svg`, svg);
  await writeFile(`${base}.png`, drawPng(svg));
  return `${base}.png`;
}

function drawing(result: Result, title: string): string | undefined {
  if (isCurve(result)) return drawCurves(result, title);
  if (isNeighbours(result)) return drawNeighbours(result, title);
  if (isLatency(result)) return drawLatency(result, title);
  return barsOf(result).length > 0 ? drawSvg(result, title) : undefined;
}

/** Writes the results of a run of many scenarios, as JSON and as a table, which is returned. */
export async function saveSummary(results: readonly Result[]): Promise<string> {
  const table = summaryTable(results);
  await mkdir(resultsDir, { recursive: true });
  await writeFile(resultsDir + 'summary.json', JSON.stringify(results, null, 2) + '\n');
  await writeFile(resultsDir + 'summary.md', table);
  return table;
}

/** Median with range; `-` for what was not measured. */
const cell = (cycles: number | null | undefined, spread: readonly [number, number] | null | undefined): string =>
  cycles == null || !spread ? '-' : `${cycles} (${spread[0]}-${spread[1]})`;

/** Markdown: a line a scenario. */
export const summaryTable = (results: readonly Result[]): string =>
  [
    '| scenario | flows | ours | peer | ratio | floor |',
    '| --- | --- | --- | --- | --- | --- |',
    ...results.map(
      ({ scenario, flows, cyclesPerPacket, spread, ratio, floor }) =>
        `| ${scenario} | ${flows} | ${cell(cyclesPerPacket.ours, spread.ours)} | ${cell(cyclesPerPacket.peer, spread.peer)} | ` +
        `${ratio ?? '-'} | ${cell(floor?.cyclesPerPacket, floor?.spread)} |`,
    ),
    '',
  ].join('\n');

export const describe = ({ scenario, cyclesPerPacket: { ours, peer }, spread, ratio, peer: name, floor }: Result): string =>
  [
    `${scenario}: ours ${ours ?? '-'} cycles/packet ${JSON.stringify(spread.ours)}, ${name} ${peer ?? '-'} ${JSON.stringify(spread.peer)}`,
    `floor ${floor ? `${floor.name} ${floor.cyclesPerPacket}` : '-'}, ratio ${ratio ?? '-'}`,
  ].join('\n');
