import { withScope } from '../../bench/support/scope.js';
import { parseOfctl } from '../../src/flow/syntax/ofctl.js';
import type { PortFrame } from '../support/ct-cases/arena.js';
import { departureOf, isInvalid } from './ct-departures.js';
import { ctCase, type CtCase } from './ct-dialogues.js';
import { policyLines } from './ct-policies.js';
import { OpenVSwitch, OpenVSwitchEnded } from './open-vswitch.js';
import { canonicalFlows } from './reference-switch.js';
import { sortedOutputs } from './switch.js';
import { Tally } from './tally.js';
import { nativeTracker, playReference, referenceTracker, type Tracker } from './trackers.js';

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
        await judgeSeed(seed, ctCase(seed, checkWindow ? 'windows' : 'any'), { judge, judged, checkWindow }, tally);
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
