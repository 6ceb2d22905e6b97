/** Where a TCP connection stands, by the flags that went by; RFC 9293, section 3.3.2, seen from between. */
export interface TcpState {
  stage: 'syn_sent' | 'syn_recv' | 'open' | 'closing' | 'time_wait' | 'closed';
  /** Directions that sent a FIN, the first one first. */
  fins: (0 | 1)[];
}

const [fin, syn, rst, psh, ack, urg] = [1, 2, 4, 8, 16, 32];

/** Open vSwitch's lib/conntrack-tcp.c: what no host sends. */
export function isIllegal(flags: number): boolean {
  if (flags & syn && flags & (rst | fin)) return true;
  if (!(flags & (syn | rst | ack))) return true;
  return !(flags & ack) && (flags & (fin | psh | urg)) !== 0;
}

/** Whether a segment without a connection may begin one. */
export const mayBegin = (flags: number, loose: boolean): boolean => {
  if (flags & rst) return false;
  return flags & syn ? !(flags & ack) : loose;
};

/** As Open vSwitch has it, a FIN that comes first is one segment of many. */
export const begin = (flags: number): TcpState => ({ stage: flags & syn ? 'syn_sent' : 'open', fins: [] });

/** A SYN on a connection that is over begins another. */
export const beginsAnew = ({ stage }: TcpState, flags: number): boolean =>
  (flags & (syn | ack)) === syn && (stage === 'time_wait' || stage === 'closed');

export function segment(state: TcpState, direction: 0 | 1, flags: number): void {
  if (flags & rst) {
    state.stage = 'closed';
    return;
  }
  if (state.stage === 'syn_sent') {
    // A SYN+ACK, or the SYN of a simultaneous open.
    if (direction === 1 && flags & syn) state.stage = 'syn_recv';
    return;
  }
  if (state.stage === 'syn_recv' && direction === 0 && flags & ack) state.stage = 'open';
  const isOver = state.stage === 'time_wait' || state.stage === 'closed';
  if (isOver) return;
  if (flags & fin && state.fins.length < 2) {
    if (!state.fins.includes(direction)) state.fins.push(direction);
    state.stage = 'closing';
  } else if (state.fins.length === 2 && flags & ack && !(flags & fin) && direction === state.fins[0]) {
    // Who began to close acknowledges the FIN of the other.
    state.stage = 'time_wait';
  }
}
