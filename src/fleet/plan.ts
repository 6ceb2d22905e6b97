import { defaultSocket } from '../api/socket-path.js';
import type { VswitchConfig } from '../config/schema.js';
import type { Fault } from '../model/errors.js';
import { switchOptions } from '../switch/options.js';
import { claimsOf, type Claim } from './claims.js';

/** A config file of a fleet as it was read: right by itself, or with faults. */
export type FleetFile =
  { readonly file: string; readonly config: VswitchConfig } | { readonly file: string; readonly faults: readonly Fault[] };

/** An instance that is to run. */
export interface Member {
  readonly file: string;
  readonly name: string;
  /** Where its API will answer. */
  readonly socket: string;
  /** What it takes of hugepages, where there are as many. */
  readonly hugepageMib: number;
}

export interface FleetPlan {
  /** Without those whose file has faults; in the order of the files. */
  readonly members: readonly Member[];
  /** Of all files; a pointer is `FILE#POINTER`. */
  readonly faults: readonly Fault[];
}

interface Sound {
  readonly file: string;
  readonly config: VswitchConfig;
}

/**
 * What is to run of the configs of a directory, and all that is wrong with them, by themselves and beside each other. What two of
 * them want for themselves is the fault of the later file.
 */
export function planFleet(files: readonly FleetFile[]): FleetPlan {
  const sound: Sound[] = files.filter((file) => 'config' in file);
  const found = [
    ...files.flatMap((file) => ('faults' in file ? file.faults.map((fault) => ({ file: file.file, fault })) : [])),
    ...collisions(sound),
    ...starved(sound),
  ];
  const faulty = new Set(found.map(({ file }) => file));
  return {
    members: sound.filter(({ file }) => !faulty.has(file)).map(memberOf),
    faults: found.map(({ file, fault }) => ({ ...fault, pointer: `${file}#${fault.pointer}` })),
  };
}

function memberOf({ file, config }: Sound): Member {
  const { name, hugepages, mib } = switchOptions(config);
  return { file, name, socket: config.api?.socket ?? defaultSocket(name), hugepageMib: hugepages === 'never' ? 0 : mib };
}

interface FileFault {
  readonly file: string;
  readonly fault: Fault;
}

/** Things that several configs take for themselves. */
function collisions(sound: readonly Sound[]): FileFault[] {
  const first = new Map<string, { readonly file: string; readonly claim: Claim }>();
  return sound.flatMap(({ file, config }) =>
    claimsOf(config).flatMap((claim): FileFault[] => {
      const before = first.get(claim.key);
      if (!before) first.set(claim.key, { file, claim });
      // A config may name a thing twice; that is the check's of the config alone.
      if (!before || before.file === file || (before.claim.isOfName === true && claim.isOfName === true)) return [];
      const { pointer, value, what } = claim;
      const message = `${before.file} has ${what}, too, at ${before.claim.pointer}`;
      return [{ file, fault: { pointer, value, message, remedy: 'give one of the two another' } }];
    }),
  );
}

/** Cores on which one polls always while others have workers there: these would get what the kernel's scheduler leaves them. */
function starved(sound: readonly Sound[]): FileFault[] {
  return sound
    .filter(({ config }) => config.workers.idle?.mode === 'poll')
    .flatMap(({ file, config }) =>
      config.workers.cores.flatMap((core): FileFault[] => {
        const others = sound.filter((other) => other.file !== file && other.config.workers.cores.includes(core));
        if (others.length === 0) return [];
        const message = `core ${core} would always be polled, and is of ${others.map((other) => other.file).join(', ')}, too`;
        const remedy = 'set the mode to "adaptive", or give this instance a core of its own';
        return [{ file, fault: { pointer: '/workers/idle/mode', value: 'poll', message, remedy } }];
      }),
    );
}
