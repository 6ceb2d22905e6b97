import { parseOfctl } from '../../src/flow/syntax/ofctl.js';
import { ctCase } from './ct-dialogues.js';
import { policyLines } from './ct-policies.js';
import { throughNftables, toldByFlows, toldByNftables } from './nft-router.js';
import { canonicalFlows } from './reference-switch.js';
import { Tally } from './tally.js';
import { nativeTracker } from './trackers.js';

/** Ways in which Linux departs from what docs/conntrack.md says. */
const departures: readonly { readonly reason: string; readonly is: (ours: string, theirs: string, what: string) => boolean }[] = [
  {
    reason:
      'Linux takes an error that quotes ports and no more for one of the connection, and drops one without them (RFC 792: 8 bytes)',
    is: (ours, theirs, what) =>
      what.includes(', short,') && ours.includes(' inv ') && (theirs === '' || theirs.includes(' rel ')),
  },
  {
    reason: 'Linux translates the source port of a connection whose destination is taken; here it is ct_nat_exhausted',
    is: (ours, theirs) => ours === '' && theirs.includes(' new '),
  },
  {
    reason: 'Linux says +inv of a FIN that belongs to nothing; here, as in Open vSwitch, it is taken up in mid-stream and +new',
    is: (ours, theirs, what) =>
      what.includes(' flags 17 ') && (ours === '' || ours.includes(' new ')) && theirs.includes(' inv '),
  },
];

/** Dialogues of seeds against a router with the same policy in nftables. */
export async function judgeNftables(seeds: readonly number[]): Promise<Tally> {
  const judged = await nativeTracker(true);
  const tally = new Tally();
  try {
    for (const seed of seeds) {
      const played = ctCase(seed, 'denied');
      const { policy, packets } = played;
      const ours = await judged.play(canonicalFlows(policyLines(policy).map(parseOfctl)), played);
      const theirs = await throughNftables(policy, packets);
      packets.forEach(({ port, conversation, what }, i) => {
        const [got, wanted] = [toldByFlows(ours[i]!), toldByNftables(theirs[i]!)];
        const departure = got === wanted ? undefined : departures.find(({ is }) => is(got, wanted, what));
        if (departure) tally.depart(departure.reason);
        else
          tally.check(
            got === wanted,
            () =>
              `seed ${seed}, packet ${i} from p${port}, conversation ${conversation}, ${what}\n  sent ${got}\n  not  ${wanted}\n  under ${JSON.stringify(policy)}`,
          );
      });
    }
  } finally {
    await judged.close();
  }
  return tally;
}
