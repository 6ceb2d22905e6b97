import type { Scenario } from '../scenario.js';
import { accounting } from './accounting.js';
import { acl1k1k, acl1k100k, masks256 } from './acl.js';
import { classbench10k } from './classbench.js';
import { exact1k, exact1m, exact100k } from './exact.js';
import { ct, ct1m, nat } from './ct.js';
import { ctExpiry } from './ct-expiry.js';
import { ctFlood } from './ct-flood.js';
import { ctSetup } from './ct-setup.js';
import { groupSelect, groupSelect100k } from './group-select.js';
import { imix } from './imix.js';
import { io } from './io.js';
import { latency } from './latency.js';
import { lpm1k, lpm50k, lpm6Bgp, lpmBgp } from './lpm.js';
import { mtsRules } from './mts-rules.js';
import { meter, ttl, vlan } from './one-rule.js';
import { noisyNeighbour } from './noisy-neighbour.js';
import { p2p, p2p100k } from './p2p.js';
import { scaleActions, scalePorts, scaleRules, scaleSize, scaleTables } from './scale.js';
import { punt } from './punt.js';
import { tse } from './tse.js';
import { updates } from './updates.js';
import { vxlan, vxlanDecap, vxlanEncap } from './vxlan.js';
import { workers } from './workers.js';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  ...[io, p2p, p2p100k, mtsRules],
  ...[lpm1k, lpm50k, lpmBgp, lpm6Bgp, exact1k, exact100k, exact1m, ctSetup, ctFlood, ctExpiry],
  ...[acl1k1k, acl1k100k, masks256, classbench10k],
  ...[ttl, vlan, meter, groupSelect, groupSelect100k],
  ...[ct, nat, ct1m],
  ...[vxlan, vxlanEncap, vxlanDecap, imix, tse, updates, latency, workers, accounting, noisyNeighbour, punt],
  ...[scaleRules, scaleTables, scaleActions, scalePorts, scaleSize],
];
