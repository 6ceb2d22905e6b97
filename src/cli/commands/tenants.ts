import { Command } from 'commander';
import type { TenantListView } from '../../api/schemas/tenants.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

export const tenantsCommand = (io: Io): Command =>
  new Command('tenants').description('show the tenants, their networks, VMs and ports').action(async function (this: Command) {
    await withSession(this, io, async (session) => {
      session.show<TenantListView>(await session.send('GET', '/v1/tenants'), ({ tenants }) =>
        table(
          ['TENANT', 'SLOT', 'NETWORKS', 'VMS', 'PORTS', 'FLOWS', 'LIMIT'],
          tenants.map((t) => [
            t.name,
            String(t.slot),
            t.networks.map((n) => `${n.prefix} gw ${n.gateway}`).join('\n'),
            t.vms.map((vm) => `${vm.name} ${vm.addresses.join(' ')} on ${vm.port}`).join('\n'),
            t.ports.join('\n'),
            String(t.flows),
            String(t.limits.rules),
          ]),
          ['SLOT', 'FLOWS', 'LIMIT'],
        ),
      );
    });
  });
