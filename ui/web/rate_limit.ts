/** Lets so many through and no more. */
export interface RateLimit {
  /** Whether one more of this key may pass now. */
  take(key: string): boolean;
}

/** Keys that are remembered; those that were not seen for longest are forgotten, full again. */
const MOST_KEYS = 10_000;

/**
 * A bucket a key, filled at a steady rate.
 *
 * @param now Milliseconds; a test gives its own.
 */
export function openRateLimit(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  now: () => number = Date.now,
): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key) ?? { left: burst, at };
      bucket.left = Math.min(burst, bucket.left + (at - bucket.at) / 1000 * perSecond);
      bucket.at = at;
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > MOST_KEYS) buckets.delete(buckets.keys().next().value!);
      if (bucket.left < 1) return false;
      bucket.left--;
      return true;
    },
  };
}
