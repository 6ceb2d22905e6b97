import type { ConntrackAction, ConntrackText, NatText, NumberText } from '../../model/action.js';
import { familyBits, formatIp, formatPrefix, hostBits, parseIp, parsePrefix, withoutHostBits } from '../../model/address.js';
import { fullMask } from '../../model/match.js';
import { done, wrong, type ParsedAction } from './parsed-action.js';
import { formatNumber, parseNumber, parsed, refused, type Parsed } from './value.js';

const markBits = 32;
const labelBits = 128;

type Nat = Omit<ConntrackAction, 'type' | 'zone' | 'commit' | 'mark' | 'markMask' | 'label' | 'labelMask'>;
type Wrong = Extract<ParsedAction, { ok: false }>;

/** Without a translation. */
export const noNat: Nat = {
  nat: 'none',
  family: 0,
  low: 0n,
  high: 0n,
  prefixBits: 0,
  portLow: 0,
  portHigh: 0,
  random: false,
  persistent: false,
  portBlock: 0,
};

/** Its `table` is an action of its own, which is read where the list is. */
export function parseConntrack(text: ConntrackText): ParsedAction {
  const { zone = 0, commit = false, nat } = text;
  const needsCommit = (at: string, value: unknown): Wrong =>
    wrong(at, value, refused('only a commit keeps it', 'add "commit": true, or leave it out'));
  const [mark, label] = [parseBits(text.mark, markBits), parseBits(text.label, labelBits)];
  if (!mark.ok) return wrong('mark', text.mark, mark);
  if (!label.ok) return wrong('label', text.label, label);
  if (!commit && text.mark !== undefined) return needsCommit('mark', text.mark);
  if (!commit && text.label !== undefined) return needsCommit('label', text.label);
  const translation = nat === undefined ? noNat : parseNat(nat);
  if ('ok' in translation) return translation;
  const side = translation.nat;
  if (!commit && nat && (side === 'src' || side === 'dst')) return needsCommit(`nat/${side}`, nat[side]);
  return done({
    type: 'conntrack',
    zone,
    commit,
    mark: mark.value.value,
    markMask: mark.value.mask,
    label: label.value.value,
    labelMask: label.value.mask,
    ...translation,
  });
}

interface Bits {
  readonly value: bigint;
  readonly mask: bigint;
}

/** `value` or `value/mask`; no bit at all where it is left out. */
function parseBits(written: NumberText | undefined, bits: number): Parsed<Bits> {
  if (written === undefined) return parsed({ value: 0n, mask: 0n });
  const [valueText = '', maskText, more] = typeof written === 'string' ? written.split('/') : [written];
  if (more !== undefined) return refused(`"${written}" is no number`, 'give a number, or `value/mask`');
  const value = parseNumber(valueText, bits);
  const mask = maskText === undefined ? parsed(fullMask(bits)) : parseNumber(maskText, bits);
  if (!value.ok) return value;
  if (!mask.ok) return mask;
  if (mask.value === 0n) return refused('the mask sets nothing', 'leave it out');
  if ((value.value & ~mask.value) !== 0n)
    return refused('the value has bits that the mask does not cover', 'clear them, or widen the mask');
  return parsed({ value: value.value, mask: mask.value });
}

function parseNat(text: NatText): Nat | Wrong {
  const { src, dst, ports, random = false, persistent = false, portBlock = 0 } = text;
  if (src !== undefined && dst !== undefined)
    return wrong('nat/dst', dst, refused('there is a src already', 'give one of them; a second conntrack may do the other'));
  const side = src === undefined ? 'dst' : 'src';
  const written = src ?? dst;
  const without = (['ports', 'random', 'persistent', 'portBlock'] as const).find((name) => text[name] !== undefined);
  if (written === undefined)
    return without === undefined
      ? { ...noNat, nat: 'known' }
      : wrong(`nat/${without}`, text[without], refused('it says how to choose, but not from what', 'give src or dst too'));
  const range = parseRange(written);
  if (!range.ok) return wrong(`nat/${side}`, written, range);
  if (range.value.prefixBits > 0 && without !== undefined)
    return wrong(`nat/${without}`, text[without], refused('a prefix keeps ports and host bits', 'leave it out, or give a range'));
  if (side === 'dst' && text.portBlock !== undefined)
    return wrong('nat/portBlock', portBlock, refused('it is of source addresses', 'leave it out'));
  const span = parsePorts(ports);
  if (!span.ok) return wrong('nat/ports', ports, span);
  const [portLow, portHigh] = span.value;
  const most = portLow === 0 ? 65536 - lowestPort : portHigh - portLow + 1;
  if (portBlock > most)
    return wrong('nat/portBlock', portBlock, refused(`there are ${most} ports`, `give at most ${most}, or more ports`));
  return { nat: side, ...range.value, portLow, portHigh, random, persistent, portBlock };
}

