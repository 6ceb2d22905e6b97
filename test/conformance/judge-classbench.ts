import { maxPriority } from '../../src/model/flow.js';
import { filterFlows, firstFilter, headerNear, parseFilter } from './classbench.js';
import { dataLines } from './data.js';
import { frameOf } from './frames.js';
import { Random } from './random.js';
import type { JudgedSwitch } from './switch.js';
import { Tally } from './tally.js';

/** The winner of each header equals that of a linear scan. */
export async function judgeClassBench(files: readonly string[], headers: number, judged: JudgedSwitch): Promise<Tally> {
  const tally = new Tally();
  for (const file of files) await judgeFile(file, headers, judged, tally);
  return tally;
}

async function judgeFile(file: string, count: number, judged: JudgedSwitch, tally: Tally): Promise<void> {
  const filters = dataLines('classbench', file).map(parseFilter);
  const random = new Random(filters.length);
  const headers = Array.from({ length: count }, () => headerNear(filters, random));
  const answers = await judged.run(
    filters.flatMap(filterFlows),
    headers.map((header) => ({ in_port: 1, packet: frameOf(header) })),
  );
  headers.forEach((header, i) => {
    const wanted = firstFilter(filters, header);
    const hit = answers[i]!.rules[0];
    const got = hit ? maxPriority - hit.priority : -1;
    tally.check(got === wanted, () => `${file}: filter ${got}, not ${wanted}, for ${frameOf(header)}`);
  });
}
