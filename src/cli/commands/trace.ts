import { Command } from 'commander';
import { toJson } from '../../api/json.js';
import type { TraceView } from '../../api/schemas/trace.js';
import type { Wire } from '../../api/schemas/usage.js';
import { traceView } from '../../api/views/trace.js';
import { startNative, type DataPlaneStart } from '../../replay/session.js';
import type { TraceRequest } from '../../replay/traced-packet.js';
import { usageError, type Io } from '../io.js';
import { configOption, portsOption, withReplay, type ReplaySwitch } from '../replay-session.js';
import { withSession } from '../session.js';
import { packetsAsked, type AskedPacket, type PacketOptions } from '../trace-input.js';
import { renderTrace } from '../view/trace-view.js';

type TraceOptions = PacketOptions & ReplaySwitch;

/** `trace`: what becomes of a packet, and why? */
export function traceCommand(io: Io, start: DataPlaneStart = startNative): Command {
  return new Command('trace')
    .description('show what the switch does with an imagined packet, and why; nothing is sent or counted')
    .argument('[fields]', 'the packet, for example: in_port=p1,tcp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80')
    .option('--fields <list>', 'the same')
    .option('-i, --in <port>', 'where --hex or --pcap comes in')
    .option('--hex <bytes>', 'the packet as it is, without FCS')
    .option('--pcap <file>', 'the packets of a capture, one after the other')
    .option('-n, --number <number>', 'only this packet of the capture, from 1', packetNumber)
    .option('-f, --flows <file>', 'ask no switch that runs: with these flows, groups and meters, as replay takes them')
    .option(...portsOption)
    .option(...configOption)
    .action(async function (this: Command, word: string | undefined, options: TraceOptions) {
      if (word !== undefined && options.fields !== undefined) throw usageError('fields are given twice', 'leave --fields out');
      const packets = packetsAsked(word === undefined ? options : { ...options, fields: word });
      const { json = false } = this.optsWithGlobals<{ json?: boolean }>();
      if (options.flows === undefined && options.config === undefined)
        await withSession(this, io, ({ send }) =>
          show(packets, json, io, async (request) => (await send('POST', '/v1/trace', request)).text),
        );
      else
        await withReplay(options, io, start, ({ dataPlane, flows }) =>
          show(packets, json, io, async (request) => toJson(await traceView(request, dataPlane, flows))),
        );
    });
}

/** A line of JSON for each packet, or text for people. */
async function show(
  packets: AsyncIterable<AskedPacket>,
  json: boolean,
  io: Io,
  ask: (request: TraceRequest) => Promise<string>,
): Promise<void> {
  let first = true;
  for await (const { request, title } of packets) {
    const text = await ask(request);
    const heading = title === undefined ? '' : `${first ? '' : '\n'}${title}\n`;
    io.out(json ? text : heading + renderTrace(JSON.parse(text) as Wire<TraceView>));
    first = false;
  }
}

function packetNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageError(`${text} is no number of a packet`, 'give for example --number 1');
}
