import type { PolicyView } from '../api/schemas/flows.js';
import type { UsageView } from '../api/schemas/usage.js';
import type { SwitchApi } from '../lab/checks.js';
import { Client } from './client.js';

/** A lab's switch by its socket; a connection for each request, so that nothing is left open when the switch ends. */
export function labApi(socket: string): SwitchApi & { healthy(): Promise<boolean> } {
  const using = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ socket });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  const get = (path: string): Promise<unknown> => using((client) => client.get(path));
  return {
    usage: async () => (await get('/v1/usage')) as UsageView,
    policy: async () => ((await get('/v1/policy')) as PolicyView).policy,
    setPolicy: async (policy) => {
      await using((client) => client.send('PUT', '/v1/policy', { policy }));
    },
    healthy: () =>
      get('/v1/health').then(
        () => true,
        () => false,
      ),
  };
}
