import { AtomicError } from "@atomic-agents/core";
import type { ServeOptions } from "@atomic-agents/http";
import { UsageError } from "../usage-error.ts";

/** Why a service could not begin, as the options of the command have it. */
export function listenFailure(error: unknown, options: ServeOptions): unknown {
  if (!AtomicError.isInstance(error, "CONFIG")) return error;
  const { host = "127.0.0.1", port = 3_000 } = options;
  if (error.details.path === "host" && host !== "") {
    return new UsageError(`${host} would let other computers in, and there is no token to ask them for`, {
      where: "--host",
      expected: "127.0.0.1, ::1 or localhost, or a token",
      got: host,
      hint: "Set ATOMIC_TOKEN=$(openssl rand -hex 32), or give --token-file.",
      cause: error,
    });
  }
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return new UsageError(`Port ${port} of ${host} is taken`, {
        where: "--port",
        hint: "--port 0 takes one that is free.",
        cause: error,
      });
    case "EACCES":
      return new UsageError(`Port ${port} of ${host} may not be listened on`, {
        where: "--port",
        hint: "Take one from 1024 on; those below are for processes with special rights.",
        cause: error,
      });
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UsageError(`${host} is no address of this computer`, {
        where: "--host",
        expected: "an address of this computer, such as 127.0.0.1, or 0.0.0.0 for all it has",
        got: host,
        cause: error,
      });
    default:
      return error;
  }
}
