import { readdirSync } from 'node:fs';
import { outcomeOf } from '../../../src/lab/command.js';
import { isAlive, type ProcessMark } from '../../../src/process/marks.js';

const entriesOf = (directory: string, part: string): string[] => {
  try {
    return readdirSync(directory).filter((entry) => entry.includes(part));
  } catch {
    return [];
  }
};

/**
 * What a lab left on the machine: names of namespaces, links, files and sockets, and the numbers of processes. Other labs, which may
 * run meanwhile, do not count.
 * @param marks the lab's processes while it was up.
 */
export async function leftoversOf(name: string, marks: readonly ProcessMark[]): Promise<string[]> {
  const { text: links } = await outcomeOf(['ip', '-o', 'link', 'show', 'type', 'veth']);
  return [
    ...entriesOf('/run/netns', `${name}-`).map((namespace) => `namespace ${namespace}`),
    ...links.split('\n').filter((line) => /(uplink|red-gw\d|blue-gw\d)[@:]/.test(line)),
    ...marks.flatMap(({ pid }) => entriesOf('/dev/hugepages', `p${pid}`)).map((file) => `hugepage file ${file}`),
    ...marks.flatMap(({ pid }) => entriesOf('/run/dpdk', `p${pid}`)).map((entry) => `EAL directory ${entry}`),
    ...entriesOf('/run/mts-vswitch', name).map((entry) => `socket ${entry}`),
    ...entriesOf('/run/mts-vswitch-lab', name).map((entry) => `lab directory ${entry}`),
    ...marks.filter(isAlive).map(({ pid }) => `process ${pid}`),
  ];
}
