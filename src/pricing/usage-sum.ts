import { usageItems } from '../model/tariff.js';
import type { UsageTotals } from '../model/usage-record.js';

export const noUsage: UsageTotals = { cycles: 0n, bytes: 0n, packets: 0n, memoryByteSeconds: 0n, reservedCoreSeconds: 0n };

export const addUsage = (a: UsageTotals, b: UsageTotals): UsageTotals => ({
  cycles: a.cycles + b.cycles,
  bytes: a.bytes + b.bytes,
  packets: a.packets + b.packets,
  memoryByteSeconds: a.memoryByteSeconds + b.memoryByteSeconds,
  reservedCoreSeconds: a.reservedCoreSeconds + b.reservedCoreSeconds,
});

export const isNoUsage = (usage: UsageTotals): boolean => usageItems.every((item) => usage[item] === 0n);
