import type { ResolvedClientOptions } from "./client-options.ts";
import { Transport } from "./transport.ts";

/** The connections to an origin, and how many use them. */
interface Shared {
  readonly transport: Transport;
  users: number;
}

const sharedByKey = new Map<string, Shared>();

/** A share in the connections to an origin. */
export interface TransportShare {
  readonly transport: Transport;
  /** Gives it back; the connections are closed with the last one, when the calls in flight have ended. */
  readonly close: () => Promise<void>;
}

/** Connections to an origin: the same ones for all who call it in the same way. */
export function shareTransport(
  origin: string,
  { transport: options }: ResolvedClientOptions,
): TransportShare {
  const key = JSON.stringify([origin, options]);
  const shared = sharedByKey.get(key) ?? { transport: new Transport(origin, options), users: 0 };
  sharedByKey.set(key, shared);
  shared.users++;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    shared.users--;
    if (shared.users > 0) return;
    sharedByKey.delete(key);
    await shared.transport.close();
  };
  return {
    transport: shared.transport,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
