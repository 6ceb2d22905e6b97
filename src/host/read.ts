import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { schemaFaults } from '../config/schema-faults.js';
import { VswitchError } from '../model/errors.js';
import type { EarlierNumbers } from './numbers.js';
import { linkOf, pfOfFolder, reasonOf, unreadable, type Link, type Pf } from './pf.js';

/** Where a host's state is read from; what is not given is this machine's, unless something recorded is given. */
export interface HostPlace {
  /** The PF's interface. */
  readonly pf?: string;
  /** A file with the output of `ip -j -d link show dev PF`. */
  readonly link?: string;
  /** A copy of `/sys/class/net/PF/device`. */
  readonly sysfs?: string;
}

export interface HostState {
  readonly pf: Pf;
  /** Undefined where only a copy of sysfs was given. */
  readonly link: Link | undefined;
}

/** @throws VswitchError HOST_UNREADABLE */
export async function readHost(place: HostPlace): Promise<HostState> {
  const live = place.link === undefined && place.sysfs === undefined;
  if (place.pf !== undefined && !/^[A-Za-z0-9_.-]{1,15}$/.test(place.pf))
    throw unreadable(place.pf, 'is no name of a PF that a script can hold', 'letters, digits, `_`, `.`, `-`; at most 15');
  const link = await readLink(place, live);
  const name = place.pf ?? link?.ifname;
  if (name === undefined) throw unreadable('the PF', 'is not named', 'give its interface by --pf');
  const folder = place.sysfs ?? (live ? `/sys/class/net/${name}/device` : undefined);
  const known = folder === undefined ? {} : pfOfFolder(onDisk(folder));
  if (folder !== undefined && known.totalVfs === undefined)
    throw unreadable(
      folder,
      'has no sriov_totalvfs',
      `name a PF with SR-IOV, or copy the files of /sys/class/net/${name}/device`,
    );
  return { pf: { name, ...(link?.address === undefined ? {} : { mac: link.address }), ...known }, link };
}

async function readLink({ pf, link }: HostPlace, live: boolean) {
  if (link !== undefined) return linkOf(await textOf(link), link, pf);
  if (!live || pf === undefined) return undefined;
  return linkOf(await ipLink(pf), `ip link show dev ${pf}`, pf);
}

const ipLink = (pf: string): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile('ip', ['-j', '-d', 'link', 'show', 'dev', pf], { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else
        reject(
          unreadable(
            pf,
            `cannot be read: ${stderr.trim() || error.message}`,
            'name a PF of this machine by --pf, or --link FILE',
          ),
        );
    });
  });

const onDisk = (folder: string) => ({
  read: (file: string) => attempt(() => readFileSync(join(folder, file), 'utf8')),
  target: (link: string) => attempt(() => readlinkSync(join(folder, link))),
});

/** sysfs has only what the device has. */
function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, `cannot be read: ${reasonOf(error)}`, 'give a file that is there');
  });

const earlierSchema = Type.Object({
  vfs: Type.Array(Type.Object({ id: Type.String(), vf: Type.Integer({ minimum: 0, maximum: 65_535 }) })),
});

/** The numbers in a plan that `vswitch --json host plan` printed. @throws VswitchError HOST_UNREADABLE */
export async function readEarlier(file: string): Promise<EarlierNumbers> {
  let value: unknown;
  try {
    value = JSON.parse(await textOf(file));
  } catch (error) {
    if (error instanceof VswitchError) throw error;
    throw unreadable(file, `is not JSON: ${reasonOf(error)}`, 'give what `vswitch --json host plan` printed');
  }
  const faults = schemaFaults(earlierSchema, value).map((fault) => ({ ...fault, pointer: `${file}#${fault.pointer}` }));
  if (faults.length > 0) throw new VswitchError('HOST_UNREADABLE', `${file} is no plan`, faults);
  return new Map((value as Static<typeof earlierSchema>).vfs.map(({ id, vf }) => [id, vf]));
}
