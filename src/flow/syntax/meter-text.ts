import type { Fault } from '../../model/errors.js';
import type {
  BandMeterText,
  BandText,
  ColourMeterText,
  ColourVerdict,
  Meter,
  MeterKind,
  MeterText,
  MeterUnit,
  MeterVerdict,
} from '../../model/meter.js';

type Parameter = 'cir' | 'cbs' | 'ebs' | 'pir' | 'pbs' | 'eir';

/** An RFC's parameters: the second rate, where it has one, and the second burst. */
const secondOf: Readonly<Record<MeterKind, { readonly rate?: 'pir' | 'eir'; readonly burst: 'ebs' | 'pbs' }>> = {
  srtcm: { burst: 'ebs' },
  trtcm: { rate: 'pir', burst: 'pbs' },
  trtcm_rfc4115: { rate: 'eir', burst: 'ebs' },
};

/** Bytes of a kilobit; packets are counted one by one. */
const unitOf = (unit: MeterUnit): number => (unit === 'kbps' ? 125 : 1);

/**
 * A meter in canonical form, or undefined after adding to `faults`.
 * @param text as its schema (config/flow-schema.ts) allows.
 * @param pointer of the meter in its document.
 */
export function parseMeter(text: MeterText, pointer: string, faults: Fault[]): Meter | undefined {
  const before = faults.length;
  const refuse: Refuse = (at, value, message, remedy) => void faults.push({ pointer: pointer + at, value, message, remedy });
  const meter = 'bands' in text ? parseBands(text, refuse) : parseColours(text, refuse);
  return faults.length === before ? meter : undefined;
}

type Refuse = (at: string, value: unknown, message: string, remedy: string) => void;

/** Two bands are a two rate meter; of one band, all over its rate is red. */
function parseBands({ meter, unit, bands }: BandMeterText, refuse: Refuse): Meter | undefined {
  bands.forEach((band, i) => checkBand(band, `/bands/${i}`, refuse));
  const drop = bands.find(({ type }) => type === 'drop');
  const remark = bands.find(({ type }) => type === 'dscp_remark');
  const size = unitOf(unit);
  const rates = ({ rate, burst_size = rate }: BandText) => [BigInt(rate * size), BigInt(burst_size * size)] as const;
  const [first, second] = bands;
  if (drop && remark) {
    if (drop.rate <= remark.rate) {
      refuse(`/bands/${bands.indexOf(drop)}/rate`, drop.rate, 'a drop has the higher rate', `give more than ${remark.rate}`);
      return undefined;
    }
    const [[cir, cbs], [secondRate, secondBurst]] = [rates(remark), rates(drop)];
    return { meter, kind: 'trtcm', unit, cir, cbs, secondRate, secondBurst, yellow: verdictOf(remark), red: verdictOf(drop) };
  }
  if (!first || second) {
    refuse('/bands', bands.length, 'there is one band of each type at most', 'give one drop, one dscp_remark, or one of both');
    return undefined;
  }
  const [cir, cbs] = rates(first);
  const over = verdictOf(first);
  return { meter, kind: 'srtcm', unit, cir, cbs, secondRate: 0n, secondBurst: 0n, yellow: over, red: over };
}

const verdictOf = ({ type, dscp = 0 }: BandText): ColourVerdict => ({ verdict: type, dscp });

function checkBand({ type, rate, burst_size: burst = rate, dscp }: BandText, at: string, refuse: Refuse): void {
  if (rate === 0) refuse(`${at}/rate`, rate, 'a rate of 0 lets nothing through', 'give 1 or more, or drop in the flow');
  else if (burst === 0) refuse(`${at}/burst_size`, burst, 'a burst of 0 lets nothing through', 'give 1 or more');
  checkDscp(type, dscp, at, `${at}/dscp`, refuse);
}

