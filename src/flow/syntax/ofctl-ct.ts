import type { ActionText, ConntrackText, NatText, NumberText } from '../../model/action.js';
import { bad, type Call } from './ofctl-call.js';
import { fieldValue, splitPieces, wholeNumber, type Piece } from './ofctl-lex.js';

/**
 * Open vSwitch's `ct(commit,zone=1,nat(src=A-B:L-H,random),exec(set_field:V->ct_mark),table=2)`; `block=N` of a nat is ours. Other than
 * there, the actions after it see the packet as it is then, with a table or without.
 */
export function parseCt(call: Call): ActionText | undefined {
  let text: ConntrackText = { type: 'conntrack' };
  for (const piece of splitPieces(call.value ?? '', call.valueColumn)) {
    const part = partOf(piece);
    if (!part) return refuse(call, piece, 'ct has no such part', partsHint);
    if (Object.keys(part).some((key) => Object.hasOwn(text, key)))
      return refuse(call, piece, 'the part is there twice', 'leave one of them out');
    text = { ...text, ...part };
  }
  return text;
}

const partsHint = 'write commit, zone=N, table=N, nat, nat(src=A-B:L-H), exec(set_field:V->ct_mark)';

const refuse = (call: Call, { column, text }: Piece, message: string, remedy: string): ActionText | undefined =>
  bad({ ...call, column, text }, message, remedy);

type Part = Omit<ConntrackText, 'type'>;

function partOf({ text }: Piece): Part | undefined {
  const [, name = '', , inner, value] = /^([a-z]+)(\((.*)\)|=(.+))?$/s.exec(text) ?? [];
  const number = value === undefined ? undefined : wholeNumber(value);
  switch (name) {
    case 'commit':
      return text === name ? { commit: true } : undefined;
    case 'zone':
      return number === undefined ? undefined : { zone: number };
    case 'table':
      return number === undefined ? undefined : { table: number };
    case 'nat':
      return value === undefined ? natOf(inner ?? '') : undefined;
    case 'exec':
      return execOf(inner ?? '');
    default:
      return undefined;
  }
}

function natOf(list: string): Part | undefined {
  let nat: NatText = {};
  for (const { text } of splitPieces(list, 0)) {
    const [, side, range = ''] = /^(src|dst)=(.+)$/.exec(text) ?? [];
    const block = /^block=(.+)$/.exec(text)?.[1];
    if (side !== undefined) nat = { ...nat, [side]: addressesOf(range), ...portsOf(range) };
    else if (text === 'random' || text === 'persistent') nat = { ...nat, [text]: true };
    else if (block !== undefined && wholeNumber(block) !== undefined) nat = { ...nat, portBlock: Number(block) };
    else return undefined;
  }
  return { nat };
}

/** IPv6 addresses before ports are in brackets. */
const portPattern = /^(\[.*\]|[^:]*):([^:\]]+)$/;
const addressesOf = (range: string): string => (portPattern.exec(range)?.[1] ?? range).replaceAll(/[[\]]/g, '');
const portsOf = (range: string): { readonly ports?: NumberText } => {
  const ports = portPattern.exec(range)?.[2];
  return ports === undefined ? {} : { ports: fieldValue(ports) };
};

function execOf(list: string): Part | undefined {
  let part: Part = {};
  for (const { text } of splitPieces(list, 0)) {
    const [, value, field] = /^set_field:(.+)->ct_(mark|label)$/.exec(text) ?? [];
    if (value === undefined || field === undefined || Object.hasOwn(part, field)) return undefined;
    part = { ...part, [field]: fieldValue(value) };
  }
  return Object.keys(part).length === 0 ? undefined : part;
}

/** The same the other way round. */
export function ctWord({ zone = 0, commit = false, mark, label, nat }: ConntrackText): string {
  const sets = Object.entries({ mark, label }).flatMap(([name, value]) =>
    value === undefined ? [] : [`set_field:${value}->ct_${name}`],
  );
  const parts = [
    ...(commit ? ['commit'] : []),
    ...(zone === 0 ? [] : [`zone=${zone}`]),
    ...(nat === undefined ? [] : [natWord(nat)]),
    ...(sets.length === 0 ? [] : [`exec(${sets.join(',')})`]),
  ];
  return parts.length === 0 ? 'ct' : `ct(${parts.join(',')})`;
}

function natWord({ src, dst, ports, random = false, persistent = false, portBlock }: NatText): string {
  const range = src ?? dst;
  if (range === undefined) return 'nat';
  const bracketed = ports !== undefined && range.includes(':') ? range.replaceAll(/[^-]+/g, '[$&]') : range;
  const parts = [
    `${src === undefined ? 'dst' : 'src'}=${bracketed}${ports === undefined ? '' : `:${ports}`}`,
    ...(random ? ['random'] : []),
    ...(persistent ? ['persistent'] : []),
    ...(portBlock === undefined ? [] : [`block=${portBlock}`]),
  ];
  return `nat(${parts.join(',')})`;
}
