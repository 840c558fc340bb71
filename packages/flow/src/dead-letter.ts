import type { AtomicError } from "@atomic-agents/core";
import type { Place } from "./place.ts";

/** A record that failed, with what is needed to look into it and to try it again. */
export interface DeadLetter extends Place {
  /** The record's number in its source, counted from 1. */
  readonly record: number;
  /**
   * All records that it stands for, from the first to the last of each stretch, where they are more than one: what was
   * split off a batch is of all of its records. `record` is one of them. Empty where only their number was kept, as of a
   * group of `aggregate`.
   */
  readonly records?: readonly RecordRange[] | undefined;
  /** Its number among the letters of its run, from 1: a line that was copied has the same. */
  readonly letter?: number | undefined;
  readonly source: string;
  /** Where it failed: the id of a stage, or the name of the source or sink. */
  readonly stage: string;
  readonly agent?: string | undefined;
  /** Where `input` goes in when it is tried again. */
  readonly entry: LetterEntry;
  /** What was given to what `entry` names; for what cannot be read, the beginning of it as text. */
  readonly input: unknown;
  /** Why `input` is not what was given, so that it cannot be tried again. */
  readonly inputProblem?: string | undefined;
  readonly error: AtomicError;
  /** How many calls of the agent were made, by the runs that it was re-driven from as well. */
  readonly attempts: number;
  /** When it failed, in milliseconds since 1970. */
  readonly timestamp: number;
  /** The flow's name, and the hash of its design. */
  readonly flow: string;
  readonly flowHash: string;
  readonly runId: string;
  /** The run in which it failed before, where this was one to try again. */
  readonly redriveOf?: string | undefined;
}

/** Numbers of records that follow one another: the first and the last. */
export type RecordRange = readonly [first: number, last: number];

/**
 * Where a letter's input goes in again: at the stage where it failed, but for members of a batch that failed later on, which go
 * in where batches are made. `tee` is the sink of that stage; `source` means that its schema checks the record anew.
 */
export interface LetterEntry {
  readonly kind: "source" | "stage" | "tee" | "sink";
  /** The id of the stage, or the name of the source or sink. */
  readonly id: string;
}

/** The most letters that a summary shows. */
export const maxShownLetters = 10;
