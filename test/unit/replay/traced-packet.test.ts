import test from 'ava';
import { VswitchError } from '../../../src/model/errors.js';
import { packetOf, type TraceRequest } from '../../../src/replay/traced-packet.js';
import { labConfig, labTopology } from '../../support/topology.js';

/** With r2 closed. */
const topology = labTopology(labConfig, ['up', 'r1', 'b1']);
const r1 = topology.portByName.get('r1')!.number;

test('a packet as it is, at a port by name or number', (t) => {
  for (const in_port of ['r1', r1, String(r1)])
    t.deepEqual(packetOf({ in_port, packet: '0aFf' }, topology), { inPort: r1, bytes: Buffer.from([0x0a, 0xff]) });
  t.is(packetOf({ in_port: 'r1', packet: '00'.repeat(65_535) }, topology).bytes.length, 65_535);
});

test('a packet as a list of its fields', (t) => {
  const { inPort, bytes } = packetOf({ fields: 'in_port=r1 udp, nw_dst=10.1.0.12, udp_dst=53' }, topology);
  t.is(inPort, r1);
  t.is(Buffer.from(bytes).toString('hex', 30, 38), '0a01000c' + '00000035');
});

const both = /beside fields/;
const bad: Record<string, [TraceRequest, ...(readonly [string, RegExp])[]]> = {
  'neither form': [{}, ['/in_port', /missing/], ['/packet', /missing/]],
  'both forms': [{ in_port: 'r1', packet: '00', fields: 'in_port=r1,ip' }, ['/in_port', both], ['/packet', both]],
  'a port beside fields': [{ in_port: 'r1', fields: 'ip' }, ['/in_port', both]],
  'no packet': [{ in_port: 'r1' }, ['/packet', /missing/]],
  'no port, and half a byte': [{ packet: '0aa' }, ['/in_port', /missing/], ['/packet', /3 hex digits/]],
  'no hex': [{ in_port: 'r1', packet: '0a0x' }, ['/packet', /at character 4/]],
  'too many bytes': [{ in_port: 'r1', packet: '00'.repeat(65_536) }, ['/packet', /65536 bytes/]],
  'a port that there is not': [{ in_port: 'r9', packet: '' }, ['/in_port', /no port "r9"/]],
  'a port that is closed': [{ in_port: 'r2', packet: '' }, ['/in_port', /not open/]],
  'fields without a port': [{ fields: 'tcp' }, ['/fields', /in_port: .* no port/]],
  'no fields': [{ fields: '' }, ['/fields', /in_port/]],
  'fields with a port that there is not': [{ fields: 'in_port=r9,tcp' }, ['/fields', /in_port: .* "r9"/]],
  'fields with a closed port': [{ fields: 'in_port=r2,tcp' }, ['/fields', /in_port: .*not open/]],
  'a mask': [{ fields: 'in_port=r1,ip,nw_src=10.0.0.0/8' }, ['/fields', /ipv4_src: has no one value/]],
  'a mask, and a closed port': [
    { fields: 'in_port=r2,ip,nw_src=10.0.0.0/8' },
    ['/fields', /in_port: .*not open/],
    ['/fields', /ipv4_src: has no one value/],
  ],
  'a range': [{ fields: 'in_port=r1,tcp,tcp_dst=80-90' }, ['/fields', /tcp_dst: has no one value/]],
  metadata: [{ fields: 'in_port=r1,metadata=1' }, ['/fields', /metadata: no packet/]],
  'a word that there is not': [{ fields: 'in_port=r1,tcq' }, ['/fields', /column 12: "tcq"/]],
  'what a flow has': [{ fields: 'in_port=r1,table=2,priority=7' }, ['/fields', /table: /], ['/fields', /priority: /]],
  actions: [{ fields: 'in_port=r1,actions=drop' }, ['/fields', /column 12: .*no actions/]],
  'a field without what it hangs on': [{ fields: 'in_port=r1,tcp_dst=80' }, ['/fields', /tcp_dst: /]],
};
for (const [what, [request, ...wanted]] of Object.entries(bad))
  test(`refused with its place: ${what}`, (t) => {
    const { code, faults } = t.throws(() => packetOf(request, topology), { instanceOf: VswitchError });
    t.is(code, 'REQUEST_INVALID');
    t.deepEqual(
      faults.map(({ pointer }) => pointer),
      wanted.map(([pointer]) => pointer),
    );
    wanted.forEach(([, message], i) => t.regex(faults[i]!.message, message));
    t.true(faults.every(({ remedy }) => remedy !== undefined));
  });
