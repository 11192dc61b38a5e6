/**
 * Makes churn.csv: customers of a phone company that does not exist. Openly synthetic; every value is
 * drawn here, from a seed, and no person or company stands behind it.
 *
 * Run: deno run --allow-write=configs/churn configs/churn/make_churn.ts
 *
 * @module
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A synthetic customer. `null` is a value that nobody wrote down. */
export interface Customer {
  /** Months since the contract began, 1 to 72. */
  readonly tenure_months: number;
  /** Price of the plan a month, in thousand won; missing for 6 in 100. */
  readonly monthly_fee: number | null;
  /** Calls to the hotline in the last quarter. */
  readonly support_calls: number;
  readonly plan: "basic" | "standard" | "premium";
  /** Missing for 8 in 100. */
  readonly region: "busan" | "daegu" | "incheon" | "seoul" | null;
  readonly payment: "card" | "cash" | "transfer";
  /** Whether the contract was cancelled in the next quarter: the label. */
  readonly churned: "yes" | "no";
}

const PLANS = { basic: 28, standard: 45, premium: 69 } as const;

/** Log odds of leaving that a place of living or a way of paying adds. */
const REGIONS = { busan: 0.6, daegu: -0.8, incheon: 1.1, seoul: 0 } as const;
const PAYMENTS = { card: -1.6, cash: 3, transfer: 0.3 } as const;

/** The column names of churn.csv, in order; the last is the label. */
export const CHURN_COLUMNS: readonly (keyof Customer)[] = [
  "tenure_months",
  "monthly_fee",
  "support_calls",
  "plan",
  "region",
  "payment",
  "churned",
];

/** Draws customers. Who leaves is drawn too, with odds that are high or low: no model can know it all. */
export function makeCustomers(options: { rows: number; seed: number }): Customer[] {
  const generator = xoroshiro128plus(options.seed);
  const random = (): number => uniformFloat64(generator);
  return Array.from({ length: options.rows }, () => makeCustomer(random));
}

function makeCustomer(random: () => number): Customer {
  const plan = pick(random, { basic: 0.4, standard: 0.35, premium: 0.25 });
  const region = pick(random, { seoul: 0.4, busan: 0.25, incheon: 0.2, daegu: 0.15 });
  const payment = pick(random, { card: 0.55, transfer: 0.25, cash: 0.2 });
  const tenure = 1 + Math.floor(72 * random() ** 1.5);
  const fee = Math.round(10 * (PLANS[plan] + 16 * (random() - 0.5))) / 10;
  const calls = drawCount(random, 1.6);
  const logOdds = LOG_ODDS_AT_REST + 2.1 * calls - 0.155 * tenure + 0.1 * (fee - 45) +
    REGIONS[region] + PAYMENTS[payment];
  const chance = 1 / (1 + Math.exp(-logOdds));
  return {
    tenure_months: tenure,
    monthly_fee: random() < 0.06 ? null : fee,
    support_calls: calls,
    plan,
    region: random() < 0.08 ? null : region,
    payment,
    churned: random() < chance ? "yes" : "no",
  };
}

const LOG_ODDS_AT_REST = -1.7;

/** One of the names, with their chances. */
function pick<Name extends string>(
  random: () => number,
  chances: Readonly<Record<Name, number>>,
): Name {
  const names = Object.keys(chances) as Name[];
  let left = random();
  return names.find((name) => (left -= chances[name]) < 0) ?? names[0]!;
}

/** A Poisson number with a mean (Knuth, "The Art of Computer Programming", volume 2, 3.4.1). */
function drawCount(random: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

/** The customers as CSV; no value needs quotes. */
export function renderCustomers(customers: readonly Customer[]): string {
  const lines = customers.map((customer) =>
    CHURN_COLUMNS.map((name) => customer[name] ?? "").join(",")
  );
  return `${[CHURN_COLUMNS.join(","), ...lines].join("\n")}\n`;
}

/** What churn.csv was made with. */
export const CHURN_OPTIONS: { readonly rows: number; readonly seed: number } = {
  rows: 2000,
  seed: 20,
};

if (import.meta.main) {
  const target = new URL("churn.csv", import.meta.url);
  await Deno.writeTextFile(target, renderCustomers(makeCustomers(CHURN_OPTIONS)));
}
