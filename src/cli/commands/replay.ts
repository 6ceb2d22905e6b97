import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { Command } from 'commander';
import { checkFile } from '../../flow/check-file.js';
import { VswitchError } from '../../model/errors.js';
import { packetsOfCaptures, packetsOfLines, type InputPacket, type ReplayPorts } from '../../replay/input.js';
import { linesOf } from '../../replay/lines.js';
import { replay } from '../../replay/run.js';
import { openReplay, startNative, type DataPlaneStart } from '../../replay/session.js';
import { writeDirectory, writeLines } from '../../replay/write.js';
import { flowSetFromFile } from '../flow-set-input.js';
import { usageError, type Io } from '../io.js';

interface ReplayOptions {
  readonly flows: string;
  readonly ports: readonly string[];
  readonly config?: string;
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
    .option('-p, --ports <names>', 'ports, of one tenant', (text) => text.split(','), ['p1', 'p2', 'p3', 'p4'])
    .option('-c, --config <file>', "a switch's config: its ports without their devices, its tenants and flows")
    .option('-i, --in <port=file>', 'a capture of what comes in at a port; several are merged by time', collect, [])
    .option('-o, --out <directory>', 'write a capture for each port, and summary.json, instead of lines')
    .action(async (file: string, options: ReplayOptions) => {
      const config = options.config === undefined ? undefined : await checkFile(options.config);
      const set = await flowSetFromFile(options.flows, io);
      // A data plane has room for some at the least.
      const maxRules = Math.max(leastRules, set.flows.length);
      const session = await openReplay({ ports: options.ports, maxRules, config }, world.start);
      try {
        await session.load(set);
        const replayed = replay(packetsOf(file, options, session.ports, world), session.dataPlane);
        if (options.out === undefined) await writeLines(replayed, session.names, world.stdout);
        else await writeDirectory(replayed, session, options.out);
      } finally {
        await session.close();
      }
    });
}

const leastRules = 1024;

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
