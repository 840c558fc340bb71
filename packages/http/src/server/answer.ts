/** A whole answer as data. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Names and values in turn; without what every answer has. */
  readonly headers?: readonly string[] | undefined;
  readonly body: string | Uint8Array;
}

export const jsonType = "application/json";

/** An answer of JSON. */
export function jsonAnswer(value: unknown, status = 200, headers?: readonly string[]): Answer {
  return { status, contentType: jsonType, headers, body: JSON.stringify(value) };
}
