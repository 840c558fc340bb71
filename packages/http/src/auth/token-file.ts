import { statSync } from "node:fs";
import type { Clock, Log } from "@atomic-agents/core";
import type { ServiceToken } from "./service-token.ts";

/** The file that tokens are from. */
export interface TokenFile {
  readonly path: string;
  /** What there was to see of it, from outside, before it was read. */
  readonly stamp: string;
  /** Reads it anew. @throws AtomicError `CONFIG` */
  readonly read: () => readonly ServiceToken[];
}

const file = Symbol("the file that tokens are from");

/** Notes at a list of tokens which file it is from. */
export function noteTokenFile(tokens: readonly ServiceToken[], from: TokenFile): readonly ServiceToken[] {
  return Object.defineProperty(tokens, file, { value: from });
}

/** The file that a list of tokens is from; undefined of any other list. */
export function tokenFileOf(tokens: readonly ServiceToken[]): TokenFile | undefined {
  return (tokens as { readonly [file]?: TokenFile })[file];
}

/** What a file looks like from outside: another text each time that it is written, or another one takes its place. */
export function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "cannot be seen";
  }
}

/** How often a file is looked at. Links that are changed, as those of mounted secrets are, raise no events. */
const everyMs = 2_000;

/**
 * Has tokens taken that are written to their file later. A file that cannot be read, or holds no tokens that a service
 * takes, changes nothing but for a line in the log. Gives what ends it.
 *
 * @param take may throw as `read` does
 */
export function watchTokenFile(
  { path, stamp, read }: TokenFile,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  take: (tokens: readonly ServiceToken[]) => void,
): () => void {
  let taken = stamp;
  let seen = stamp;
  const takeAnew = (): void => {
    let error: unknown;
    let count = 0;
    try {
      const tokens = read();
      take(tokens);
      count = tokens.length;
    } catch (thrown) {
      error = thrown;
    }
    try {
      if (error === undefined) log.info("tokens were read anew", { path, count });
      else log.error("a file of tokens cannot be used: those from before stay good", { path, error });
    } catch {
      // A log that fails leaves nobody to tell, and is no reason to end the process.
    }
  };
  const look = (): void => {
    const now = stampOf(path);
    // Seen twice, so that nobody is just writing it.
    if (now !== taken && now === seen) {
      taken = now;
      takeAnew();
    }
    seen = now;
    timer = clock.setTimer(look, everyMs);
  };
  let timer = clock.setTimer(look, everyMs);
  return () => timer.cancel();
}
