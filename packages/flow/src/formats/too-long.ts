/** What is said of a record with more bytes than it may have, and how it could have them. */
export function tooLongText(maxRecordBytes: number): string {
  return `longer than ${maxRecordBytes} bytes (maxRecordBytes)`;
}
