/** The SHA-256 of a text in UTF-8, as 64 hexadecimal digits. The module is loaded by who needs it. */
export function sha256(text: string): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(text, "utf8").digest("hex");
}
