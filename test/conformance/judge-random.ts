import type { FlowText } from '../../src/model/flow.js';
import type { Answer } from '../../src/replay/answer.js';
import { parseRandomTables, randomFlow, type RandomTables } from './random-tables.js';
import { referenceSwitch } from './reference-switch.js';
import { sent, sortedOutputs, type JudgedSwitch } from './switch.js';
import { Tally } from './tally.js';

/** Byte-exact against what Open vSwitch sent, and the same flow in each table. */
export async function judgeRandom(lines: readonly string[], judged: JudgedSwitch, tally = new Tally()): Promise<Tally> {
  for (const line of lines) await judgeTables(parseRandomTables(line), judged, tally);
  return tally;
}

async function judgeTables(tables: RandomTables, judged: JudgedSwitch, tally: Tally): Promise<void> {
  const flows = tables.rules.map(randomFlow);
  const packets = tables.packets.map(({ in_port, hex }) => ({ in_port, packet: hex }));
  const answers = await judged.run(flows, packets);
  const references = await referenceSwitch.run(flows, packets);
  tables.packets.forEach(({ hex, out, rules_hit }, i) => {
    const [answer, wanted] = [answers[i]!, sortedOutputs(out)];
    const tell = (): string =>
      `seed ${tables.seed}, table set ${tables.n}, packet ${i} ${hex}\n  sent ${sent(answer)}\n  not  ${wanted}\n  by ${hits(answer)}, not ${rules_hit.join(', ')}`;
    const equal = sent(answer) === wanted && hits(answer) === rules_hit.join(', ');
    const reason = equal ? undefined : departure(hex, answer, flows, wanted);
    // Where Open vSwitch departs, the reference says what is right.
    if (reason !== undefined && sent(answer) === sent(references[i]!)) tally.depart(reason);
    else tally.check(equal, tell);
  });
}

const hits = ({ rules }: Answer): string => rules.map(({ table, priority }) => `${table} ${priority}`).join(', ');

/** Why Open vSwitch may do something else with this packet. */
function departure(hex: string, answer: Answer, flows: readonly FlowText[], wanted: string): string | undefined {
  let tags = outerTags(hex);
  let most = tags;
  let pushedOnTag = false;
  for (const { table, priority } of answer.rules) {
    const flow = flows.find((candidate) => candidate.table === table && candidate.priority === priority);
    for (const { type } of flow?.actions ?? []) {
      if (type === 'push_vlan') pushedOnTag ||= tags > 0;
      tags += type === 'push_vlan' ? 1 : type === 'pop_vlan' ? -1 : 0;
      most = Math.max(most, tags);
    }
  }
  if (most > 2) return 'Open vSwitch keeps two tags of a packet and loses the third';
  if (pushedOnTag && withoutPriority(sent(answer)) === withoutPriority(wanted))
    return 'Open vSwitch pushes a tag of priority 0; OpenFlow 1.3.5, section 5.12.1, copies that of the tag it is pushed on';
  return undefined;
}

function outerTags(hex: string): number {
  let tags = 0;
  while (/^(8100|88a8)/.test(hex.slice(24 + 8 * tags))) ++tags;
  return tags;
}

/** Leaves the PCP of the outer tag of each packet out. */
const withoutPriority = (outputs: string): string =>
  outputs
    .split('\n')
    .map((output) => output.replace(/(?<=^\d+ .{24}(8100|88a8))./, (digit) => (parseInt(digit, 16) & 1).toString(16)))
    .sort()
    .join('\n');
