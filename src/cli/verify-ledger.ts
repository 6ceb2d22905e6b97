import { faultOf, faultRemedies } from '../ledger/faults.js';
import { openForReading } from '../ledger/open.js';
import { verifyLedger, type VerifyReport } from '../ledger/verify.js';
import { VswitchError } from '../model/errors.js';

/** @throws VswitchError LEDGER_UNREADABLE where the file is no ledger at all. */
export function verifyFile(path: string, head: string | undefined): VerifyReport {
  try {
    const db = openForReading(path);
    try {
      return verifyLedger(db, head);
    } finally {
      db.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const fault = faultOf(error);
    const remedy = fault === 'foreign' || fault === 'corrupt' ? 'name a file that `vswitch run` wrote' : faultRemedies[fault];
    throw new VswitchError('LEDGER_UNREADABLE', `${path} cannot be read: ${message}`, [
      { pointer: '', value: path, message, remedy },
    ]);
  }
}
