import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VswitchError } from '../../model/errors.js';
import { packageVersion } from '../../version.js';

/** The files of a new plugin, by name. */
export const projectFiles = (name: string): Readonly<Record<string, string>> => ({
  'plugin.ts': `import { definePlugin, Type } from 'mts-vswitch/plugin';

/** Drops what VMs send to these UDP ports, and counts it. */
export const plugin = definePlugin({
  name: '${name}',
  version: '0.1.0',
  compatible: '^${packageVersion}',
  headers: ['ipv4', 'udp'],
  options: Type.Object({
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65535 }), { default: [69] }),
  }),
  setup(ctx) {
    const blocked = ctx.metrics.counter('blocked');
    for (const port of ctx.options.ports) {
      ctx.onPackets({ eth_type: 0x0800, ip_proto: 17, udp_dst: port }, (batch) => {
        blocked.add(batch.size);
        for (const packet of batch) packet.drop();
      });
    }
    ctx.log.info('blocks UDP ports', { ports: ctx.options.ports });
  },
});
`,
  'plugin.test.ts': `import { assert, frame, PluginBench, test } from 'mts-vswitch/plugin/testing';
import { plugin } from './plugin.js';

const to = (port: number) => frame({ eth_type: 0x0800, ip_proto: 17, ipv4_src: '10.1.0.11', ipv4_dst: '10.1.0.12', udp_dst: port });

test('a blocked port is dropped and counted', async () => {
  const bench = await PluginBench.start(plugin, { options: { ports: [69, 1900] } });
  assert.equal(bench.send(to(1900), { port: 'r1' }).punted, true);
  assert.equal(bench.metrics['blocked'], 1);
  assert.equal(bench.counts.dropped, 1);
});

test('others never reach the plugin', async () => {
  const bench = await PluginBench.start(plugin);
  assert.equal(bench.send(to(53), { port: 'r1' }).punted, false);
});
`,
  'package.json': `${JSON.stringify({ name, version: '0.1.0', private: true, type: 'module', main: 'plugin.ts' }, null, 2)}
`,
  'tsconfig.json': `${JSON.stringify(
    {
      compilerOptions: {
        target: 'ES2023',
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        strict: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
        paths: { 'mts-vswitch/plugin': [typesOf('sdk')], 'mts-vswitch/plugin/testing': [typesOf('testing')] },
      },
      include: ['*.ts'],
    },
    null,
    2,
  )}
`,
  'README.md': `# ${name}

\`\`\`sh
vswitch plugin test .        # runs plugin.test.ts
npx tsc -p .                 # checks the types
\`\`\`

In the config of the switch, with the absolute path of this folder:

\`\`\`ts
tenants: { red: { plugins: [{ name: '${name}', path: '/path/to/${name}', options: { ports: [69] } }] } }
\`\`\`

\`vswitch plugin dev . --tenant red\` then loads it anew whenever a file changes.
`,
});

/** Writes a plugin that type-checks and passes its test. @throws VswitchError REQUEST_INVALID where the folder is there, or for a name */
export async function writeProject(name: string, folder: string): Promise<readonly string[]> {
  const refuse = (message: string, remedy: string): never => {
    throw new VswitchError('REQUEST_INVALID', message, [{ pointer: '/name', value: name, message, remedy }]);
  };
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name))
    refuse(`${name} is no name of a plugin`, 'use 1 to 31 lower-case letters, digits and -');
  if (existsSync(folder)) refuse(`${folder} is there already`, 'choose another name, or remove it');
  const files = Object.entries(projectFiles(name));
  await mkdir(folder, { recursive: true });
  for (const [file, text] of files) await writeFile(join(folder, file), text, { flag: 'wx' });
  return files.map(([file]) => join(folder, file));
}

/** Where this package says what its entries are: beside this file in dist, and there too when this is src. */
function typesOf(entry: string): string {
  const places = [`../${entry}`, `../../../dist/plugins/${entry}`].map((folder) =>
    fileURLToPath(new URL(`${folder}/index.d.ts`, import.meta.url)),
  );
  return places.find((file) => existsSync(file)) ?? places[0] ?? '';
}
