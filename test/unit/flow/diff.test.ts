import { fc, testProp } from '@fast-check/ava';
import { diff } from '../../../src/flow/diff.js';
import { identityKey, parseFlow } from '../../../src/flow/syntax/text.js';
import type { Flow } from '../../../src/model/flow.js';
import { flowText, oddTopology } from '../../support/flow-arbitrary.js';

const flow = flowText.map((text) => parseFlow(text, oddTopology, '', []) as Flow);
const twins = fc.tuple(flow, flow).map(([a, b]) => ({ ...a, actions: b.actions }));

/** Two sets that share flows, and identities with other actions. */
const sets = fc
  .tuple(
    fc.array(flow, { maxLength: 8 }),
    fc.array(fc.oneof(flow, twins), { maxLength: 8 }),
    fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
  )
  .map(([now, others, picks]) => {
    const wanted = now.flatMap((one, i) => {
      const pick = picks[i];
      if (pick === 0) return [];
      return [pick === 1 ? { ...one, actions: others[i]?.actions ?? one.actions } : one];
    });
    return [byKey(now), byKey([...wanted, ...others])] as const;
  });

const byKey = (flows: readonly Flow[]) => new Map(flows.map((one) => [identityKey(one), one]));
const same = (one: Flow): Flow => one;

testProp('applying the difference gives the wanted set', [sets], (t, [now, wanted]) => {
  const { added, modified, removed } = diff(now, wanted, same, same);
  const result = new Map(now);
  for (const gone of removed) t.true(result.delete(identityKey(gone)));
  for (const { now: old, wanted: other } of modified) {
    t.is(identityKey(old), identityKey(other));
    result.set(identityKey(old), other);
  }
  for (const fresh of added) {
    t.false(result.has(identityKey(fresh)));
    result.set(identityKey(fresh), fresh);
  }
  t.deepEqual(new Map([...result].sort()), new Map([...wanted].sort()));
});

testProp('what is the same is not touched', [sets], (t, [now]) => {
  const copy = new Map([...now].map(([key, one]) => [key, { ...one, actions: [...one.actions] }]));
  t.deepEqual(diff(now, copy, same, same), { added: [], modified: [], removed: [] });
});
