import { AtomicError } from "@atomic-agents/core";
import { checkKeys, configError } from "../config-error.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { showPlace } from "../place.ts";
import { Refusal } from "../source.ts";
import { fromDeadLetters } from "./from-dead-letters.ts";
import { readSource } from "./read-source.ts";

/** A line of a file of dead letters that holds none. */
export interface DamagedLetter {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** In UTF-16 units, counted from 1; where something is wrong, where that is known. */
  readonly column?: number | undefined;
  readonly message: string;
  /** The beginning of the line. */
  readonly raw?: string | undefined;
}

/** How dead letters are read. */
export interface ReadDeadLettersOptions {
  /** Told of each line that holds no letter; without it the first such line ends the reading with an error. */
  readonly onDamaged?: ((damaged: DamagedLetter) => void) | undefined;
}

/**
 * Reads the letters of a file that `toDeadLetters` has written, one after the other, as they are asked for. The file is
 * closed when all are read or no more are wanted.
 *
 * @throws AtomicError `CONFIG` for wrong options; while reading `VALIDATION_INPUT` for a damaged line, with file, line and
 * column, unless `onDamaged` is given
 */
export function readDeadLetters(
  path: string,
  options: ReadDeadLettersOptions = {},
): AsyncIterableIterator<DeadLetter> {
  checkKeys("readDeadLetters", options, ["onDamaged"]);
  const { onDamaged } = options;
  if (onDamaged !== undefined && typeof onDamaged !== "function") {
    throw configError("readDeadLetters", "onDamaged", "a function", onDamaged);
  }
  const source = fromDeadLetters(path);
  return lettersOf();

  async function* lettersOf(): AsyncGenerator<DeadLetter> {
    for await (const { value, file = path, line } of readSource(source)) {
      if (!(value instanceof Refusal)) {
        // The source gives letters and refusals.
        yield value as DeadLetter;
        continue;
      }
      const { column } = value.place;
      const damaged = { file, line, column, message: value.message, raw: value.raw };
      if (onDamaged === undefined) throw damagedError(damaged);
      onDamaged(damaged);
    }
  }
}

/** Says where a file of letters is damaged. */
export function damagedError(damaged: DamagedLetter): AtomicError<"VALIDATION_INPUT"> {
  const { message } = damaged;
  return new AtomicError("VALIDATION_INPUT", `${showPlace(damaged)}: ${message}`, {
    details: { issues: [{ path: "", message, expected: "a dead letter", got: "something else" }] },
    hint: "Is it a file of dead letters? A line that was damaged can be deleted, and its record run again from the source.",
  });
}
