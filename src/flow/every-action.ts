import type { Action, ActionText } from '../model/action.js';

/** An action, and where it stands: a JSON pointer that begins with its list's. */
export interface Placed<T> {
  readonly action: T;
  readonly pointer: string;
}

/** Every action of a list, those inside write_actions too. */
export function* everyAction<T extends Action | ActionText>(actions: readonly T[], pointer = ''): Generator<Placed<T>> {
  for (const [i, action] of actions.entries()) {
    yield { action, pointer: `${pointer}/${i}` };
    if (action.type === 'write_actions') yield* everyAction(action.actions as readonly T[], `${pointer}/${i}/actions`);
  }
}

/** Numbers of the ports that actions name. */
export function portsNamed(actions: readonly Action[], ports: number[] = []): readonly number[] {
  for (const action of actions) {
    if (action.type === 'mirror') ports.push(action.port);
    else if (action.type === 'output' && typeof action.port === 'number') ports.push(action.port);
    else if (action.type === 'write_actions') portsNamed(action.actions, ports);
  }
  return ports;
}
