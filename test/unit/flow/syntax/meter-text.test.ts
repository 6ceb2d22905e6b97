import { testProp } from '@fast-check/ava';
import test from 'ava';
import { meterSchema } from '../../../../src/config/schema.js';
import { schemaFaults } from '../../../../src/config/schema-faults.js';
import { formatMeter, parseMeter } from '../../../../src/flow/syntax/meter-text.js';
import type { Fault } from '../../../../src/model/errors.js';
import type { ColourMeterText, MeterText } from '../../../../src/model/meter.js';
import { meterText } from '../../../support/group-arbitrary.js';

function parse(text: MeterText) {
  const faults: Fault[] = [];
  return { meter: parseMeter(text, '/meters/0', faults), faults };
}

testProp('a meter that is written out and read again is the same', [meterText], (t, text) => {
  t.deepEqual(schemaFaults(meterSchema, text), []);
  const { meter, faults } = parse(text);
  t.deepEqual(faults, []);
  if (!meter) return;
  const written = formatMeter(meter);
  t.deepEqual(parse(written).meter, meter);
  t.deepEqual(schemaFaults(meterSchema, written), []);
});

const drop = { verdict: 'drop', dscp: 0 } as const;
const pass = { verdict: 'pass', dscp: 0 } as const;

test('a drop band: kilobits become bytes, its burst is a second of its rate', (t) => {
  t.deepEqual(parse({ meter: 1, unit: 'kbps', bands: [{ type: 'drop', rate: 8 }] }).meter, {
    meter: 1,
    kind: 'srtcm',
    unit: 'kbps',
    cir: 1000n,
    cbs: 1000n,
    secondRate: 0n,
    secondBurst: 0n,
    yellow: drop,
    red: drop,
  });
});

test('two bands are a two rate meter, in any order; packets are packets', (t) => {
  const bands = [
    { type: 'drop', rate: 20, burst_size: 7 },
    { type: 'dscp_remark', rate: 10, burst_size: 5, dscp: 8 },
  ] as const;
  const { meter } = parse({ meter: 1, unit: 'pktps', bands });
  t.like(meter, { kind: 'trtcm', cir: 10n, cbs: 5n, secondRate: 20n, secondBurst: 7n, red: drop });
  t.deepEqual(meter?.yellow, { verdict: 'dscp_remark', dscp: 8 });
  t.deepEqual(parse({ meter: 1, unit: 'pktps', bands: [...bands].reverse() }).meter, meter);
});

test("an RFC's parameters: yellow passes and red drops where nothing is said", (t) => {
  const base = { meter: 1, unit: 'kbps', cir: 8, cbs: 16 } as const;
  t.like(parse({ ...base, kind: 'srtcm', ebs: 24 }).meter, { cir: 1000n, cbs: 2000n, secondRate: 0n, secondBurst: 3000n });
  t.like(parse({ ...base, kind: 'trtcm', pir: 80, pbs: 8 }).meter, { secondRate: 10_000n, secondBurst: 1000n });
  t.like(parse({ ...base, kind: 'trtcm_rfc4115', eir: 0, ebs: 8 }).meter, {
    secondRate: 0n,
    secondBurst: 1000n,
    yellow: pass,
    red: drop,
  });
});

const band = { type: 'drop', rate: 10 } as const;
const remark = { type: 'dscp_remark', rate: 5, dscp: 1 } as const;
const colour: ColourMeterText = { meter: 1, unit: 'kbps', kind: 'srtcm', cir: 1, cbs: 1 };
const trtcm: ColourMeterText = { ...colour, kind: 'trtcm', cir: 5, pir: 9, pbs: 1 };
for (const [what, text, pointer] of [
  ['two drops', { meter: 1, unit: 'kbps', bands: [band, band] }, '/bands'],
  ['a drop below a remark', { meter: 1, unit: 'kbps', bands: [remark, { ...band, rate: 5 }] }, '/bands/1/rate'],
  ['a remark without DSCP', { meter: 1, unit: 'kbps', bands: [{ type: 'dscp_remark', rate: 5 }] }, '/bands/0'],
  ['a drop with DSCP', { meter: 1, unit: 'kbps', bands: [{ ...band, dscp: 5 }] }, '/bands/0/dscp'],
  ['a rate of nothing', { meter: 1, unit: 'kbps', bands: [{ ...band, rate: 0 }] }, '/bands/0/rate'],
  ['a burst of nothing', { meter: 1, unit: 'kbps', bands: [{ ...band, burst_size: 0 }] }, '/bands/0/burst_size'],
  ["another kind's parameter", { ...colour, pir: 5 }, '/pir'],
  ['a missing parameter', { ...colour, kind: 'trtcm', pir: 5 }, ''],
  ['no committed rate', { ...colour, cir: 0 }, '/cir'],
  ['no burst at all', { ...colour, cbs: 0 }, '/cbs'],
  ['a peak below the committed rate', { ...trtcm, pir: 4 }, '/pir'],
  ['a peak without a burst', { ...trtcm, pbs: 0 }, '/pbs'],
  ['an excess without a burst', { ...colour, kind: 'trtcm_rfc4115', eir: 1, ebs: 0 }, '/ebs'],
  ['a remark of yellow without DSCP', { ...colour, yellow: 'dscp_remark' }, '/yellow'],
  ['a DSCP of red that drops', { ...colour, red_dscp: 5 }, '/red_dscp'],
] as const satisfies readonly (readonly [string, MeterText, string])[]) {
  test(`refused with its place: ${what}`, (t) => {
    const { meter, faults } = parse(text);
    t.is(meter, undefined);
    t.deepEqual(
      faults.map((fault) => fault.pointer),
      [`/meters/0${pointer}`],
    );
    t.true(faults.every(({ remedy }) => remedy !== undefined && remedy !== ''));
  });
}
