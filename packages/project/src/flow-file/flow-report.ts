import { AtomicError } from "@atomic-agents/core";
import type { ExpressionError, ExpressionWarning } from "../expressions/expression-error.ts";
import { problemFrom } from "../files/problem-from.ts";
import type { Problem, ProblemCode } from "../files/problem.ts";
import { problemAt, type ProblemParts, type TextDocument } from "../files/text-document.ts";
import { nodeAt } from "../files/text-node.ts";
import { hintForComma } from "../schemas/type-hint.ts";
import type { FitProblem } from "./judge-fit.ts";

/** The way to a value in a document. */
export type DocumentPath = readonly (string | number)[];

type Said = Omit<ProblemParts, "severity">;

/** The options that were given in the place of what the file says, by its keys. */
export type GivenOptions = { readonly [TKey in string]?: Problem["option"] };

/** Gathers what is wrong with a flow file, each with its place. */
export class FlowReport {
  readonly document: TextDocument;
  private readonly doubtSeverity: Problem["severity"];
  private readonly given: GivenOptions;
  private readonly list: Problem[] = [];
  private readonly isStrict: boolean;
  private isSilenceTold = false;

  /**
   * @param isStrict whether what cannot be proved is an error
   * @param given which of the keys that say where records come from and go to do not count
   */
  constructor(document: TextDocument, isStrict: boolean, given: GivenOptions = {}) {
    this.document = document;
    this.given = given;
    this.isStrict = isStrict;
    this.doubtSeverity = isStrict ? "error" : "warning";
  }

  get problems(): readonly Problem[] {
    return this.list;
  }

  error(path: DocumentPath, said: Said): void {
    const problem = problemAt(this.document, path, said);
    const option = this.optionAt(path);
    this.list.push(option === undefined ? problem : { ...problem, option });
  }

  /** The option that was given in the place of what stands at a path. */
  optionAt(path: DocumentPath): Problem["option"] {
    return path.length === 1 ? this.given[String(path[0])] : undefined;
  }

  /** What is wrong in another file that this one names. */
  errorIn(document: TextDocument, path: DocumentPath, said: Said): void {
    this.list.push(problemAt(document, path, said));
  }

  /** What is no mistake in itself, also where all is to be proved. */
  warnIn(document: TextDocument, path: DocumentPath, said: Said): void {
    this.list.push(problemAt(document, path, { ...said, severity: "warning" }));
  }

  /** What may be meant, or cannot be told before records come: an error only where all is to be proved. */
  doubt(path: DocumentPath, said: Said): void {
    this.list.push(problemAt(this.document, path, { ...said, severity: this.doubtSeverity }));
  }

  /** Problems that have their places. */
  addAll(problems: readonly Problem[]): void {
    this.list.push(...problems);
  }

  /** What something threw that is named at the path. @throws the error itself when it says that nobody waits any more */
  thrown(path: DocumentPath, error: unknown, code?: ProblemCode): void {
    if (AtomicError.isInstance(error, "CANCELLED")) throw error;
    this.list.push(problemFrom(error, { document: this.document, path, code }));
  }

  /** As `thrown`, of what is no mistake in itself. */
  warned(path: DocumentPath, error: unknown, code: ProblemCode): void {
    const problem = problemFrom(error, { document: this.document, path, code });
    this.list.push({ ...problem, severity: "warning" });
  }

  /** @param placeOf the place of a part of the value that does not fit */
  fit(problem: FitProblem, placeOf: (part: string) => DocumentPath): void {
    const { weight, message, hint, path } = problem;
    if (weight === "silence") {
      // Once says it all: where nothing is known of the first records, little is of those that follow.
      if (!this.isStrict || this.isSilenceTold) return;
      this.isSilenceTold = true;
    }
    const said = { code: "fit", message, hint } as const;
    if (weight === "doubt") this.doubt(placeOf(path), said);
    else this.error(placeOf(path), said);
  }

  /** What is wrong with expressions. @param path of the text, or of the template in which they stand */
  expression(path: DocumentPath, error: ExpressionError): void {
    for (const each of [error, ...error.more]) this.within(path, each, "error");
  }

  /** What may go wrong with expressions. */
  warnings(path: DocumentPath, warnings: readonly ExpressionWarning[]): void {
    for (const warning of warnings) this.within(path, warning, this.doubtSeverity);
  }

  private within(path: DocumentPath, found: ExpressionWarning, severity: Problem["severity"]): void {
    const { document } = this;
    const at = [...path, ...found.path];
    const place = document.positionWithin(at, found.offset);
    const { message } = found;
    const isCut = /expression ends|no closing quote/.test(message) && isFollowedByComma(document, at);
    const hint = found.hint ?? (isCut ? hintForComma : undefined);
    this.list.push({
      severity,
      code: "expression",
      message,
      file: document.file,
      ...place,
      hint: asSentence(hint),
    });
  }
}

/** Whether a text without quotes stands before a comma, in braces or brackets of YAML. */
function isFollowedByComma(document: TextDocument, path: DocumentPath): boolean {
  const { format, "~node": root, "~text": text } = document;
  const node = nodeAt(root, path);
  if (format !== "yaml" || node === undefined || /["']/.test(text.charAt(node.start))) return false;
  return text.charAt(node.end) === ",";
}

/** The hint of an expression, which elsewhere goes on after a colon. */
export function asSentence(hint: string | undefined): string | undefined {
  if (hint === undefined || hint === "") return undefined;
  const begun = hint.charAt(0).toUpperCase() + hint.slice(1);
  return /[.?!]$/.test(begun) ? begun : `${begun}.`;
}
