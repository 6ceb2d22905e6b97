import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { HostPlan, PlanOptions } from '../../host/plan.js';
import type { HostPlace, HostState } from '../../host/read.js';
import { ExitCode, usageError, type Io } from '../io.js';

interface HostOptions extends HostPlace, Partial<PlanOptions> {
  readonly keep?: string;
}
interface PlanCommandOptions extends HostOptions {
  readonly libvirt?: string;
}

/** `host`: what is to be done outside of the vswitch-VMs, and whether it was. */
export function hostCommand(io: Io): Command {
  const host = new Command('host').description('the host of vswitch-VMs: SR-IOV VFs of a PF, VLANs, hugepages, libvirt');
  withHost(host.command('plan'))
    .description('what to run on a host so that it has a VF for each port and VM of these configs; changes nothing')
    .option('--libvirt <directory>', 'write the interfaces of the VMs there, a file each, instead of the script')
    .action(async function (this: Command, files: readonly string[], options: PlanCommandOptions) {
      const { plan } = await planOf(files, options);
      const { json } = this.optsWithGlobals<{ json?: boolean }>();
      if (options.libvirt !== undefined) await writeInterfaces(plan, options.libvirt, io);
      else if (json) io.out(JSON.stringify(plan));
      else io.out((await import('../../host/script.js')).scriptOf(plan));
    });
  withHost(host.command('verify'))
    .description('compare what the PF’s VFs are set to with the plan; exit code 1 where something differs')
    .action(async function (this: Command, files: readonly string[], options: HostOptions) {
      const { plan, state } = await planOf(files, options);
      if (!state.link) throw usageError('a copy of sysfs does not have the state', 'give --link FILE, too');
      const { differences, differenceLine } = await import('../../host/verify.js');
      const found = differences(plan, state.link);
      const { json } = this.optsWithGlobals<{ json?: boolean }>();
      const { name } = plan.pf;
      if (json) io.out(JSON.stringify({ pf: name, differences: found }));
      else if (found.length === 0) io.out(`${name}: ${plan.vfs.length} VFs are as planned`);
      else for (const one of found) io.out(differenceLine(name, one));
      if (found.length > 0) throw new ExitCode(1);
    });
  return host;
}

const withHost = (command: Command): Command =>
  command
    .argument('<config...>', "the switches' configs, in the order of their VFs")
    .option('--pf <interface>', 'the PF; not needed where --link has one device')
    .option('--link <file>', 'what `ip -j -d link show dev PF` printed, instead of asking this machine')
    .option('--sysfs <directory>', 'a copy of /sys/class/net/PF/device: how many VFs there can be, and their addresses')
    .option('--keep <file>', 'an earlier plan, as --json prints it: what it has keeps its number')
    .option('--uplink-vlan <vlan>', 'of the In/Out VFs (default: 3000)', integer('--uplink-vlan', 1, 4094))
    .addOption(new Option('--link-state <state>', 'of all VFs (default: auto)').choices(['auto', 'enable']))
    .option('--max-tx-rate <mbps>', "of each tenant's VM, in Mbit/s (default: 0, none)", integer('--max-tx-rate', 0, 400_000))
    .option('--vm-memory <mib>', 'of each vswitch-VM (default: 1024)', integer('--vm-memory', 64, 1 << 20))
    .option('--any-type', 'plan a VF for each port, whatever its type says');

const integer =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw usageError(`${option} ${text} is out of range`, `give ${least} to ${most}`);
  };

async function planOf(files: readonly string[], options: HostOptions): Promise<{ plan: HostPlan; state: HostState }> {
  const { checkFile } = await import('../../flow/check-file.js');
  const { defaultPlanOptions, planHost } = await import('../../host/plan.js');
  const { readEarlier, readHost } = await import('../../host/read.js');
  const sources = [];
  for (const file of files) sources.push({ file, config: await checkFile(file) });
  const state = await readHost(options);
  const earlier = options.keep === undefined ? undefined : await readEarlier(options.keep);
  return { plan: planHost(sources, state.pf, { ...defaultPlanOptions, ...options }, earlier), state };
}

async function writeInterfaces(plan: HostPlan, directory: string, io: Io): Promise<void> {
  const { interfaceFile, interfaceXml, pciAttributes } = await import('../../host/libvirt.js');
  const files = plan.vfs.map((vf) => {
    if (vf.address === undefined)
      throw usageError(`the PCI addresses of ${plan.pf.name}'s VFs are not known`, 'run it on the host, or give --sysfs');
    return { domain: vf.domain, path: join(directory, interfaceFile(vf)), text: interfaceXml(vf, pciAttributes(vf.address)) };
  });
  await mkdir(directory, { recursive: true });
  for (const { domain, path, text } of files) {
    await writeFile(path, text + '\n');
    io.out(`virsh attach-device ${domain} ${path} --config`);
  }
}
