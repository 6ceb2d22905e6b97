import { Command, Option } from 'commander';
import { besideNftables, besideOpenVSwitch, hasOpenVSwitchDaemon, seedsOf } from './conntrack.js';
import { dataDirectory, dataLines, hasData } from './data.js';
import { freshTables, hasOpenVSwitch } from './fresh-tables.js';
import { judgeAcl } from './judge-acl.js';
import { judgeClassBench } from './judge-classbench.js';
import { judgeMalformed } from './judge-malformed.js';
import { judgeOpenFlow13 } from './judge-openflow13.js';
import { judgeRandom } from './judge-random.js';
import { judgeRoutes } from './judge-routes.js';
import { hasNftables } from './nft-router.js';
import { nativeSwitch } from './native-switch.js';
import { referenceSwitch } from './reference-switch.js';
import type { JudgedSwitch } from './switch.js';
import type { Tally } from './tally.js';

/** Judges that others made, by suite. Exits with 1 where anything is wrong. */
interface Options {
  readonly reference?: boolean;
  readonly seeds: readonly string[];
  readonly ctSeeds: readonly number[];
}

const filterSets = ['acl1_1k', 'acl2_1k', 'acl3_1k', 'acl4_1k', 'acl5_1k', 'fw1_1k', 'fw2_1k', 'fw3_1k', 'fw4_1k', 'fw5_1k'];

/** Open vSwitch answers late where the machine is busy, so what it says against the switch is asked of it again. */
const mostTries = 3;

async function judgeSeed(seed: string, judged: JudgedSwitch): Promise<Tally> {
  for (let tries = 1; ; tries++) {
    const tally = await judgeRandom(await freshTables(seed), judged);
    if (tally.wrong.length === 0 || tries === mostTries) return tally;
  }
}

type Suite = (judged: JudgedSwitch, options: Options) => Promise<Tally>;
const suites: Readonly<Record<string, Suite>> = {
  openflow13: judgeOpenFlow13,
  'random-tables': async (judged, { seeds }) => {
    const tally = await judgeRandom(dataLines('random-tables', 'sample-seed1.jsonl'), judged);
    for (const seed of hasOpenVSwitch ? seeds : []) tally.add(await judgeSeed(seed, judged));
    return tally;
  },
  classbench: (judged) => judgeClassBench([...filterSets, 'ipc1_1k', 'ipc2_1k'], 500, judged),
  acl: judgeAcl,
  routes: (judged, { reference }) => judgeRoutes(reference === true ? 500 : 20_000, 1000, judged),
  'malformed-pcaps': judgeMalformed,
  conntrack: (_, { ctSeeds, reference }) => besideOpenVSwitch(ctSeeds, reference === true),
  nftables: (_, { ctSeeds }) => besideNftables(ctSeeds),
};

const shown = 5;

function report(name: string, { passed, wrong, unsupported, known }: Tally): void {
  const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
  console.log(
    `${name}: ${passed} passed, ${wrong.length} wrong, ${sum(unsupported)} unsupported, ${sum(known)} known differences`,
  );
  for (const [what, count] of unsupported) console.log(`  unsupported: ${count} with ${what}`);
  for (const [reason, count] of known) console.log(`  known: ${count}: ${reason}`);
  for (const line of wrong.slice(0, shown)) console.log(`  wrong: ${line}`);
  if (wrong.length > shown) console.log(`  and ${wrong.length - shown} more`);
}

const program = new Command('conformance')
  .argument('[suites...]', `some of ${Object.keys(suites).join(', ')}`)
  .option('--reference', 'judge the reference interpreter of the tests, instead of the switch')
  .option('--seeds <numbers>', 'seeds of fresh random tables, where Open vSwitch is there', (text) => text.split(','), ['2', '3'])
  .addOption(
    new Option('--ct-seeds <ranges>', 'seeds of the dialogues of conntrack and nftables, as 1-100')
      .env('CT_SEEDS')
      .argParser(seedsOf)
      .default(seedsOf('1-15'), '1-15'),
  )
  .parse();

if (!hasData) {
  console.log(`SKIPPED conformance: there is no data at ${dataDirectory}; CONFORMANCE_DIR says where it is`);
} else {
  const options = program.opts<Options>();
  const lacking = new Map<string, string>();
  if (!hasOpenVSwitchDaemon) lacking.set('conntrack', 'it needs openvswitch-switch');
  if (!hasNftables) lacking.set('nftables', 'it needs nftables, python3 and root');
  if (options.reference === true) lacking.set('nftables', 'the reference has no windows');
  for (const [name, why] of lacking) console.log(`SKIPPED ${name}: ${why}`);
  if (!hasOpenVSwitch) console.log('SKIPPED random-tables: those of fresh seeds need openvswitch-switch and python3-openvswitch');
  const judged = options.reference === true ? referenceSwitch : await nativeSwitch();
  let wrong = 0;
  for (const [name, suite] of Object.entries(suites)) {
    if (program.args.length > 0 && !program.args.includes(name)) continue;
    if (lacking.has(name)) continue;
    const tally = await suite(judged, options);
    report(name, tally);
    wrong += tally.wrong.length;
  }
  await judged.close();
  process.exitCode = wrong === 0 ? 0 : 1;
}
