import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolders, serverFlags } from "./server_permissions.ts";

const SOURCE = fileURLToPath(new URL("../../", import.meta.url));
const SETTINGS = { deploymentsTarget: null };

const flagsOf = (options: Parameters<typeof serverFlags>[0]["options"]) =>
  serverFlags({ options, settings: SETTINGS, storeFolder: "/data/store", packages: ["/packages"] });

Deno.test("serverFlags() names one store, one address, and the folder of packages", () => {
  deepEqual(flagsOf({ port: 9000 }), [
    `--allow-read=/data/store,${join(SOURCE, "runtime")},${join(SOURCE, "pipeline")}`,
    "--allow-write=/data/store",
    "--allow-net=127.0.0.1:9000",
    "--allow-ffi=/packages",
  ]);
});

Deno.test("serverFlags() lets a remote database and an artifact root be reached", () => {
  const [read, write, net] = flagsOf({
    host: "::1",
    storeUrl: "libsql://db.example",
    artifactRoot: "file:///srv/files",
  });

  equal(
    read,
    `--allow-read=/data/store,/srv/files,${join(SOURCE, "runtime")},${join(SOURCE, "pipeline")}`,
  );
  equal(write, "--allow-write=/data/store,/srv/files");
  equal(net, "--allow-net=[::1]:8000,db.example:443");
});

Deno.test("serverFlags() takes the folder around one whose name has a comma", () => {
  const [, write] = serverFlags({
    options: {},
    settings: SETTINGS,
    storeFolder: "/data/a,b/store",
    packages: [],
  });

  equal(write, "--allow-write=/data");
});

/** What a server that was taken over might try, and whether it may. */
const ATTEMPTS: readonly (readonly [title: string, code: string, isAllowed: boolean])[] = [
  ["write into the store", `await Deno.writeTextFile(store + "/file", "1")`, true],
  ["read from the store", `await Deno.readTextFile(store + "/file")`, true],
  ["listen at its address", `Deno.listen({ hostname: "127.0.0.1", port: 0 }).close()`, true],
  ["ask for its settings", `Deno.env.get("HANOK_STORE")`, true],
  ["write beside the store", `await Deno.writeTextFile(store + "/../file", "1")`, false],
  ["make a way out of the store", `await Deno.symlink("/etc/passwd", store + "/link")`, false],
  ["read the project's settings", `await Deno.readTextFile(source + "/deno.json")`, false],
  ["read files of the system", `await Deno.readTextFile("/etc/passwd")`, false],
  ["read the person's files", `await Deno.readTextFile(store + "/../secret")`, false],
  ["change the source", `await Deno.writeTextFile(source + "/runtime/evil.ts", "")`, false],
  ["reach another address", `await Deno.connect({ hostname: "192.0.2.1", port: 80 })`, false],
  ["start deno", `await new Deno.Command("deno", { args: ["--version"] }).output()`, false],
  ["start a shell", `await new Deno.Command("sh", { args: ["-c", "true"] }).output()`, false],
  ["load native code from the store", `Deno.dlopen(store + "/evil.so", {})`, false],
  ["load native code of the system", `Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {})`, false],
  ["read other settings", `Deno.env.get("PATH")`, false],
];

Deno.test("the server may use its store and its address, and nothing else", async (test) => {
  const around = await Deno.makeTempDir({ prefix: "hanok permissions 한옥 " });
  const store = join(around, "store");
  await Deno.mkdir(store);
  await Deno.writeTextFile(join(around, "secret"), "secret");
  const flags = serverFlags({
    options: { port: 0 },
    settings: SETTINGS,
    storeFolder: store,
    packages: await packageFolders(SOURCE),
  });
  const results = await attempts(flags, store);

  for (const [title, , isAllowed] of ATTEMPTS) {
    await test.step(`it may ${isAllowed ? "" : "not "}${title}`, () => {
      if (isAllowed) equal(results[title], "done");
      else ok(results[title] === "NotCapable", `${title}: ${results[title]}`);
    });
  }
  await Deno.remove(around, { recursive: true });
});

/** Runs all attempts in one process with the permissions of a server. */
async function attempts(
  flags: readonly string[],
  store: string,
): Promise<Record<string, string>> {
  const lines = ATTEMPTS.map(([title, code]) =>
    `try { ${code}; results[${JSON.stringify(title)}] = "done"; }
     catch (error) { results[${JSON.stringify(title)}] = error.name; }`
  );
  const script = join(store, "attempts.ts");
  await Deno.writeTextFile(
    script,
    `const [store, source] = ${JSON.stringify([store, SOURCE])};
     const results = {};
     ${lines.join("\n")}
     console.log(JSON.stringify(results));`,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-check", "--no-prompt", "--config", join(SOURCE, "deno.json")]
      .concat("-P=server", ...flags, script),
    env: { HANOK_STORE: store },
  }).output();
  const text = new TextDecoder().decode(stdout);
  ok(text.startsWith("{"), new TextDecoder().decode(stderr));
  return JSON.parse(text) as Record<string, string>;
}