/** Of the ports that are used where none are given. */
const lowestPort = 1024;

const noRange = refused('is no address, range or prefix', 'give `192.0.2.1`, `192.0.2.1-192.0.2.9` or `192.0.2.0/24`');

function parseRange(text: string): Parsed<Pick<Nat, 'family' | 'low' | 'high' | 'prefixBits'>> {
  const prefix = parsePrefix(text);
  if (prefix) {
    const { family, value, length } = prefix;
    if (hostBits(prefix) !== 0n)
      return refused('has bits beyond its prefix', `did you mean "${formatPrefix(withoutHostBits(prefix))}"?`);
    if (length === 0) return refused('takes all addresses', 'give a longer prefix');
    // One address alone is a range.
    return parsed({ family, low: value, high: value, prefixBits: length === familyBits[family] ? 0 : length });
  }
  const [lowText = '', highText = lowText, more] = text.split('-');
  const [low, high] = [parseIp(lowText), parseIp(highText)];
  if (!low || !high || more !== undefined) return noRange;
  if (low.family !== high.family) return refused('begins in one IP version and ends in the other', 'give two of one version');
  if (low.value > high.value) return refused('begins after its end', `did you mean "${highText}-${lowText}"?`);
  return parsed({ family: low.family, low: low.value, high: high.value, prefixBits: 0 });
}

function parsePorts(written: NumberText | undefined): Parsed<readonly [low: number, high: number]> {
  if (written === undefined) return parsed([0, 0]);
  const [lowText = '', highText = lowText, more] = String(written).split('-');
  const [low, high] = [parseNumber(lowText, 16), parseNumber(highText, 16)];
  if (!low.ok || !high.ok || more !== undefined || low.value === 0n)
    return refused('is no range of ports', 'give `1024-65535`, or one from 1 to 65535');
  if (low.value > high.value) return refused('the range begins after its end', `did you mean "${highText}-${lowText}"?`);
  return parsed([Number(low.value), Number(high.value)]);
}

/** As people write it, what has its default left out. */
export function formatConntrack(action: ConntrackAction): ConntrackText {
  const { zone, commit, nat } = action;
  return {
    type: 'conntrack',
    ...(zone === 0 ? {} : { zone }),
    ...(commit ? { commit } : {}),
    ...(action.markMask === 0n ? {} : { mark: formatBits(action.mark, action.markMask, markBits) }),
    ...(action.labelMask === 0n ? {} : { label: formatBits(action.label, action.labelMask, labelBits) }),
    ...(nat === 'none' ? {} : { nat: formatNat(action) }),
  };
}

const formatBits = (value: bigint, mask: bigint, bits: number): NumberText =>
  mask === fullMask(bits) ? formatNumber(value) : `0x${value.toString(16)}/0x${mask.toString(16)}`;

function formatNat(action: ConntrackAction): NatText {
  const { nat, portLow, portHigh, random, persistent, portBlock } = action;
  if (nat === 'known') return {};
  const ports = portLow === portHigh ? portLow : `${portLow}-${portHigh}`;
  return {
    [nat]: formatRange(action),
    ...(portLow === 0 ? {} : { ports }),
    ...(random ? { random } : {}),
    ...(persistent ? { persistent } : {}),
    ...(portBlock === 0 ? {} : { portBlock }),
  };
}

function formatRange({ family, low, high, prefixBits }: ConntrackAction): string {
  if (family === 0) return '';
  if (prefixBits > 0) return formatPrefix({ family, value: low, length: prefixBits });
  const first = formatIp({ family, value: low });
  return low === high ? first : `${first}-${formatIp({ family, value: high })}`;
}
