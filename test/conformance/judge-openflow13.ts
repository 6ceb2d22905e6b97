import { dataLines } from './data.js';
import { controllerPort, openFlowFlow, Unsupported, type OpenFlowCase } from './openflow13.js';
import { sent, sortedOutputs, type JudgedSwitch } from './switch.js';
import { Tally } from './tally.js';

/** Byte-exact against what Ryu's suite expects. */
export async function judgeOpenFlow13(judged: JudgedSwitch): Promise<Tally> {
  const tally = new Tally();
  for (const line of dataLines('openflow13', 'cases.jsonl')) await judgeCase(JSON.parse(line) as OpenFlowCase, judged, tally);
  return tally;
}

async function judgeCase(one: OpenFlowCase, judged: JudgedSwitch, tally: Tally): Promise<void> {
  const flows = flowsOf(one, tally);
  if (!flows) return;
  const answers = await judged.run(
    flows,
    one.steps.map(({ ingress }) => ({ in_port: one.in_port, packet: ingress })),
  );
  one.steps.forEach(({ expect, ovs31 }, i) => {
    const got = sent(answers[i]!);
    const wanted =
      expect.kind === 'table_miss' ? '' : `${expect.kind === 'egress' ? expect.port : controllerPort} ${expect.bytes}`;
    // Not CRC32c, neither before nor after: a checksum that was wrong stays wrong by the same bits.
    if (got !== wanted && ovs31.note?.startsWith('SCTP') === true && got === sortedOutputs(ovs31.out ?? []))
      tally.depart("the suite's own SCTP checksum is not CRC32c; equal to Open vSwitch");
    else tally.check(got === wanted, () => `${one.id}: sent ${got || 'nothing'}, not ${wanted || 'nothing'}`);
  });
}

function flowsOf(one: OpenFlowCase, tally: Tally): ReturnType<typeof openFlowFlow>[] | undefined {
  try {
    return one.of13.map(({ OFPFlowMod }) => openFlowFlow(OFPFlowMod));
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    tally.skip(error.message);
    return undefined;
  }
}
