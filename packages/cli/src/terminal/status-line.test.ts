import { expect, it } from "vitest";
import { createStatusLine } from "./status-line.ts";

/** A terminal that is told what to show; what it was sent is seen with ESC as `^`. */
function terminal(columns: number) {
  const sent: string[] = [];
  const stream = {
    isTTY: true,
    columns,
    write: (text: string) => {
      sent.push(text.replaceAll("\u001b", "^"));
      return true;
    },
  };
  return { stream, take: () => sent.splice(0).join("") };
}

const env = { TERM: "xterm-256color", LANG: "C.UTF-8" };

it("redraws one line, and nothing that is there already", () => {
  const { stream, take } = terminal(40);
  const status = createStatusLine(stream, true, env);
  status.show("one");
  expect(take()).toBe("one");
  status.show("one");
  expect(take()).toBe("");
  status.show((width) => `${width} columns`);
  expect(take()).toBe("\r^[J39 columns");
  status.clear();
  status.clear();
  expect(take()).toBe("\r^[J");
});

it("keeps the lines above it, and stays below them", () => {
  const { stream, take } = terminal(40);
  const status = createStatusLine(stream, true, env);
  status.writeLine("before");
  status.show("now");
  status.writeLine("after");
  expect(take()).toBe("before\nnow\r^[Jafter\nnow");
});

it("cuts what is too wide, and counts no colours", () => {
  const { stream, take } = terminal(11);
  const status = createStatusLine(stream, true, env);
  status.show("\u001b[31m0123456789\u001b[39m");
  expect(take()).toBe("^[31m0123456789^[39m");
  status.show("\u001b[31m0123456789A\u001b[39m");
  expect(take()).toBe("\r^[J012345678…");
  const ascii = createStatusLine(stream, true, { TERM: "xterm", LANG: "C" });
  ascii.show("0123456789A");
  expect(take()).toBe("0123456...");
});

it("erases what the terminal wrapped when it became narrower, where it does", () => {
  for (const [more, erased] of [
    [{}, "\r^[2A^[J"],
    [{ TERM: "screen", TMUX: "/tmp/tmux,1,0" }, "\r^[2A^[J"],
    // These leave the rest of the line where it is, so the line above is another.
    [{ XTERM_VERSION: "XTerm(390)" }, "\r^[J"],
    [{ TERM: "linux" }, "\r^[J"],
  ] as const) {
    const { stream, take } = terminal(40);
    const status = createStatusLine(stream, true, { ...env, ...more });
    status.show("0123456789012345678901234567890");
    stream.columns = 12;
    take();
    status.show("short");
    expect(take()).toBe(`${erased}short`);
  }
});

it("shows nothing that changes where it could not be erased", () => {
  for (const [isTTY, enabled, term] of [
    [false, true, "xterm"],
    [true, false, "xterm"],
    [true, true, "dumb"],
  ] as const) {
    const { stream, take } = terminal(40);
    const status = createStatusLine({ ...stream, isTTY }, enabled, { ...env, TERM: term });
    expect(status.live).toBe(false);
    status.show("now");
    status.writeLine("line");
    status.clear();
    expect(take()).toBe("line\n");
  }
});
