import type { Generation } from '../../src/model/ids.js';
import type { Applied, DataPlane, RuleTransaction } from '../../src/switch/types.js';

/** What a data plane does with transactions that come together, of what it does with one. */
export const applyEach =
  (apply: (transaction: RuleTransaction) => Promise<Generation>) =>
  async (transactions: readonly RuleTransaction[]): Promise<Applied> => {
    const generations: Generation[] = [];
    try {
      for (const transaction of transactions) generations.push(await apply(transaction));
    } catch (fault) {
      return { generations, fault };
    }
    return { generations };
  };

/** Applies one transaction. Throws where it is refused. */
export async function applyOne(
  dataPlane: Pick<DataPlane, 'apply'>,
  transaction: RuleTransaction,
): Promise<Generation | undefined> {
  const { generations, fault } = await dataPlane.apply([transaction]);
  if (fault instanceof Error) throw fault;
  return generations[0];
}
