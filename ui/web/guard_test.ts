import { equal } from "node:assert/strict";
import { isAllowedHost, isTrustworthy } from "./guard.ts";

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

for (
  const [url, forwarded, isSafe] of [
    ["http://127.0.0.1:8000/", undefined, true],
    ["http://localhost:8000/", undefined, true],
    ["http://[::1]:8000/", undefined, true],
    ["http://192.168.1.7:8000/", undefined, false],
    ["http://box/", undefined, false],
    ["http://box/", "https", true],
    ["https://box/", undefined, true],
    ["http://localhost.evil.example/", undefined, false],
  ] as const
) {
  Deno.test(`isTrustworthy() says ${isSafe} to ${url}${forwarded ? " behind TLS" : ""}`, () => {
    equal(isTrustworthy(url, forwarded), isSafe);
  });
}
