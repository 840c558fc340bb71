import { expect, test } from "vitest";
import { draftWriter } from "./draft-writer.ts";

function writer(isStreamed = true) {
  let written = "";
  const shown: unknown[] = [];
  const status = {
    live: true,
    clear: () => shown.push(undefined),
    show: (text: unknown) => shown.push(text),
    writeLine: () => {},
  };
  const drafts = draftWriter(status, isStreamed, (text) => (written += text));
  return { drafts, shown, written: () => written };
}

test("a text is written as it comes, and not again at its end", () => {
  const { drafts, written } = writer();
  for (const draft of ["He", "He", "Hello", "Hello "]) drafts.show(draft);
  expect([written(), drafts.end("Hello"), written()]).toEqual(["Hello ", undefined, "Hello \n"]);
});

test("what no draft had is written at the end", () => {
  const { drafts, written } = writer();
  drafts.show("He");
  expect([drafts.end("Hello"), written()]).toEqual(["llo", "He"]);
  expect(writer().drafts.end("Hello")).toBe("Hello");
});

test("an answer that is begun anew stands on a line of its own", () => {
  const { drafts, written } = writer();
  for (const draft of ["He", "Good"]) drafts.show(draft);
  expect([drafts.end("Bye"), written()]).toEqual(["Bye", "He\nGood\n"]);
});

test("an answer does not steer the terminal that shows it", () => {
  const { drafts, written } = writer();
  drafts.show("He\u001b");
  drafts.show("He\u001b[2J");
  expect([drafts.end("He\u001b[2J"), written()]).toEqual([undefined, "He\\x1b[2J\n"]);
});

test("an answer that failed ends its line", () => {
  const { drafts, written } = writer();
  drafts.show("He");
  expect([drafts.end(), written()]).toEqual([undefined, "He\n"]);
});

test("anything but a text is shown in the line that changes; where no terminal is, nothing is", () => {
  const { drafts, shown, written } = writer();
  drafts.show({ a: 1 });
  expect([shown, written()]).toEqual([['{"a":1}'], ""]);
  const quiet = writer(false);
  quiet.drafts.show("He");
  expect([quiet.written(), quiet.drafts.end("Hello")]).toEqual(["", "Hello"]);
});

test("a draft that no file could take is shown all the same", () => {
  const { drafts, shown } = writer();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const draft of [circle, { count: 1n }, { text: "a" }]) drafts.show(draft);
  expect(shown).toEqual(["<ref *1> { self: [Circular *1] }", "{ count: 1n }", '{"text":"a"}']);
});
