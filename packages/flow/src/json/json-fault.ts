/**
 * Where a text stops being JSON (RFC 8259): the index of the first character that cannot stand there, or the text's length
 * when it ends too early. Engines do not always tell, and never the same way. Undefined for what is JSON.
 */
export function jsonFault(text: string): number | undefined {
  const scan = new Scan(text);
  return scan.run();
}

const literals = ["true", "false", "null"];
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\r\n]*/y;

/** No recursion: a text may nest deeper than the stack. */
class Scan {
  private readonly text: string;
  private at = 0;
  /** What closes the arrays and objects around the place. */
  private readonly closers: string[] = [];

  constructor(text: string) {
    this.text = text;
  }

  run(): number | undefined {
    for (;;) {
      // A value is expected.
      this.skipSpace();
      const { text } = this;
      const char = text[this.at];
      if (char === "{" || char === "[") {
        this.at++;
        this.closers.push(char === "{" ? "}" : "]");
        this.skipSpace();
        if (text[this.at] !== this.closers.at(-1)) {
          if (char === "{" && !this.takeKey()) return this.at;
          continue;
        }
      } else if (!this.takeScalar()) return this.at;
      // A value, or the inside of something empty, is over.
      if (!this.takeEnds()) return this.at;
      if (this.closers.length === 0) return this.at < text.length ? this.at : undefined;
    }
  }

  /** Closes what ends here; true before another value, or at the end of the outermost. */
  private takeEnds(): boolean {
    for (;;) {
      this.skipSpace();
      const closer = this.closers.at(-1);
      if (closer === undefined) return true;
      const char = this.text[this.at];
      if (char === closer) {
        this.at++;
        this.closers.pop();
        continue;
      }
      if (char !== ",") return false;
      this.at++;
      this.skipSpace();
      return closer === "}" ? this.takeKey() : true;
    }
  }

  private takeKey(): boolean {
    if (!this.takeString()) return false;
    this.skipSpace();
    if (this.text[this.at] !== ":") return false;
    this.at++;
    return true;
  }

  private takeScalar(): boolean {
    const { text } = this;
    if (text[this.at] === '"') return this.takeString();
    const literal = literals.find((candidate) => text.startsWith(candidate, this.at));
    if (literal !== undefined) {
      this.at += literal.length;
      return true;
    }
    numberPattern.lastIndex = this.at;
    const number = numberPattern.exec(text);
    if (number === null) return false;
    this.at += number[0].length;
    return true;
  }

  private takeString(): boolean {
    const { text } = this;
    if (text[this.at] !== '"') return false;
    this.at++;
    for (;;) {
      const char = text[this.at];
      if (char === undefined || char < " ") return false;
      this.at++;
      if (char === '"') return true;
      if (char !== "\\") continue;
      const escaped = text[this.at];
      if (escaped === "u") {
        if (!/^[\da-fA-F]{4}/.test(text.slice(this.at + 1, this.at + 5))) return false;
        this.at += 5;
      } else if (escaped !== undefined && '"\\/bfnrt'.includes(escaped)) this.at++;
      else return false;
    }
  }

  private skipSpace(): void {
    space.lastIndex = this.at;
    space.exec(this.text);
    this.at = space.lastIndex;
  }
}
