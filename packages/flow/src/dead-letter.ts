import type { AtomicError } from "@atomic-agents/core";
import type { Place } from "./place.ts";

/** A record that failed, with what is needed to look into it and to try it again. */
export interface DeadLetter extends Place {
  /** The record's number in its source, counted from 1. */
  readonly record: number;
  readonly source: string;
  /** Where it failed: the id of a stage, or the name of the source or sink. */
  readonly stage: string;
  readonly agent?: string | undefined;
  /** What that stage was given; for what cannot be read, the beginning of it as text. */
  readonly input: unknown;
  readonly error: AtomicError;
  /** How many calls of the agent were made. */
  readonly attempts: number;
}

/** The most letters that a summary shows. */
export const maxShownLetters = 10;
