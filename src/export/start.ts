import type { ExportConfig } from '../config/schema.js';
import type { AskLedger } from '../ledger/bill-source.js';
import { Exporter, type ExporterDeps, type ExportSource } from './exporter.js';
import { httpPoster } from './post.js';

export const defaultExportIntervalS = 10;
export const defaultExportBatch = 500;

/** Begins to export a ledger as the config says. */
export function startExport(config: ExportConfig, ask: AskLedger, log: ExporterDeps['log']): Exporter {
  const { url, token, intervalS = defaultExportIntervalS, batch = defaultExportBatch } = config;
  const exporter = new Exporter({
    source: ledgerSource(ask, targetOf(url)),
    poster: httpPoster(url, token),
    intervalMs: intervalS * 1000,
    batch,
    log,
  });
  exporter.start();
  return exporter;
}

/** A receiver has its own position in the ledger's file. Neither names nor keys are written there. */
function targetOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

const ledgerSource = (ask: AskLedger, target: string): ExportSource => ({
  position: () => ask({ ask: 'exported', target }),
  setPosition: async (sequence) => {
    await ask({ ask: 'setExported', target, sequence });
  },
  read: (after, limit) => ask({ ask: 'toExport', after, limit }),
});
