import type { HostRuleSet } from '../band/host-rule.js';
import type { Json } from '../sdk/context.js';
import type { RuleCounter, RuleResult } from '../sdk/rules.js';
import type { LogLevel } from '../wire/messages.js';
import type { RecordWriter } from '../wire/writer.js';

/** What a plugin's context stands on: the host's channels to the switch, or what a test puts in their place. */
export interface Outside {
  /** @throws PluginError */
  replaceRules(set: HostRuleSet): Promise<RuleResult>;
  ruleCounters(): Promise<readonly RuleCounter[]>;
  readonly writer: RecordWriter;
  /** Something was written outside a handler. */
  wrote(): void;
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, Json>>): void;
  raise(event: string, details: Readonly<Record<string, Json>>): void;
  readonly clock: Clock;
  /** Keeps the text of the store durably. */
  save(text: string): Promise<void>;
  /** Runs code of the plugin; what it throws goes to `failed`, and gives undefined. */
  run<T>(work: () => T): T | undefined;
  failed(error: unknown): void;
}

export interface Clock {
  now(): number;
  /** Gives what ends it. */
  after(ms: number, work: () => void): () => void;
}
