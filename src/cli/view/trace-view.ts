import type { InstalledFlowView } from '../../api/schemas/flows.js';
import type { TraceView } from '../../api/schemas/trace.js';
import type { Wire } from '../../api/schemas/usage.js';
import { actionWords } from '../../flow/syntax/ofctl-action-words.js';
import { splitPieces } from '../../flow/syntax/ofctl-lex.js';
import { formatOfctl, formatOfctlMatch } from '../../flow/syntax/ofctl.js';
import { dropMeanings, type DropReason } from '../../model/drop.js';
import type { FlowText } from '../../model/flow.js';
import { ownerName } from '../../model/ids.js';
import type { MatchText } from '../../model/match.js';

type Trace = Wire<TraceView>;
type Step = Trace['steps'][number];
type Flow = Wire<InstalledFlowView>;
type Changes = Readonly<Record<string, readonly (string | number | null)[] | undefined>>;

/** A trace for people, in the manner of ovs-appctl ofproto/trace. */
export function renderTrace(trace: Trace): string {
  const { steps, out, punted, cycles } = trace;
  return [
    `Packet: ${packetWords(trace.fields)}`,
    `        ${bytesIn(trace.packet)}, ${trace.tenant === null ? 'of no tenant' : `of tenant ${trace.tenant}`}`,
    '',
    ...steps.flatMap((step, i) => stepLines(step, steps[i + 1]?.changed as Changes | undefined)),
    ...(steps.length > 0 ? [''] : []),
    ...out.flatMap(({ port, packet, changed }) => [
      `Output: ${port}, ${bytesIn(packet)}`,
      `        ${changeWords(changed as Changes) || 'unchanged'}`,
      `        ${packet}`,
    ]),
    ...punted.map((handler) => `Punted: to handler ${handler} of the tenant's plugins`),
    ...dropLines(trace),
    `Cycles: ${Object.entries(cycles)
      .map(([stage, count]) => `${stage} ${count}`)
      .join(', ')}; ${Object.values(cycles).reduce((sum, count) => sum + count, 0)} in all`,
  ].join('\n');
}

const bytesIn = (hex: string): string => `${hex.length / 2} bytes`;

/** What most packets have is left out. */
const usual: Readonly<Record<string, string | number>> = { vlan_vid: 0, ip_frag: 'no' };

/** As the command takes it. */
const packetWords = (fields: MatchText): string =>
  formatOfctlMatch(Object.fromEntries(Object.entries(fields).filter(([name, value]) => usual[name] !== value)));

function stepLines(step: Step, changed: Changes = {}): string[] {
  const { table, flow } = step;
  const number = `${String(table).padStart(2)}. `;
  const actions = flow ? splitPieces(actionWords((flow.flow as FlowText).actions), 1) : [];
  const changes = changeWords(changed);
  return [
    number + (flow ? `${nameOf(flow)}: ${matchOf(flow)}` : 'no flow matches'),
    ...actions.map(({ text }) => `      ${text}`),
    ...(changes === '' ? [] : [`    changed ${changes}`]),
    ...rivalLines(step),
  ];
}

/** Why it was no other flow. */
function rivalLines({ flow, passedOver, unlisted, outranked }: Step): string[] {
  const notLine = (other: Flow, why: string): string => `    not ${nameOf(other)}, ${why}: ${matchOf(other)}`;
  const isAsStrong = (other: Flow): boolean => other.band === flow?.band && other.flow.priority === flow.flow.priority;
  return [
    ...passedOver.map(({ flow: other, field, wants, found }) =>
      notLine(other, found === null ? `as the packet has no ${field}` : `as ${field} is ${found}, not ${wants}`),
    ),
    ...(unlisted > 0 ? [`    nor ${unlisted} more that ${flow ? 'are stronger' : 'there are'}`] : []),
    ...outranked.map((other) =>
      notLine(other, isAsStrong(other) ? 'which matches too and is as strong' : 'which matches too, but is weaker'),
    ),
  ];
}

/** Without the table, which is said, and the actions. */
const matchOf = ({ flow }: Flow): string =>
  formatOfctl({ ...(flow as FlowText), table: 0, actions: [] }).replace(/,actions=drop$/, '');

const nameOf = ({ id, owner, band }: Flow): string => {
  const whose = ownerName(owner);
  return `flow ${id} (${whose}${band === 'derived' || band === 'guard' ? `, ${band}` : ''})`;
};

/** Nothing where nothing changed. */
function changeWords(changes: Changes): string {
  return Object.entries(changes)
    .map(([field, [from = null, to = null] = []]) => {
      if (from === null) return `${field} now ${to}`;
      return to === null ? `${field} gone` : `${field} ${from} -> ${to}`;
    })
    .join(', ');
}

/** Why nothing went out, and of which copies were lost beside those that did. */
function dropLines({ drop, drops, out, punted }: Trace): string[] {
  const reasons: readonly DropReason[] = drop !== null && drops.length === 0 ? [drop] : drops;
  const word = out.length + punted.length === 0 ? 'Drop:   ' : 'Lost:   ';
  return reasons.map((reason) => `${word}${reason}: ${dropMeanings[reason]}`);
}
