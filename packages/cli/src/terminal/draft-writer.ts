import { draftText } from "../output/draft-text.ts";
import { visible } from "../output/visible.ts";
import type { StatusLine } from "./status-line.ts";

/** Shows an answer on a terminal while it comes. */
export interface DraftWriter {
  readonly show: (draft: unknown) => void;
  /**
   * Ends it. Of an answer that is a text gives what is still to be written: all of it where the drafts were of another
   * answer, and nothing where it stands there.
   */
  readonly end: (answer?: string) => string | undefined;
}

/** A text is written as it comes, anything else shown in the line that changes. */
export function draftWriter(
  status: StatusLine,
  isStreamed: boolean,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): DraftWriter {
  let written = "";
  return {
    show: (draft) => {
      if (typeof draft !== "string") {
        status.show(draftText(draft));
      } else if (isStreamed) {
        if (!draft.startsWith(written)) {
          // The answer was begun anew.
          write("\n");
          written = "";
        }
        if (written === "") status.clear();
        write(visible(draft.slice(written.length)));
        written = draft;
      }
    },
    end: (answer) => {
      status.clear();
      if (written === "") return answer;
      const isWhole = answer !== undefined && written.trim() === answer.trim();
      const isBegun = answer?.startsWith(written) === true;
      if (isBegun && !isWhole) return answer?.slice(written.length);
      write("\n");
      return isWhole ? undefined : answer;
    },
  };
}
