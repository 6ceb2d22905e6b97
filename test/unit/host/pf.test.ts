import test from 'ava';
import { linkOf, pfOfFolder } from '../../../src/host/pf.js';

const folder = (files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) => ({
  read: (file: string): string | undefined => files[file],
  target: (link: string): string | undefined => links[link],
});

test('addresses of VFs that are not made follow from offset and stride; buses carry over', (t) => {
  const of = {
    sriov_totalvfs: '3\n',
    sriov_offset: '128\n',
    sriov_stride: '100\n',
    numa_node: '1\n',
    uevent: 'DRIVER=igb\nPCI_SLOT_NAME=0000:3b:00.1\n',
  };
  t.deepEqual(pfOfFolder(folder(of)), {
    totalVfs: 3,
    numaNode: 1,
    vfAddresses: ['0000:3b:10.1', '0000:3b:1c.5', '0000:3c:09.1'],
  });
});

test('links say where VFs are', (t) => {
  const of = pfOfFolder(
    folder({ sriov_totalvfs: '2', numa_node: '-1' }, { virtfn0: '../0000:01:10.0', virtfn1: '../0000:01:10.2' }),
  );
  t.deepEqual(of, { totalVfs: 2, vfAddresses: ['0000:01:10.0', '0000:01:10.2'] });
});

test('what is not there is not known', (t) => {
  t.deepEqual(pfOfFolder(folder({})), {});
  t.deepEqual(pfOfFolder(folder({ sriov_totalvfs: '7' })), { totalVfs: 7 });
});

const refused = (text: string, name?: string) => {
  try {
    linkOf(text, 'link.json', name);
    return undefined;
  } catch (error) {
    return error as { code: string; message: string; faults: { pointer: string }[] };
  }
};

test('what `ip -j link` did not print is refused, with where', (t) => {
  t.like(refused('nonsense'), { code: 'HOST_UNREADABLE' });
  t.regex(refused('{"ifname":"a"}')!.message, /is not what `ip -j link` prints/);
  t.is(refused('[{"ifname":"a","vfinfo_list":[{"vf":"0"}]}]')!.faults[0]!.pointer, 'link.json#/0/vfinfo_list/0/vf');
  t.regex(refused('[{"ifname":"a"},{"ifname":"b"}]')!.message, /has 2 devices/);
  t.regex(refused('[{"ifname":"a"}]', 'c')!.message, /has no device c/);
  t.is(linkOf('[{},{"ifname":"a"},{"ifname":"b"}]', 'link.json', 'b').ifname, 'b');
});
