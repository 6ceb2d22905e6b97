const microDigits = 6;

/** Decimal digits of a currency's smallest unit: 2 for the cents of EUR, 0 for JPY. */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Millionths of a unit in the smallest unit of the currency, a half rounded up. @param micro not negative. */
export function toMinor(micro: bigint, currency: string): bigint {
  const step = 10n ** BigInt(microDigits - minorDigits(currency));
  return (micro + step / 2n) / step;
}

/** An amount of whole 10⁻ᵈ units, written out exactly: `-0.001234`. */
export function decimal(amount: bigint, digits = microDigits): string {
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, '0');
  const [whole, part] = [text.slice(0, text.length - digits), text.slice(text.length - digits)];
  return `${amount < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
}
