import { judgeConntrack } from './judge-conntrack.js';

/** A process of its own for each way in which the data plane tracks: it starts once in a process. Prints what it came to as JSON. */
const [windows, who, ...seeds] = process.argv.slice(2);
const { passed, wrong, unsupported, known } = await judgeConntrack(seeds.map(Number), windows === 'windows', who === 'reference');
console.log(JSON.stringify({ passed, wrong, unsupported: [...unsupported], known: [...known] }));
