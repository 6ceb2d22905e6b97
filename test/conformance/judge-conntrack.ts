import { withScope } from '../../bench/support/scope.js';
import { parseOfctl } from '../../src/flow/syntax/ofctl.js';
import type { Flow } from '../../src/model/flow.js';
import { Arena, type PortFrame } from '../support/ct-cases/arena.js';
import { numberOf } from '../support/ct-cases/frames.js';
import { Connections } from '../support/reference/conntrack.js';
import { parsePacket } from '../support/reference/parse.js';
import { interpret } from '../support/reference/pipeline.js';
import { trackedOf, type Ends } from '../support/reference/tracked.js';
import { departureOf, isInvalid } from './ct-departures.js';
import { ctCase, type CtCase } from './ct-dialogues.js';
import { policyLines, translate } from './ct-policies.js';
import { OpenVSwitch, OpenVSwitchEnded } from './open-vswitch.js';
import { canonicalFlows } from './reference-switch.js';
import { sortedOutputs } from './switch.js';
import { Tally } from './tally.js';

/** A switch that keeps connections from packet to packet. */
interface Tracker {
  /** What comes of each packet. */
  play(flows: readonly Flow[], { policy, packets }: CtCase): Promise<PortFrame[][]>;
  close(): Promise<void>;
}

/** The native data plane; once in a process. */
async function nativeTracker(checkWindow: boolean): Promise<Tracker> {
  const arena = await Arena.start({ checkWindow });
  return {
    play: async (flows, { packets }) => {
      await arena.begin(flows);
      const outs = packets.map((): PortFrame[] => []);
      for (const out of await arena.converse(packets)) outs[numberOf(out.frame) - 1]!.push(out);
      return outs;
    },
    close: () => arena.close(),
  };
}

/** @param natives what the native data plane sent: of translations that are as right as others it takes its. */
function playReference(flows: readonly Flow[], { policy, packets }: CtCase, natives?: readonly PortFrame[][]): PortFrame[][] {
  let native: Uint8Array | undefined;
  const connections = new Connections(({ family, proto, ends, kind }, isLegal) => {
    const fixed = translate(policy, policy.nat !== 'dst', family, proto === 1 || proto === 58, ends);
    const others = Array.from({ length: 64 }, (_, i): Ends => {
      const port = 1024 + i;
      return { ...fixed, ...(kind === 'request' ? { srcPort: port, dstPort: port } : { [`${policy.nat ?? 'src'}Port`]: port }) };
    });
    return [fixed, ...(native ? [trackedOf(native, parsePacket(native)).ends] : others)].find(isLegal);
  });
  const program = { flows, groups: [], ports: [1, 2, 3, 4], connections };
  return packets.map(({ port, frame }, i) => {
    native = natives?.[i]?.[0]?.frame;
    return interpret(program, port, frame).out.map(({ port, bytes }) => ({ port, frame: bytes }));
  });
}

const referenceTracker: Tracker = {
  play: async (flows, played) => playReference(flows, played),
  close: async () => undefined,
};

interface Bench {
  readonly judge: OpenVSwitch;
  readonly judged: Tracker;
  readonly checkWindow: boolean;
}

/** Dialogues of seeds against an Open vSwitch that gets the same packets. @param checkWindow whether both check TCP's windows. */
export const judgeConntrack = (seeds: readonly number[], checkWindow: boolean, reference = false): Promise<Tally> =>
  withScope(async (scope) => {
    const judged = reference ? referenceTracker : await nativeTracker(checkWindow);
    scope.defer(() => judged.close());
    const tally = new Tally();
    let judge = await OpenVSwitch.start(scope, checkWindow);
    for (const seed of seeds) {
      try {
        await judgeSeed(seed, ctCase(seed, checkWindow), { judge, judged, checkWindow }, tally);
      } catch (error) {
        if (!(error instanceof OpenVSwitchEnded)) throw error;
        tally.skip(`a seed: ${error.message}`);
        judge = await OpenVSwitch.start(scope, checkWindow);
      }
    }
    return tally;
  });

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const outputsOf = (outs: readonly PortFrame[]): string => sortedOutputs(outs.map(({ port, frame }) => [port, hexOf(frame)]));

/** Where the two know different things of a connection, the reference says alone what is right. */
const behind = 'a later packet of a connection of which Open vSwitch knows something else';

async function judgeSeed(seed: number, played: CtCase, { judge, judged, checkWindow }: Bench, tally: Tally): Promise<void> {
  const { policy, packets } = played;
  const lines = policyLines(policy);
  const flows = canonicalFlows(lines.map(parseOfctl));
  await judge.begin(lines);
  const ours = await judged.play(flows, played);
  const theirs = await judge.send(packets);
  const references = playReference(flows, played, ours);
  const departed = new Set<number>();
  packets.forEach(({ port, frame, conversation, what }, i) => {
    const [got, wanted, right] = [outputsOf(ours[i]!), outputsOf(theirs[i]!), outputsOf(references[i]!)];
    const tell = (): string =>
      `seed ${seed}, packet ${i} from p${port}, conversation ${conversation}, ${what}\n  ${hexOf(frame)}\n  sent ${got}\n  not  ${wanted}\n  under ${JSON.stringify(policy)}`;
    const departure = got === wanted ? undefined : departureOf(ours[i]!, theirs[i]!, frame);
    if (departure?.lasts === true) departed.add(conversation);
    const reason = departure?.reason ?? (departed.has(conversation) ? behind : undefined);
    // The reference has no windows, so that nothing is +inv to it for them.
    const isRight = got === right || (checkWindow && isInvalid(ours[i]!));
    if (got !== wanted && reason !== undefined && isRight) tally.depart(reason);
    else tally.check(got === wanted, tell);
  });
}
