import { Type } from 'typebox';
import { oneOf } from '../../config/schema-parts.js';
import { usageItems } from '../../model/tariff.js';
import { Counter, Money } from './common.js';

/** What one kind of usage costs, by tier. Quantities are in cycles, bytes, packets, byte-seconds, core-seconds. */
export const BillLineSchema = Type.Object({
  item: oneOf(usageItems),
  quantity: Counter,
  freeQuantity: Type.Unsafe<bigint>(Type.Integer({ minimum: 0, description: 'covered by the allowance' })),
  tiers: Type.Array(
    Type.Object({
      from: Type.Unsafe<bigint>(Type.Integer({ minimum: 0, description: 'beyond the allowance' })),
      quantity: Counter,
      priceMicro: Money,
      amountMicro: Money,
    }),
  ),
  amountMicro: Money,
});
