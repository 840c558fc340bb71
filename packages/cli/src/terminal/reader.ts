/** Whoever reads standard output, such as `head`. */
export interface Reader {
  /**
   * Has a function called, in place of the end of the process, when nothing more can be written for the reader: what is at
   * work is to be ended in order. Returns what takes that back.
   */
  readonly whenGone: (act: (error: Error) => void) => () => void;
  /** Whether the reader has gone by itself, which is no failure. */
  readonly isGone: () => boolean;
}

/** What is done when there is nothing to be ended first. */
export interface ReaderActions {
  readonly onGone: () => void;
  readonly onFailure: (error: Error) => void;
}

/** Watches standard output: a reader that has seen enough closes the pipe, and then nothing is wrong. */
export function watchReader(
  stdout: { readonly on: (name: "error", listener: (error: NodeJS.ErrnoException) => void) => unknown },
  { onGone, onFailure }: ReaderActions,
): Reader {
  let act: ((error: Error) => void) | undefined;
  let hasGone = false;
  stdout.on("error", (error) => {
    if (error.code === "EPIPE") hasGone = true;
    if (act !== undefined) act(error);
    else if (hasGone) onGone();
    else onFailure(error);
  });
  return {
    whenGone: (other) => {
      act = other;
      return () => {
        act = undefined;
      };
    },
    isGone: () => hasGone,
  };
}
