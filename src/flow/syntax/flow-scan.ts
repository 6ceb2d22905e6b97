import { actionsSchema } from '../../config/flow-schema.js';
import { compiled } from '../../config/schema-faults.js';
import { maxTables } from '../../config/schema-parts.js';
import type { Action, ActionText } from '../../model/action.js';
import type { Fault } from '../../model/errors.js';
import { defaultPriority, maxPriority, maxTimeout, type Flow } from '../../model/flow.js';
import { matchFields, type FieldName } from '../../model/match.js';
import type { PackedMatch } from '../../model/packed-match.js';
import type { Topology } from '../../model/topology.js';
import { parseActions } from './action-text.js';
import { ByteScanner } from './byte-scanner.js';
import { knownOf, type Known } from './known.js';
import { firstField, packFields, readField } from './match-pack.js';
import type { ShapeNode } from './match-shapes.js';
import { hasPrerequisites } from './match-text.js';

/** What is read of a flow; one object for all, which the next flow overwrites. */
export interface FlowParts extends Omit<Flow, 'match'> {
  readonly match: PackedMatch;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const [begin, end, beginList, endList, colon, comma] = ['{', '}', '[', ']', ':', ','].map(bytesOf) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const operations = bytesOf('"operations"');
const op = bytesOf('"op"');
const add = bytesOf('"add"');
const flowKey = bytesOf('"flow"');
/** As it mostly is. */
const addFlow = bytesOf('{"op":"add","flow":');

/** Of a flow, each with its bit. */
const keys = (['match', 'actions', 'priority', 'table', 'idle_timeout', 'hard_timeout', 'cookie'] as const).map((name, i) => ({
  name,
  bit: 1 << i,
  word: bytesOf(`"${name}"`),
}));

interface KnownField {
  readonly name: FieldName;
  readonly number: number;
  readonly word: Uint8Array;
}

const hashOf = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = 0;
  for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
  return hash;
};
const fields = new Map(
  matchFields.map(({ name }, number): [number, KnownField] => {
    const word = bytesOf(`"${name}"`);
    return [hashOf(word, 0, word.length), { name, number, word }];
  }),
);

/** More are refused (api/schemas/flows.ts), and a string in a match has a limit, too. */
const mostAdds = 1_000_000;
const longestValue = 100;

/** A list that was read, and what it came to. */
interface ReadList {
  readonly bytes: Uint8Array;
  readonly known: Known;
  readonly table: number;
  readonly actions: readonly Action[];
}

/** `{"operations":[{"op":"add","flow":{…}},…]}` from bytes to flows in one pass. */
export class FlowScanner {
  readonly #in: ByteScanner;
  readonly #topology: Topology;
  #list: ReadList | undefined;
  /** Whether the list that was found last is written as the one before. */
  #isAgain = false;
  /** By field, the flow in which it was seen last: a name may stand there once. */
  readonly #seen = new Uint32Array(matchFields.length);
  #flow = 0;
  /** Of the flow before, in their order. */
  readonly #fields: KnownField[] = [];

  constructor(body: Buffer, topology: Topology) {
    this.#in = new ByteScanner(body);
    this.#topology = topology;
  }

  /** Undefined where there is anything else, or a fault. */
  adds<T>(make: (flow: FlowParts) => T): T[] | undefined {
    const input = this.#in;
    if (!(input.skip(begin) && input.skip(operations) && input.skip(colon) && input.skip(beginList))) return undefined;
    const found: T[] = [];
    do {
      if (!input.skipNear(addFlow)) {
        if (!(input.skip(begin) && input.skip(op) && input.skip(colon) && input.skip(add) && input.skip(comma))) return undefined;
        if (!(input.skip(flowKey) && input.skip(colon))) return undefined;
      }
      const flow = this.#read();
      if (!flow || !input.skip(end) || found.length === mostAdds) return undefined;
      found.push(make(flow));
    } while (input.skip(comma));
    return input.skip(endList) && input.skip(end) && input.isAtEnd() ? found : undefined;
  }

