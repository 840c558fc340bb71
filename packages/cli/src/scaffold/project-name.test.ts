import { expect, it } from "vitest";
import { projectName } from "./project-name.ts";

it.each([
  ["/home/ann/tickets", "tickets"],
  ["/home/ann/Tickets of 2024", "tickets-of-2024"],
  ["/home/ann/données été", "donnees-ete"],
  ["/home/ann/_private.data_", "private-data"],
  ["/home/ann/@scope", "scope"],
  ["/home/ann/..weird..", "weird"],
  ["/home/ann/проект", "my-project"],
  ["/home/ann/项目 2", "my-project-2"],
  ["/", "my-project"],
  ["/home/ann/2024", "my-project-2024"],
  ["/home/ann/1e3", "my-project-1e3"],
  ["/home/ann/3d", "3d"],
  ["/home/ann/null", "null-project"],
  ["/home/ann/node_modules", "node-modules-project"],
  ["/home/ann/zod", "zod-project"],
])("%s is %s", (folder, name) => {
  expect(projectName(folder, ["zod"])).toBe(name);
});

it("is not too long, and does not end in the middle of a gap", () => {
  expect(projectName(`/${"a".repeat(59)} b`)).toBe("a".repeat(59));
  expect(projectName(`/${"a".repeat(300)}`)).toHaveLength(60);
});
