import { parseIdentity } from '../../../src/flow/syntax/text.js';
import type { ActionText } from '../../../src/model/action.js';
import type { Match } from '../../../src/model/match.js';
import { buildFrame, type Aim } from './frames.js';
import { manyFlow } from './many.js';
import type { PacketSpec } from './shapes.js';
import type { FlowSpec } from './steps.js';
import { topology } from './valid.js';

/** A packet that is tried. */
export interface Trial {
  /** Of the port that it comes in at. */
  readonly port: string;
  readonly bytes: Uint8Array;
}

/** The packets, each aimed at flows of the case where it says so. */
export function trialsOf(packets: readonly PacketSpec[], flows: readonly FlowSpec[]): Trial[] {
  const all = flows.map(aimAt);
  // The first is one that every packet meets, if there is one.
  const early = all.filter((_, i) => flows[i]!.flow.table === 0);
  return packets.map(({ inPort, aims, many, frame }) => {
    const first = many ? [aimAt({ flow: manyFlow(many.family, many.at), actions: [] })] : [];
    const others = aims.map((at, i) => (i === 0 && early.length > 0 ? early[at % early.length]! : all[at % all.length]!));
    const aim = merged([...first, ...others]);
    const port = aim.match.get('in_port')?.value ?? BigInt(inPort);
    return { port: `p${port}`, bytes: buildFrame(frame, aim) };
  });
}

const aimAt = ({ flow, actions }: FlowSpec): Aim => ({
  match: parseIdentity(flow, topology, '', []).match,
  tunnel: decapOf(actions.flat()),
});

/** The first tunnel that is taken off. */
function decapOf(actions: readonly ActionText[]): Aim['tunnel'] {
  const all = actions.flatMap((action) => (action.type === 'write_actions' ? action.actions : [action]));
  const found = all.find((action) => action.type === 'decap');
  return found && { kind: found.tunnel, vni: found.vnis[0]! };
}

/** What both match; the first where they do not agree. */
const merged = (aims: readonly Aim[]): Aim => ({
  match: new Map([...aims].reverse().flatMap(({ match }) => [...(match satisfies Match)])),
  tunnel: aims.find(({ tunnel }) => tunnel)?.tunnel,
});
