import type { PuntAction } from '../band/host-rule.js';
import type { Json } from '../sdk/context.js';
import type { RuleAction } from '../sdk/rules.js';
import type { LogLevel } from '../wire/messages.js';

/** A frame that the plugin sent, by verdict or by itself. */
export interface SentFrame {
  /** `resume`: through the tables, as if it came in by the port. `output`: out of the port. */
  readonly kind: 'resume' | 'output';
  readonly port: string;
  readonly mark: number;
  readonly frame: Uint8Array;
}

/** What became of a packet that was tried. */
export interface Outcome {
  /** What the strongest rule that it matches does; undefined: it matches none of the plugin's, and goes on. */
  readonly actions: readonly (RuleAction | PuntAction)[] | undefined;
  /** Whether a handler got it. */
  readonly punted: boolean;
  /** What was sent meanwhile. */
  readonly sent: readonly SentFrame[];
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, Json>> | undefined;
}
