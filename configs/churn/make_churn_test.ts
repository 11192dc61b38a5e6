import { deepEqual, equal } from "node:assert/strict";
import { CHURN_OPTIONS, makeCustomers, renderCustomers } from "./make_churn.ts";

Deno.test("makeCustomers() makes churn.csv, byte for byte", async () => {
  const committed = await Deno.readTextFile(new URL("churn.csv", import.meta.url));

  equal(renderCustomers(makeCustomers(CHURN_OPTIONS)), committed);
});

Deno.test("makeCustomers() draws other customers from another seed, and the same from the same", () => {
  const options = { rows: 50, seed: 1 };

  deepEqual(makeCustomers(options), makeCustomers(options));
  equal(
    renderCustomers(makeCustomers(options)) ===
      renderCustomers(makeCustomers({ rows: 50, seed: 2 })),
    false,
  );
});

Deno.test("makeCustomers() keeps the shares that DATA.md tells", () => {
  const customers = makeCustomers({ rows: 20_000, seed: 3 });
  const share = (count: number): number => Math.round(100 * count / customers.length);

  equal(share(customers.filter(({ churned }) => churned === "yes").length), 29);
  equal(share(customers.filter(({ monthly_fee }) => monthly_fee === null).length), 6);
  equal(share(customers.filter(({ region }) => region === null).length), 8);
});
