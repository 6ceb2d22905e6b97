import { Agent, request } from 'undici';
import { batchMediaType, type CloudEvent } from './cloud-event.js';

/** Why a batch was not taken: nobody answered; the receiver will not have it (4xx); it could not take it (all else). */
export const postFaults = ['unreachable', 'refused', 'failed'] as const;
export type PostFault = (typeof postFaults)[number];

export type Posted =
  | { readonly taken: true }
  | { readonly taken: false; readonly fault: PostFault; readonly reason: string; readonly tooLarge: boolean };

export interface Poster {
  post(events: readonly CloudEvent[]): Promise<Posted>;
  /** Ends a request that is on its way. */
  close(): Promise<void>;
}

/** Slower than this is as good as not there. */
const timeoutMs = 30_000;

/** Posts batches to a receiver of CloudEvents. */
export function httpPoster(url: string, token: string | undefined): Poster {
  const agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs } });
  const headers = {
    'content-type': batchMediaType,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    post: async (events) => {
      try {
        const answer = await request(url, { method: 'POST', headers, body: JSON.stringify(events), dispatcher: agent });
        await answer.body.dump();
        return judged(answer.statusCode);
      } catch (error) {
        const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
        return { taken: false, fault: 'unreachable', reason, tooLarge: false };
      }
    },
    close: () => agent.destroy(),
  };
}

function judged(status: number): Posted {
  if (status >= 200 && status < 300) return { taken: true };
  const fault = status >= 400 && status < 500 ? 'refused' : 'failed';
  return { taken: false, fault, reason: `status ${status}`, tooLarge: status === 413 };
}
