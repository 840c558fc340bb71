import type { AnySchema, Validated, VendorIssue } from "../schema.ts";
import { validatorOf } from "../validator.ts";
import type { Eventually } from "./compose.ts";

/** An issue of a member, seen from the schema around it. */
export interface NestedIssue extends VendorIssue {
  /** The issue as the member's vendor gave it, with what else it says. */
  readonly vendorIssue: VendorIssue;
}

/** An issue of a composed schema itself. `expected` is what `describeIssues` shows. */
export function issue(
  message: string,
  expected: string,
  path: readonly PropertyKey[] = [],
): VendorIssue & { readonly expected: string } {
  return { message, expected, path };
}

/** One value to be validated by one schema. */
export interface Task {
  readonly schema: AnySchema;
  readonly value: unknown;
  /** Where the value is, seen from the composed schema; without one, it is the whole value. */
  readonly key?: PropertyKey;
}

function isPromise<T>(value: Eventually<T>): value is Promise<T> {
  // What can be asked for `then` is asked; vendors hand out thenables of any make.
  return typeof (value as { readonly then?: unknown }).then === "function";
}

/** Puts a key before the path of each issue, keeping the issue itself for `describeIssues`. */
export function nestIssues(
  issues: readonly VendorIssue[],
  key: PropertyKey | undefined,
): readonly NestedIssue[] {
  return issues.map((inner) => {
    // An issue nested before names the first vendor's.
    const vendorIssue = (inner as Partial<NestedIssue>).vendorIssue ?? inner;
    const path = key === undefined ? (inner.path ?? []) : [key, ...(inner.path ?? [])];
    return { message: inner.message, path, vendorIssue };
  });
}

/** Goes on with an answer, at once where it is there already. */
export function andThen<T, U>(answer: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return isPromise(answer) ? Promise.resolve(answer).then(next) : next(answer);
}

/**
 * Runs every task and gives `finish` their values in order, or answers with all issues. Synchronous where every member
 * is; those that are not run at the same time.
 */
export function validateAll<T>(
  tasks: readonly Task[],
  finish: (values: readonly unknown[]) => Validated<T>,
): Eventually<Validated<T>> {
  const results: Validated<unknown>[] = [];
  const pending: Promise<void>[] = [];
  try {
    tasks.forEach(({ schema, value }, index) => {
      const answer = validatorOf(schema).validate(value);
      if (!isPromise(answer)) results[index] = answer;
      else {
        pending.push(
          Promise.resolve(answer).then((result) => {
            results[index] = result;
          }),
        );
      }
    });
  } catch (error) {
    // A member that throws ends it; what the others may still reject with has nobody to hear it.
    void Promise.allSettled(pending);
    throw error;
  }

  const settle = (): Validated<T> => {
    const issues = results.flatMap((result, index) =>
      result.issues ? nestIssues(result.issues, tasks[index]?.key) : [],
    );
    if (issues.length > 0) return { issues };
    return finish(results.flatMap((result) => (result.issues ? [] : [result.value])));
  };
  return pending.length > 0 ? Promise.all(pending).then(settle) : settle();
}
