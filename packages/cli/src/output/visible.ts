/** What a terminal obeys, line breaks and tabs but for carriage returns aside, and what has letters stand elsewhere than they are. */
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** A text of agents, models or their data for a terminal: what would steer it is shown instead. */
export function visible(text: string): string {
  return text.replace(steering, (sign) => {
    // A line that ends as those of Windows do is no attack, and one that would be written over is not.
    if (sign === "\r") return "";
    const code = sign.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}
