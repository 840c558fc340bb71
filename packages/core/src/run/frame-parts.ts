import type { AtomicError } from "../errors/atomic-error.ts";
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
  live?: Set<Frame>;
  /** Called once at the end. */
  onEnd?: () => void;
  /** When the attempt began, unless it is the stage's first. */
  attemptStartMs?: number;
  /** When the next attempt begins. */
  retryAtMs?: number;
  /** Waiting for the next attempt rather than for a stage. */
  backingOff?: boolean;
  /** A part failed, and its failure is part of the output. */
  isPartial?: boolean;
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
}
