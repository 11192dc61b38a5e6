import { equal } from "node:assert/strict";
import { isAllowedHost } from "./guard.ts";

for (
  const [host, isAllowed] of [
    ["localhost", true],
    ["localhost:8000", true],
    ["LOCALHOST:8000", true],
    ["app.localhost", true],
    ["127.0.0.1:8000", true],
    ["192.168.1.7:8000", true],
    ["[::1]:8000", true],
    ["box", true],
    ["BOX.:8000", true],
    ["evil.example", false],
    ["localhost.evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["127.0.0.1:8000@evil.example", false],
    ["notlocalhost", false],
    ["", false],
  ] as const
) {
  Deno.test(`isAllowedHost() says ${isAllowed ? "yes" : "no"} to "${host}"`, () => {
    equal(isAllowedHost(host, ["box"]), isAllowed);
  });
}
