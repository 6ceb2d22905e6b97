import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { Command } from 'commander';
import { VswitchError } from '../../model/errors.js';
import { packetsOfCaptures, packetsOfLines, type InputPacket, type ReplayPorts } from '../../replay/input.js';
import { linesOf } from '../../replay/lines.js';
import { replay } from '../../replay/run.js';
import { startNative, type DataPlaneStart } from '../../replay/session.js';
import { writeDirectory, writeLines } from '../../replay/write.js';
import { usageError, type Io } from '../io.js';
import { configOption, portsOption, withReplay, type ReplaySwitch } from '../replay-session.js';

interface ReplayOptions extends ReplaySwitch {
  readonly in: readonly string[];
  readonly out?: string;
}

/** Where packets come from and answers go; tests give their own, and their own data plane. */
export interface ReplayWorld {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Writable;
  readonly start: DataPlaneStart;
}

const processWorld: ReplayWorld = { stdin: process.stdin, stdout: process.stdout, start: startNative };

/** `replay`: what would these flows do to this traffic? */
export function replayCommand(io: Io, world = processWorld): Command {
  return new Command('replay')
    .description('run packets through flows, without workers, devices, hugepages or root')
    .argument('[file]', 'packets, a line of JSON each: {"in_port":"p1","packet":"<hex>"}; - is standard input', '-')
    .requiredOption('-f, --flows <file>', 'flows, groups and meters as JSON, or flows as ovs-ofctl lines')
    .option(...portsOption)
    .option(...configOption)
    .option('-i, --in <port=file>', 'a capture of what comes in at a port; several are merged by time', collect, [])
    .option('-o, --out <directory>', 'write a capture for each port, and summary.json, instead of lines')
    .action(async (file: string, options: ReplayOptions) => {
      await withReplay(options, io, world.start, async (session) => {
        const replayed = replay(packetsOf(file, options, session.ports, world), session.dataPlane);
        if (options.out === undefined) await writeLines(replayed, session.names, world.stdout);
        else await writeDirectory(replayed, session, options.out);
      });
    });
}

const collect = (word: string, words: readonly string[]): string[] => [...words, word];

function packetsOf(file: string, options: ReplayOptions, ports: ReplayPorts, { stdin }: ReplayWorld): AsyncIterable<InputPacket> {
  if (options.in.length === 0) return packetsOfLines(linesOf(file === '-' ? stdin : readChunks(file)), ports);
  const captures = options.in.map((word) => {
    const equals = word.indexOf('=');
    const inPort = ports.find(word.slice(0, equals));
    if (equals < 0 || inPort === undefined)
      throw usageError(`--in ${word} names no port`, `write --in PORT=FILE; there is ${ports.names.join(', ')}`);
    return { inPort, path: word.slice(equals + 1) };
  });
  return packetsOfCaptures(captures);
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw new VswitchError('CONFIG_UNREADABLE', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
