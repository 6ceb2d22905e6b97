import type { ActionText } from '../../src/model/action.js';

/** The MACs that rules write. */
export const egressMac = '02:00:00:00:00:12';
export const nextHopMac = '02:00:00:00:00:11';

/** As every route does: both MACs, then out. */
export const forward = (ethDst: string = nextHopMac, port = 'sink'): ActionText[] => [
  { type: 'set_field', field: 'eth_src', value: egressMac },
  { type: 'set_field', field: 'eth_dst', value: ethDst },
  { type: 'output', port },
];

/** One of `count` next hops. */
export const hopMac = (i: number, count = 16): string => `02:00:00:00:01:${(i % count).toString(16).padStart(2, '0')}`;
