import type { AtomicError } from "../errors/atomic-error.ts";
import type { Context } from "../context.ts";
import type { Frame } from "./frame.ts";
import type { Scope } from "./scope.ts";

/** What frames seldom need, kept apart so that making one costs little. */
export interface RareState {
  /** Attempts of stages that took more than one. */
  attempts?: number[];
  /** Errors of stages that passed their input on. */
  passed?: (AtomicError | undefined)[];
  /** Frames of composed stages, for the report. */
  children?: Frame[];
  /** Frames that wait for something, to be stopped with this one. */
  firstLive?: Frame | undefined;
  lastLive?: Frame | undefined;
  /** Called once at the end. */
  onEnd?: () => void;
  /** When the attempt began, unless it is the stage's first. */
  attemptStartMs?: number;
  /** When the next attempt begins. */
  retryAtMs?: number;
  /** Waiting for the next attempt rather than for a stage. */
  backingOff?: boolean;
  /** The first stage in which a part failed whose failure is part of the output. */
  partialAt?: number | undefined;
  /** What to undo should the frame fail, in the order in which it was done. */
  undos?: UndoEntry[];
  /** How many of them there were when the current stage began. */
  undoMark?: number;
  /** Resolves when everything that is being undone is. */
  undoing?: Promise<void> | undefined;
  /** A failed attempt is being undone, before it is decided what comes next. */
  isUndoing?: boolean;
  /** Stages that were undone, or why they could not be. */
  undone?: (true | AtomicError | undefined)[];
  /** The run's record is being saved, before the outcome is told. */
  isSaving?: boolean;
  /** When the outcome was told, where that came after the last stage's end. */
  toldMs?: number;
  /** What stages spent, with all that ran inside them. */
  spent?: { calls: number; tokens: number; money: number }[];
  /** The sizes of the stages' values, where they are measured. */
  inputBytes?: (number | undefined)[];
  outputBytes?: (number | undefined)[];
}

/** Something that was done and can be undone. */
export interface UndoEntry {
  readonly undo: (output: unknown, input: unknown, ctx: Context) => unknown;
  readonly output: unknown;
  readonly input: unknown;
  /** Where it was done. */
  readonly frame: Frame;
  readonly index: number;
  readonly agent: string;
}

/** How deep agents may run in agents: far more than anybody composes, and what the stack takes with ease. */
export const maxDepth = 500;

/** The most frames that a frame keeps for the report; an agent's own code may start any number. */
export const maxChildren = 1_000;

/** What a frame within another one knows of its place. */
export interface FramePlace {
  /** The context of the attempt that asked for this frame. */
  readonly asked: Scope;
  readonly parent: Frame;
  /** At which stage of the parent it runs. */
  readonly index: number;
  /** Stands for the step's id in stage paths, where many frames run the same program. */
  readonly label: string | undefined;
  readonly outermost: Frame;
  /** How many frames there are around it. */
  readonly depth: number;
  /** Whether events and report show it. */
  readonly isShown: boolean;
  /** Whether it undoes something: it outlives what it belongs to. */
  readonly isUndo: boolean;
  /** Whether somebody's code has run it with a context: its output is not the output of what is around it. */
  readonly isCall: boolean;
  /** Whether its times are kept, though nobody looks on. */
  readonly isTimed: boolean;
}
