/** Prices in millionths of the currency's unit, as integers; see pricing/price.ts for the rounding. */
export interface Tariff {
  /** ISO 4217. */
  readonly currency: string;
  readonly perGigacycleMicro: bigint;
  readonly perGibMicro: bigint;
  readonly perMillionPacketsMicro: bigint;
}

/** What a tenant used in a period. */
export interface Usage {
  readonly cycles: bigint;
  readonly bytes: bigint;
  readonly packets: bigint;
}

export interface BillLine {
  readonly item: 'cycles' | 'bytes' | 'packets';
  readonly quantity: bigint;
  readonly priceMicro: bigint;
  readonly amountMicro: bigint;
}

export interface Bill {
  readonly currency: string;
  readonly lines: readonly BillLine[];
  readonly totalMicro: bigint;
}
