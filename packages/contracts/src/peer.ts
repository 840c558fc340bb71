import { ContractError } from "./errors.ts";

/** An optional package that a subpath stands on. */
export interface Peer {
  /** What is loaded: `ajv/dist/2020.js`. */
  readonly specifier: string;
  /** What is installed: `ajv`. */
  readonly packageName: string;
  /** What needs it: `fromJsonSchema`. */
  readonly neededBy: string;
}

function isMissing(error: unknown, specifier: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND") &&
    // Not a package that the peer itself lacks: that is another matter.
    error.message.includes(`'${specifier}'`)
  );
}

/**
 * Loads a peer if it is installed, `undefined` where it is not. Synchronous, and when it is called rather than when the
 * module is imported, so that who does not use it does not pay for it.
 */
export function findPeer({ specifier }: Pick<Peer, "specifier">): unknown {
  try {
    // Not imported: it would be loaded with all that imports this package, and hardly any needs a peer.
    return process.getBuiltinModule("node:module").createRequire(import.meta.url)(specifier);
  } catch (error) {
    if (isMissing(error, specifier)) return undefined;
    throw error;
  }
}

/** As `findPeer`, but where it is not installed throws `ContractError` `MISSING_PEER` with the command that helps. */
export function loadPeer(peer: Peer): unknown {
  const loaded = findPeer(peer);
  if (loaded !== undefined) return loaded;
  throw new ContractError({
    code: "MISSING_PEER",
    message: `${peer.neededBy} needs the package ${peer.packageName}, which is not installed.`,
    hint: `npm install ${peer.packageName}`,
  });
}