function checkDscp(verdict: MeterVerdict, dscp: number | undefined, at: string, dscpAt: string, refuse: Refuse): void {
  const name = dscpAt.slice(dscpAt.lastIndexOf('/') + 1);
  if (verdict === 'dscp_remark' && dscp === undefined)
    refuse(at, verdict, 'dscp_remark needs the DSCP that a packet gets', `add "${name}"`);
  if (verdict !== 'dscp_remark' && dscp !== undefined) refuse(dscpAt, dscp, `${verdict} sets no DSCP`, `leave "${name}" out`);
}

function parseColours(text: ColourMeterText, refuse: Refuse): Meter {
  const { meter, kind, unit } = text;
  const second = secondOf[kind];
  checkParameters(text, second, refuse);
  const amount = (name: Parameter | undefined): bigint => BigInt((name === undefined ? 0 : (text[name] ?? 0)) * unitOf(unit));
  return {
    meter,
    kind,
    unit,
    cir: amount('cir'),
    cbs: amount('cbs'),
    secondRate: amount(second.rate),
    secondBurst: amount(second.burst),
    yellow: colourVerdict('yellow', text, 'pass', refuse),
    red: colourVerdict('red', text, 'drop', refuse),
  };
}

/** The parameters are the kind's own, and such as the RFC allows. */
function checkParameters(text: ColourMeterText, second: { rate?: Parameter; burst: Parameter }, refuse: Refuse): void {
  const { kind, cir, cbs, ebs = 0, pir = cir } = text;
  const own = ['cir', 'cbs', second.rate, second.burst];
  for (const name of ['ebs', 'pir', 'pbs', 'eir'] as const) {
    if (own.includes(name) && text[name] === undefined && kind !== 'srtcm')
      refuse('', kind, `${kind} needs ${name}`, `add "${name}"`);
    if (!own.includes(name) && text[name] !== undefined)
      refuse(`/${name}`, text[name], `${kind} has no ${name}`, `leave it out; it has ${own.filter(Boolean).join(', ')}`);
  }
  if (cir === 0) refuse('/cir', cir, 'a committed rate of 0 lets nothing through', 'give 1 or more');
  if (cbs === 0 && (kind !== 'srtcm' || ebs === 0))
    refuse('/cbs', cbs, 'a burst of 0 lets nothing through', 'give at least the largest packet');
  if (kind === 'trtcm' && pir < cir) refuse('/pir', pir, 'the peak rate is below the committed rate', `give ${cir} or more`);
  if (kind === 'trtcm_rfc4115' && text.ebs === 0 && text.eir !== 0)
    refuse('/ebs', 0, 'an excess rate needs a burst', 'give at least the largest packet');
  if (kind === 'trtcm' && text.pbs === 0)
    refuse('/pbs', 0, 'a burst of 0 lets nothing through', 'give at least the largest packet');
}

function colourVerdict(colour: 'yellow' | 'red', text: ColourMeterText, otherwise: MeterVerdict, refuse: Refuse): ColourVerdict {
  const { [colour]: verdict = otherwise, [`${colour}_dscp` as const]: dscp } = text;
  checkDscp(verdict, dscp, `/${colour}`, `/${colour}_dscp`, refuse);
  return { verdict, dscp: dscp ?? 0 };
}

/** By its RFC's parameters; parseMeter gives the same meter again. */
export function formatMeter({ meter, kind, unit, cir, cbs, secondRate, secondBurst, yellow, red }: Meter): ColourMeterText {
  const amount = (value: bigint): number => Number(value / BigInt(unitOf(unit)));
  const { rate, burst } = secondOf[kind];
  return {
    meter,
    kind,
    unit,
    cir: amount(cir),
    cbs: amount(cbs),
    ...(rate === undefined ? {} : { [rate]: amount(secondRate) }),
    [burst]: amount(secondBurst),
    yellow: yellow.verdict,
    ...(yellow.verdict === 'dscp_remark' ? { yellow_dscp: yellow.dscp } : {}),
    red: red.verdict,
    ...(red.verdict === 'dscp_remark' ? { red_dscp: red.dscp } : {}),
  };
}
