import { Command } from 'commander';
import type { PortListView, PortView } from '../../api/schemas/ports.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';
import { portConfigFrom } from '../port-input.js';

export function portsCommand(io: Io): Command {
  const ports = new Command('ports').description('show, add and remove ports');
  ports
    .command('list', { isDefault: true })
    .description('show the ports and their links')
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<PortListView>(await session.send('GET', '/v1/ports'), (list) => portTable(list.ports));
      });
    });
  ports
    .command('add')
    .description('open a port while the others forward, for example: ports add p7 af_packet interface=veth7 tenant=red')
    .argument('<name>', 'its name')
    .argument('<type>', 'its type')
    .argument('[property...]', 'properties of the config, as key=value')
    .action(async function (this: Command, name: string, type: string, properties: string[]) {
      const config = portConfigFrom(type, properties);
      await withSession(this, io, async (session) => {
        session.show<PortView>(await session.send('POST', '/v1/ports', { name, config }), (port) => portTable([port]));
      });
    });
  ports
    .command('remove')
    .description('close a port; refused while flows name it')
    .argument('<name>', 'its name')
    .action(async function (this: Command, name: string) {
      await withSession(this, io, async (session) => {
        await session.send('DELETE', `/v1/ports/${encodeURIComponent(name)}`);
        io.out(session.json ? '{}' : `${name} is closed`);
      });
    });
  return ports;
}

const portTable = (ports: readonly PortView[]): string =>
  table(
    ['NO', 'PORT', 'ROLE', 'TYPE', 'MAC', 'MTU', 'QUEUES', 'LINK', 'MISSED', 'DRIVER'],
    ports.map((port) =>
      port.state === 'failed'
        ? [String(port.number), port.name, roleText(port), port.type, '-', '-', '-', 'failed', '-', port.error.detail]
        : [
            String(port.number),
            port.name,
            roleText(port),
            port.type,
            port.mac,
            String(port.mtu),
            `${port.rxQueues}/${port.txQueues}`,
            port.link.up ? (port.link.speedMbps > 0 ? `${port.link.speedMbps} Mbit/s` : 'up') : 'down',
            String(port.device.rxMissed),
            port.driver,
          ],
    ),
    ['NO', 'MTU', 'MISSED'],
  );

const roleText = ({ role }: PortView): string => (role.kind === 'uplink' ? 'uplink' : `gw ${role.tenant}`);