  #read(): FlowParts | undefined {
    const input = this.#in;
    if (!input.skip(begin)) return undefined;
    this.#flow++;
    let node: ShapeNode | undefined = firstField();
    // One by one: a list of them would be made for each flow.
    let table = 0;
    let priority = defaultPriority;
    let idleTimeout = 0;
    let hardTimeout = 0;
    let cookie = 0;
    let actionsAt = -1;
    let actionsEnd = -1;
    let seen = 0;
    do {
      const key = this.#key();
      if (!key || (seen & key.bit) !== 0 || !input.skip(colon)) return undefined;
      seen |= key.bit;
      switch (key.name) {
        case 'match':
          node = this.#match(node);
          if (!node) return undefined;
          break;
        case 'actions':
          actionsEnd = this.#actionsEnd();
          if (actionsEnd < 0) return undefined;
          actionsAt = input.at;
          input.at = actionsEnd;
          break;
        case 'priority':
          if ((priority = input.integer(maxPriority)) < 0) return undefined;
          break;
        case 'table':
          if ((table = input.integer(maxTables - 1)) < 0) return undefined;
          break;
        case 'idle_timeout':
          if ((idleTimeout = input.integer(maxTimeout)) < 0) return undefined;
          break;
        case 'hard_timeout':
          if ((hardTimeout = input.integer(maxTimeout)) < 0) return undefined;
          break;
        case 'cookie':
          if ((cookie = input.integer(Number.MAX_SAFE_INTEGER)) < 0) return undefined;
      }
    } while (input.skip(comma));
    if (!input.skip(end) || actionsAt < 0) return undefined;
    const match = packFields(node, table, priority);
    if (!hasPrerequisites(match)) return undefined;
    const actions = this.#actions(actionsAt, actionsEnd, knownOf(match), table);
    return actions && { table, priority, match, actions, cookie: cookie === 0 ? 0n : BigInt(cookie), idleTimeout, hardTimeout };
  }

  #key(): (typeof keys)[number] | undefined {
    for (const key of keys) if (this.#in.skip(key.word)) return key;
    return undefined;
  }

  #match(from: ShapeNode): ShapeNode | undefined {
    const input = this.#in;
    if (!input.skip(begin)) return undefined;
    if (input.skip(end)) return from;
    let node: ShapeNode | undefined = from;
    let place = 0;
    do {
      const field = this.#field(place++);
      if (!field || this.#seen[field.number] === this.#flow || !input.skip(colon)) return undefined;
      this.#seen[field.number] = this.#flow;
      const value = input.isString() ? input.string() : input.integer(Number.MAX_SAFE_INTEGER);
      if (value === undefined || (typeof value === 'string' ? value.length > longestValue : value < 0)) return undefined;
      node = readField(node, field.name, value, this.#topology);
      if (!node) return undefined;
    } while (input.skip(comma));
    return input.skip(end) ? node : undefined;
  }

  /** The field that is named next: most often the one that was there in the flow before. */
  #field(place: number): KnownField | undefined {
    const input = this.#in;
    const before = this.#fields[place];
    if (before && input.skipNear(before.word)) return before;
    const nameEnd = input.stringEnd();
    const field = nameEnd < 0 ? undefined : fields.get(hashOf(input.bytes, input.at, nameEnd));
    if (!field || !input.skip(field.word)) return undefined;
    this.#fields[place] = field;
    return field;
  }

  /** Where the list that is next ends, most often the same as the one before. It begins at `at`. */
  #actionsEnd(): number {
    const input = this.#in;
    const last = this.#list?.bytes;
    this.#isAgain = last !== undefined && input.skipMany(last);
    if (last && this.#isAgain) {
      input.at -= last.length;
      return input.at + last.length;
    }
    const list = input.bracketed();
    if (!list) return -1;
    input.at -= list.length;
    return input.at + list.length;
  }

  #actions(from: number, to: number, known: Known, table: number): readonly Action[] | undefined {
    const list = this.#list;
    if (list && this.#isAgain && list.known === known && list.table === table) return list.actions;
    const bytes = this.#in.bytes.subarray(from, to);
    const texts = textsOf(bytes);
    if (!texts) return undefined;
    const faults: Fault[] = [];
    const actions = parseActions(texts, known, table, this.#topology, '', faults);
    if (faults.length > 0 || texts.some(({ type }) => named.has(type))) return undefined;
    this.#list = { bytes, known, table, actions };
    return actions;
  }
}

/** Groups and meters are looked for when a whole transaction is known, and pointed at in its text. */
const named: ReadonlySet<string> = new Set(['group', 'meter', 'write_actions']);

function textsOf(bytes: Buffer): readonly ActionText[] | undefined {
  try {
    const texts: unknown = JSON.parse(bytes.toString());
    return compiled(actionsSchema).Check(texts) ? (texts as readonly ActionText[]) : undefined;
  } catch {
    return undefined;
  }
}
