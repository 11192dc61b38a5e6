/** @jsxImportSource hono/jsx */
import { equal, ok } from "node:assert/strict";
import type { RunDetail, StepFacts, VersionFacts } from "../../api/mod.ts";
import { Outcome } from "./outcome.tsx";

const step: StepFacts = {
  node: "train",
  step: "train",
  status: "cached",
  duration_ms: 0,
  attempt: 1,
  reason: "nothing changed",
  summary: null,
  cache_key: null,
  error: null,
};

const version: VersionFacts = {
  model: "숫자/8",
  version: 3,
  state: "registered",
  aliases: ["candidate"],
  created_at: "2026-10-14T10:00:00.000Z",
  user: "mina",
  run_id: "0".repeat(32),
  description: "",
  metrics: {},
};

async function outcomeOf(
  run: Partial<RunDetail>,
  versions: readonly VersionFacts[] = [],
): Promise<string> {
  return String(await <Outcome run={run as RunDetail} versions={versions} />);
}

Deno.test("Outcome() of a candidate leads to trying it and deciding about it", async () => {
  const html = await outcomeOf({ status: "succeeded", steps: [step] }, [version]);

  ok(html.includes("숫자/8 version 3 waits for a decision"), html);
  ok(html.includes(`href="/?model=${encodeURIComponent("숫자/8/3")}"`));
  ok(html.includes(`href="/models/${encodeURIComponent("숫자/8")}?decide=3#decide"`));
});

Deno.test("Outcome() of a champion leads to trying it, of a rejected version to no decision", async () => {
  const champion = { ...version, state: "approved", aliases: ["champion"] } as const;
  const rejected = { ...version, state: "rejected", aliases: [] } as const;

  const good = await outcomeOf({ status: "succeeded", steps: [] }, [champion]);
  const bad = await outcomeOf({ status: "succeeded", steps: [] }, [rejected]);

  ok(good.includes("answers every request") && good.includes(">Try it</a>"));
  ok(bad.includes("is rejected") && !bad.includes("decide="));
});

Deno.test("Outcome() of a gate that said no tells what it asked for, and what to do", async () => {
  const gate = { ...step, step: "gate", summary: "failed · accuracy is 0.5, must be >= 0.9" };

  const html = await outcomeOf({ status: "gated", steps: [step, gate] });

  ok(
    html.includes("The gate said no") && html.includes("<p>accuracy is 0.5, must be &gt;= 0.9</p>"),
  );
  ok(html.includes("run it again"));
});

Deno.test("Outcome() of a failed run tells which step failed, why, and what to do", async () => {
  const error = { what: "Cannot read", why: "it is not there", fix: "Use `--set`", code: "a/b" };

  const html = await outcomeOf({ status: "failed", steps: [step, { ...step, error }] });

  ok(html.includes("train failed: Cannot read") && html.includes("it is not there"));
  ok(html.includes("Use <code>--set</code>"));
});

Deno.test("Outcome() says when nothing had changed, and nothing of a run that goes on", async () => {
  const unchanged = await outcomeOf({ status: "succeeded", steps: [step] });
  const running = await outcomeOf({ status: "running", steps: [step] });
  const changed = await outcomeOf({
    status: "succeeded",
    steps: [step, { ...step, status: "succeeded" }],
  });

  ok(unchanged.includes("Nothing had changed"));
  equal(running + changed, "");
});
