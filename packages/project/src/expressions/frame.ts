import { limits } from "./limits.ts";

/** What one evaluation has left, and the elements at which its macros stand. */
export class Frame {
  /** Operations that are left. */
  work: number = limits.work;
  /** The variable of this name, once it has been let in. */
  record: unknown = undefined;
  /** The element of the outer macro, and of the one inside of it. */
  outer: unknown = undefined;
  inner: unknown = undefined;
}
