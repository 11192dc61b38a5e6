/** A number for people: thousands in groups, at most four decimals, tiny and huge ones in powers of ten. */
export function renderNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e12)) {
    return String(Number(value.toExponential(2)));
  }
  const [whole = "", decimals] = String(Number(value.toFixed(4))).split(".");
  return decimals === undefined ? groupDigits(whole) : `${groupDigits(whole)}.${decimals}`;
}

/** A whole number in groups of three: `12 300`. */
export function renderCount(value: number): string {
  return groupDigits(String(Math.round(value)));
}

/** `0.4 s`, `41.7 s`, `2 min 05 s`, `1 h 02 min`. */
export function renderDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** `512 B`, `12.3 kB`, `114.0 MB`: powers of 1000. */
export function renderBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  let value = bytes;
  while (value >= 999.95 && power < units.length - 1) {
    value /= 1000;
    power++;
  }
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** A share between 0 and 1 as `71 %`; `99.6 %` where rounding would claim certainty. */
export function renderPercent(share: number): string {
  const percent = share * 100;
  const rounded = Math.round(percent);
  const hidesDoubt = (rounded === 100 && percent < 100) || (rounded === 0 && percent > 0);
  if (!hidesDoubt) return `${rounded} %`;
  if (percent > 99.9) return "> 99.9 %";
  if (percent < 0.1) return "< 0.1 %";
  return `${percent.toFixed(1)} %`;
}

/** How long ago a time was, in the largest whole unit: `just now`, `3 min ago`, `2 days ago`. */
export function renderAge(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 84_600) return `${Math.max(1, Math.round(seconds / 3600))} h ago`;
  const days = Math.max(1, Math.round(seconds / 86_400));
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/** A time in UTC as `2026-11-21 11:09:30 UTC`. */
export function renderTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

/** `1 row`, `2 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${renderCount(count)} ${count === 1 ? one : many}`;
}

function groupDigits(whole: string): string {
  // Four digits are read at a glance only in groups too: 1 437.
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
