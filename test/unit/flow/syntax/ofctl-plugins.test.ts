import test from 'ava';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import type { ActionText } from '../../../../src/model/action.js';

for (const [line, actions] of [
  [
    'priority=32768,actions=write_metadata:1,resubmit(,0)',
    [
      { type: 'write_metadata', value: 1 },
      { type: 'resubmit', table: 0 },
    ],
  ],
  ['priority=32768,actions=resubmit(,63)', [{ type: 'resubmit', table: 63 }]],
  ['priority=32768,actions=punt:256', [{ type: 'punt', handler: 256 }]],
] as const satisfies readonly (readonly [string, readonly ActionText[]])[])
  test(`read and written: ${line}`, (t) => {
    const flow = parseOfctl(line);
    t.deepEqual(flow.actions, actions);
    t.is(formatOfctl(flow), line);
  });
